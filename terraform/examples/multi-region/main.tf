# Six nodes in three regions, watched by Prometheus and Grafana, with SSH from one address.

variable "my_address" {
  description = "Your own address, for SSH: `curl -4 ifconfig.me`."
  type        = string
}

variable "ssh_public_key" {
  description = "The content of ~/.ssh/id_ed25519.pub."
  type        = string
}

module "cluster" {
  source = "../.."

  prefix              = "planet"
  locations           = ["westeurope", "eastus", "southeastasia"]
  node_count          = 6
  ssh_source_cidrs    = ["${var.my_address}/32"]
  ssh_public_key      = var.ssh_public_key
  monitoring          = true
  expires_after_hours = 24
}

output "multiaddrs" {
  description = "Name → multiaddr."
  value       = module.cluster.multiaddrs
}

output "ssh_commands" {
  description = "Name → SSH command; the monitoring VM's forwards Grafana to http://127.0.0.1:3000."
  value       = module.cluster.ssh_commands
}

output "hosts" {
  description = "For `npm run doctor -- --hosts -`."
  value       = module.cluster.hosts
}
