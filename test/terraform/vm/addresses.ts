/** Azure's instance metadata service: its real address. */
export const METADATA_IP = '169.254.169.254'

/** Where blobs are served: public-looking, on an internet with no way out. */
export const BLOB_IP = '20.60.0.1'

/** The gateway of every virtual machine, as the first address of Azure's subnets is. */
export const GATEWAY = '10.20.0.1'
