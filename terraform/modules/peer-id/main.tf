# The libp2p peer id of an Ed25519 key, computed from its OpenSSH form: no program, no provider.
#
# A peer id of Ed25519 is the identity multihash of the key's protobuf (libp2p specs, peer-ids):
#   00 24       identity multihash of 36 bytes
#   08 01       KeyType: Ed25519
#   12 20       Data: 32 bytes, the raw public key
# in base58btc. Bits are kept as text, because a Terraform number holds 512 bits exactly but has no bit operations.

locals {
  base64_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  base58_alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
  base64_bits     = { for value, character in split("", local.base64_alphabet) : character => format("%06b", value) }

  blob      = split(" ", trimspace(var.public_key_openssh))[1]
  blob_bits = join("", [for character in split("", local.blob) : local.base64_bits[character]])
  # 19 bytes precede the raw key: two lengths of 4 bytes and the type name of 11.
  key_bits = substr(local.blob_bits, 152, 256)

  multihash = parseint("000000000010010000001000000000010001001000100000${local.key_bits}", 2)

  # 58^50 … 58^0. pow() would round to 53 bits; parseint of "1000…" in base 58 is exact.
  place_values = [for digits in range(50, -1, -1) : parseint(format("1%s", join("", [for _ in range(digits) : "0"])), 58)]

  # The leading zero byte is the leading "1"; the other 37 bytes always fill 51 digits.
  peer_id = "1${join("", [for place in local.place_values : substr(local.base58_alphabet, floor(local.multihash / place) % 58, 1)])}"
}
