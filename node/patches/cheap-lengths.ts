import { noise } from '@chainsafe/libp2p-noise'
import { wrap } from './wrap.ts'

type MakeNoise = ReturnType<typeof noise>

/** The part of noise's stream that cuts what comes into messages (`LengthPrefixedDecoder` of @libp2p/utils). */
interface Decoding {
  readonly decoder: { lengthDecoder(data: { readonly byteLength: number }): number }
}

/** As noise's own, made once: it says that more has to come, and nobody reads it. */
const TOO_SHORT = new RangeError('Could not decode int16BE')

/**
 * noise that looks for the next message without an error where there is none yet. Stock noise throws a new one, with the
 * stack at which it was made, after each message that comes: a twentieth of what a small message costs.
 */
export function noiseWithCheapLengths(): MakeNoise {
  const make = noise()
  return (...components) => {
    const encrypter = make(...components)
    for (const way of ['secureInbound', 'secureOutbound'] as const) {
      wrap(encrypter, way, (secure) => async (connection, options) => {
        const secured = await secure(connection, options)
        const { decoder } = secured.connection as unknown as Decoding
        wrap(decoder, 'lengthDecoder', (decode) => (data) => {
          if (data.byteLength < 2) throw TOO_SHORT
          return decode(data)
        })
        return secured
      })
    }
    return encrypter
  }
}
