# Three nodes in one region, everything at its default. Wants nothing but an Azure login:
#   terraform init && terraform apply

module "cluster" {
  source = "../.."
}

output "bootstrap_multiaddr" {
  description = "What others put into BOOTSTRAP to join."
  value       = module.cluster.bootstrap_multiaddr
}

output "hosts" {
  description = "For `npm run doctor -- --hosts -`."
  value       = module.cluster.hosts
}
