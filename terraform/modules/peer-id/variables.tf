variable "public_key_openssh" {
  description = "An Ed25519 public key in OpenSSH form, as `tls_private_key.public_key_openssh` gives it. A comment after the key is allowed."
  type        = string
  nullable    = false

  validation {
    # 51 bytes of blob are 68 characters of base64: length and type name, length and 32 bytes of key.
    condition     = can(regex("^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}(\\s|$)", var.public_key_openssh))
    error_message = "An Ed25519 public key in OpenSSH form is wanted: \"ssh-ed25519 \" and 68 characters of base64 that begin with AAAAC3NzaC1lZDI1NTE5AAAAI."
  }
}
