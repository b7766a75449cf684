# The program

variable "image" {
  description = "Reference of a published node image, with its digest. Null packs the node from this clone and builds the image on the VMs."
  type        = string
  default     = null

  validation {
    condition     = var.image == null || can(regex("^([a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?/)?[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?@sha256:[0-9a-f]{64}$", var.image))
    error_message = "An image reference with its digest is wanted, such as ghcr.io/owner/kadlab@sha256:<64 hexadecimal digits> (a tag alone may change its meaning under running nodes), or null."
  }
}

variable "base_image" {
  description = "Image that the VMs build the node's image on, where `image` is null."
  type        = string
  default     = "node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./_-]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$", var.base_image))
    error_message = "An image reference such as node:24-bookworm-slim is wanted."
  }
}

variable "pack_url_valid_hours" {
  description = "How long the read-only URL of the pack is valid, from the first apply on. Nodes that run do not need it; a new or replaced VM does."
  type        = number
  default     = 8760
  nullable    = false

  validation {
    condition     = var.pack_url_valid_hours >= 1 && var.pack_url_valid_hours <= 87600 && floor(var.pack_url_valid_hours) == var.pack_url_valid_hours
    error_message = "A whole number of hours from 1 to 87600 (ten years) is allowed."
  }
}

variable "identity" {
  description = "Where the nodes' keys come from. `terraform`: made by Terraform, in the state and in custom data; every peer id is known before boot and outlives its VM. `generated`: made by each node at its first start; no secret anywhere, outputs lack /p2p, and a replaced VM has a new peer id."
  type        = string
  default     = "terraform"
  nullable    = false

  validation {
    condition     = contains(["terraform", "generated"], var.identity)
    error_message = "\"terraform\" and \"generated\" are allowed."
  }
}

variable "log_level" {
  description = "Least level that the nodes log."
  type        = string
  default     = "info"
  nullable    = false

  validation {
    condition     = contains(["trace", "debug", "info", "warn", "error", "silent"], var.log_level)
    error_message = "trace, debug, info, warn, error and silent are allowed."
  }
}

variable "kademlia" {
  description = "Kademlia parameters that differ from the node's defaults: `protocol`, `bucket_size` (k), `parallelism` (alpha), `query_timeout_ms`, `refresh_interval_ms`."
  type = object({
    protocol            = optional(string)
    bucket_size         = optional(number)
    parallelism         = optional(number)
    query_timeout_ms    = optional(number)
    refresh_interval_ms = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^/[!-~]+$", coalesce(var.kademlia.protocol, "/"))) || var.kademlia.protocol == null
    error_message = "kademlia.protocol begins with a slash and has printable ASCII only, such as /ipfs/kad/1.0.0."
  }
  validation {
    condition = (
      try(var.kademlia.bucket_size >= 1 && var.kademlia.bucket_size <= 1000 && floor(var.kademlia.bucket_size) == var.kademlia.bucket_size, var.kademlia.bucket_size == null) &&
      try(var.kademlia.parallelism >= 1 && var.kademlia.parallelism <= 100 && floor(var.kademlia.parallelism) == var.kademlia.parallelism, var.kademlia.parallelism == null)
    )
    error_message = "kademlia.bucket_size is a whole number from 1 to 1000, kademlia.parallelism one from 1 to 100."
  }
  validation {
    condition = (
      try(var.kademlia.query_timeout_ms >= 100 && var.kademlia.query_timeout_ms <= 86400000 && floor(var.kademlia.query_timeout_ms) == var.kademlia.query_timeout_ms, var.kademlia.query_timeout_ms == null) &&
      try(var.kademlia.refresh_interval_ms >= 1000 && var.kademlia.refresh_interval_ms <= 86400000 && floor(var.kademlia.refresh_interval_ms) == var.kademlia.refresh_interval_ms, var.kademlia.refresh_interval_ms == null)
    )
    error_message = "kademlia.query_timeout_ms is a whole number of milliseconds from 100, kademlia.refresh_interval_ms one from 1000, both to 86400000 (a day)."
  }
}

variable "environment" {
  description = "Further variables of the node (README, settings of a node), such as `{ PUT_MIN_COPIES = \"2\" }`. Changed in place, one node after the other."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name, value in var.environment : can(regex("^[A-Z][A-Z0-9_]*$", name)) && can(regex("^[ -~]+$", value)) && length(value) <= 4096])
    error_message = "A name has upper-case letters, digits and underscores; a value 1 to 4096 printable ASCII characters, on one line."
  }
  validation {
    condition     = alltrue([for name, value in var.environment : !contains(local.environment_of_the_module, name)])
    error_message = "These are set by the module itself: ${join(", ", local.environment_of_the_module)}."
  }
}

variable "dial_private_cidrs" {
  description = "Private ranges that nodes may dial, such as a VNet that you peered with. Empty refuses all: peers that announce private addresses would have the nodes scan Azure's network, for which providers send abuse mails."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for cidr in var.dial_private_cidrs :
      can(cidrhost(cidr, 0)) && can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|100\\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.)", cidr)) && try(tonumber(split("/", cidr)[1]), 0) >= 8
    ])
    error_message = "Each entry is a private IPv4 range of /8 or smaller out of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }
}

variable "update_poll_seconds" {
  description = "How often a VM asks the metadata service for a new version."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.update_poll_seconds >= 1 && var.update_poll_seconds <= 3600 && floor(var.update_poll_seconds) == var.update_poll_seconds
    error_message = "A whole number of seconds from 1 to 3600 is allowed."
  }
}

variable "update_timeout_seconds" {
  description = "How long a node with a new version may take until it is ready; then its VM goes back to the version before."
  type        = number
  default     = 180
  nullable    = false

  validation {
    condition     = var.update_timeout_seconds >= 5 && var.update_timeout_seconds <= 3600 && floor(var.update_timeout_seconds) == var.update_timeout_seconds
    error_message = "A whole number of seconds from 5 to 3600 is allowed."
  }
}
