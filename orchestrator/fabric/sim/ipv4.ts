/** 127.0.0.0/8. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.')
}

export const anyAddress = '0.0.0.0'
export const loopbackAddress = '127.0.0.1'
