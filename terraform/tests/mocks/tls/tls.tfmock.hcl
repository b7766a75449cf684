# The key made from 32 bytes of 01: 12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5.
mock_resource "tls_private_key" {
  defaults = {
    public_key_openssh    = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n"
    private_key_pem_pkcs8 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\n-----END PRIVATE KEY-----\n"
    private_key_openssh   = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
  }
  override_during = plan
}
