# What travels to a VM in user data: Azure changes that in place, and the VM polls it (files/kadlab-rollout).

locals {
  user_id = 1000 # the image's unprivileged user

  # Inside the container; the unit publishes the API on the VM's loopback only.
  api_port = 8080

  environment_of_the_module = [
    "LISTEN_PORT", "LISTEN", "PUBLIC_IP", "BOOTSTRAP", "IDENTITY_FILE", "IDENTITY_SEED", "DATA_DIR", "API_LISTEN",
    "API_TOKEN", "API_PUBLISHED_AT",
    "METRICS", "METRICS_LISTEN", "STDIO_API", "DIAL_PRIVATE", "LOG_LEVEL", "BUILD",
    "KAD_PROTOCOL", "KAD_BUCKET_SIZE", "KAD_PARALLELISM", "KAD_QUERY_TIMEOUT_MS", "KAD_REFRESH_INTERVAL_MS",
  ]

  common_environment = merge(
    {
      LISTEN_PORT   = tostring(local.p2p_port)
      IDENTITY_FILE = var.identity == "terraform" ? "/identity/identity.pem" : "/data/identity.pem"
      DATA_DIR      = "/data"
      API_LISTEN    = "0.0.0.0:${local.api_port}"
      # As the unit publishes it: nobody but the VM, so that no token is needed.
      API_PUBLISHED_AT = "127.0.0.1"
      METRICS          = "yes"
      LOG_LEVEL        = var.log_level
      DIAL_PRIVATE     = length(var.dial_private_cidrs) == 0 ? "no" : join(",", var.dial_private_cidrs)
    },
    var.monitoring ? { METRICS_LISTEN = "0.0.0.0:${local.metrics_port}" } : {},
    {
      for name, value in {
        KAD_PROTOCOL            = var.kademlia.protocol
        KAD_BUCKET_SIZE         = var.kademlia.bucket_size
        KAD_PARALLELISM         = var.kademlia.parallelism
        KAD_QUERY_TIMEOUT_MS    = var.kademlia.query_timeout_ms
        KAD_REFRESH_INTERVAL_MS = var.kademlia.refresh_interval_ms
      } : name => tostring(value) if value != null
    },
    var.environment,
  )

  # The seed alone: with all nodes in it, adding one would change every node.
  environments = {
    for name in local.node_names : name => merge(
      local.common_environment,
      { PUBLIC_IP = module.nodes.public_ips[name] },
      name == local.seed ? {} : { BOOTSTRAP = local.multiaddrs[local.seed] },
    )
  }

  # A release is what a node runs: program and settings. Each node has its own, since settings hold its address; the
  # node tells it as the build part of its agent version, and that is how the next node knows that it is its turn.
  program = var.image != null ? var.image : "${local.pack_version} on ${var.base_image}"
  releases = {
    for name in local.node_names : name => substr(sha256(jsonencode([local.program, local.environments[name]])), 0, 12)
  }

  pack_urls = [
    for version in local.pack_instances : "${azurerm_storage_blob.pack[version].url}${data.azurerm_storage_account_blob_container_sas.pack[0].sas}"
  ]

  # Nothing here depends on a node further down the list, so adding nodes changes no user data of those that are there.
  user_data = {
    for name in local.node_names : name => {
      schema      = "kadlab.vm/1"
      node        = name
      release     = local.releases[name]
      environment = merge(local.environments[name], { BUILD = local.releases[name] })
      image       = var.image
      pack = var.image != null ? null : {
        version    = local.pack_version
        url        = one(local.pack_urls)
        sha256     = one([for digest in terraform_data.pack_sha256 : digest.output])
        base_image = var.base_image
      }
      metrics_port    = var.monitoring ? local.metrics_port : null
      private_cidrs   = var.dial_private_cidrs
      timeout_seconds = var.update_timeout_seconds
      after = local.nodes[name].before == null ? null : {
        node      = local.nodes[name].before
        release   = local.releases[local.nodes[name].before]
        peer_id   = local.peer_ids[local.nodes[name].before]
        public_ip = module.nodes.public_ips[local.nodes[name].before]
      }
    }
  }
}
