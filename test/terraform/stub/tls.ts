import { createHash, generateKeyPairSync } from 'node:crypto'
import type { Behaviour } from './provider.ts'
import { faultsOf } from './rules.ts'

function lengthOf(bytes: Uint8Array): Buffer {
  const prefix = Buffer.alloc(4)
  prefix.writeUInt32BE(bytes.length)
  return prefix
}

/** The bytes of an Ed25519 public key as OpenSSH writes them. */
export function openSshBlob(publicKey: Uint8Array): Buffer {
  const type = Buffer.from('ssh-ed25519')
  return Buffer.concat([lengthOf(type), type, lengthOf(publicKey), publicKey])
}

/** hashicorp/tls as far as the module uses it: new Ed25519 keys. */
export function createTls(): Behaviour {
  return {
    validate: faultsOf,
    forceNew: { tls_private_key: ['algorithm', 'ecdsa_curve', 'rsa_bits'] },
    create(_type, planned) {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519')
      const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
      const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
      return {
        ...planned,
        id: createHash('sha1').update(raw).digest('hex'),
        private_key_pem: pem,
        private_key_pem_pkcs8: pem,
        // What OpenSSH wants is not built: the tests open no SSH.
        private_key_openssh: 'a stub makes no OpenSSH private key',
        public_key_pem: publicKey.export({ type: 'spki', format: 'pem' }),
        public_key_openssh: `ssh-ed25519 ${openSshBlob(raw).toString('base64')}\n`,
        public_key_fingerprint_md5: '',
        public_key_fingerprint_sha256: '',
      }
    },
  }
}
