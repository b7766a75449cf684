# Where and how much

variable "subscription_id" {
  description = "Azure subscription to deploy to. Null takes `ARM_SUBSCRIPTION_ID`, or the default of the az command."
  type        = string
  default     = null

  validation {
    condition     = var.subscription_id == null || can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.subscription_id))
    error_message = "A subscription id is a GUID such as 00000000-0000-0000-0000-000000000000 (`az account list` prints yours), or null."
  }
}

variable "prefix" {
  description = "First part of every name, and the name of the deployment: nodes are `<prefix>-00`, `<prefix>-01`, …"
  type        = string
  default     = "kadlab"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.prefix))
    error_message = "A prefix has 2 to 20 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "resource_group_name" {
  description = "Name of a resource group that exists, for those who may not make one. Null makes `<prefix>-rg`. Another one replaces everything."
  type        = string
  default     = null

  validation {
    condition     = var.resource_group_name == null || can(regex("^[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]$", var.resource_group_name))
    error_message = "A resource group's name has 1 to 90 letters, digits and . _ - ( ), and no full stop at its end; or null."
  }
}

variable "register_resource_providers" {
  description = "Have azurerm register Microsoft.Compute, Microsoft.Network and Microsoft.Storage in the subscription. False for those who may not; somebody else must have done it."
  type        = bool
  default     = true
  nullable    = false
}

variable "prevent_deletion_if_contains_resources" {
  description = "Refuse to destroy the resource group while it holds something that is not the module's, such as what a policy put there. False deletes that too."
  type        = bool
  default     = true
  nullable    = false
}

variable "locations" {
  description = "Azure regions; node i stands in region i modulo their number. With another list, nodes whose region is then another one are replaced, address included."
  type        = list(string)
  default     = ["westeurope"]
  nullable    = false

  validation {
    condition     = length(var.locations) >= 1 && length(var.locations) <= 10 && length(distinct(var.locations)) == length(var.locations)
    error_message = "One to ten different regions are allowed."
  }
  validation {
    condition     = alltrue([for location in var.locations : can(regex("^[a-z][a-z0-9]{3,39}$", location))])
    error_message = "A region is written as `az account list-locations --query [].name` prints it: lower-case letters and digits, such as westeurope."
  }
  validation {
    condition     = length(setsubtract(var.locations, concat(local.known_regions, var.more_regions))) == 0
    error_message = "Not a region that this module knows: ${join(", ", setsubtract(var.locations, concat(local.known_regions, var.more_regions)))}. Misspelled? A region that is newer than the module goes into `more_regions` too. Known: ${join(", ", local.known_regions)}."
  }
}

variable "more_regions" {
  description = "Regions that the module does not know yet, to be allowed in `locations`: new ones, and those of other clouds. They get no zones unless `zones` says so."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for location in var.more_regions : can(regex("^[a-z][a-z0-9]{3,39}$", location))])
    error_message = "A region is written as `az account list-locations --query [].name` prints it: lower-case letters and digits."
  }
}

variable "node_count" {
  description = "Number of nodes, the seed included."
  type        = number
  default     = 3
  nullable    = false

  validation {
    condition     = var.node_count >= 1 && var.node_count <= 50 && floor(var.node_count) == var.node_count
    error_message = "A whole number from 1 to 50 is allowed."
  }
}

variable "zones" {
  description = "Availability zones that the nodes of a region take in turn. Null takes 1, 2 and 3 in regions known to have zones and none elsewhere; [] takes none. With others, the VMs that then stand in another zone are replaced; addresses stay."
  type        = list(string)
  default     = null

  validation {
    condition     = var.zones == null || alltrue([for zone in coalesce(var.zones, []) : contains(["1", "2", "3"], zone)]) && length(distinct(coalesce(var.zones, []))) == length(coalesce(var.zones, []))
    error_message = "Zones are \"1\", \"2\" and \"3\", each at most once; null or [] are allowed too."
  }
  validation {
    condition     = length(coalesce(var.zones, [])) == 0 || alltrue([for location in var.locations : contains(concat(local.regions_with_zones, var.more_regions), location)])
    error_message = "Zones are given, and ${join(", ", [for location in var.locations : location if !contains(concat(local.regions_with_zones, var.more_regions), location)])} is not known to have any. Set zones to null or [], or take regions out of: ${join(", ", local.regions_with_zones)}."
  }
}

variable "address_space" {
  description = "Private range from which each region's VNet takes a /24. The regions' VNets are not peered: nodes reach each other at their public addresses. Remembered: another one counts with `-replace=terraform_data.address_space`."
  type        = string
  default     = "10.20.0.0/16"
  nullable    = false

  validation {
    condition = (
      can(cidrhost(var.address_space, 0)) &&
      can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)", var.address_space)) &&
      try(tonumber(split("/", var.address_space)[1]), 0) >= 8 &&
      try(tonumber(split("/", var.address_space)[1]), 0) <= 20
    )
    error_message = "An IPv4 range of /8 to /20 out of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 is allowed, such as 10.20.0.0/16."
  }
}

variable "subnets_with_security_group" {
  description = "Make each subnet together with its security group, as a part of its network, for policies that refuse a subnet without one. Decided at the first apply and remembered."
  type        = bool
  default     = false
  nullable    = false
}

# The machines

variable "size" {
  description = "VM size of a node. ARM sizes (such as Standard_B2pts_v2) get the ARM image. Changed in place, with a restart; between AMD or Intel and ARM, and where Trusted Launch comes or goes, the VMs are replaced."
  type        = string
  default     = "Standard_B2ats_v2"
  nullable    = false

  validation {
    condition     = can(regex("^Standard_[A-Z][A-Za-z0-9-]*(_[A-Za-z0-9]+)*$", var.size))
    error_message = "A VM size such as Standard_B2ats_v2 is wanted (`az vm list-sizes --location <region>` lists them)."
  }
  validation {
    condition     = !can(regex(local.generation_1_only, var.size))
    error_message = "${var.size} boots images of generation 1 only, and Ubuntu's is one of generation 2. Take a newer family: Bsv2, Dsv5, Dasv5, Fsv2, or for ARM Bpsv2, Dplsv6, Dpsv6, Epsv6."
  }
}

variable "trusted_launch" {
  description = "Secure boot and a virtual TPM. Null has them where the size can: Ampere's ARM sizes (B…p…_v2, D…p…_v5, E…p…_v5) and the M family cannot. Another value replaces the VMs."
  type        = bool
  default     = null

  validation {
    condition     = var.trusted_launch != true || !anytrue([for size in concat([var.size], var.monitoring ? [var.monitoring_size] : []) : can(regex(local.without_trusted_launch, size))])
    error_message = "${join(", ", distinct([for size in [var.size, var.monitoring_size] : size if can(regex(local.without_trusted_launch, size))]))} has no Trusted Launch. ARM sizes that have it: Dplsv6, Dpsv6, Epsv6 (such as Standard_D2pls_v6). Or leave trusted_launch null."
  }
}

variable "os_disk_size_gb" {
  description = "Size of a VM's disk in GiB. May grow, with a restart of the VM; never shrink, which the plan refuses."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.os_disk_size_gb >= 30 && var.os_disk_size_gb <= 4095 && floor(var.os_disk_size_gb) == var.os_disk_size_gb
    error_message = "A whole number from 30 (the size of Ubuntu's image) to 4095 is allowed."
  }
}

variable "os_disk_type" {
  description = "Kind of a VM's disk. Another one replaces the VMs."
  type        = string
  default     = "StandardSSD_LRS"
  nullable    = false

  validation {
    condition     = contains(["Standard_LRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Premium_LRS", "Premium_ZRS"], var.os_disk_type)
    error_message = "Standard_LRS, StandardSSD_LRS, StandardSSD_ZRS, Premium_LRS and Premium_ZRS are allowed."
  }
}

variable "encryption_at_host_enabled" {
  description = "Encrypt disks and caches on the VM's host. The subscription must have the feature EncryptionAtHost registered. Changed in place, with a restart."
  type        = bool
  default     = false
  nullable    = false
}

variable "admin_username" {
  description = "User for SSH on the VMs. Another one replaces them."
  type        = string
  default     = "kadlab"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z_][a-z0-9_-]{0,30}$", var.admin_username)) && !contains(local.forbidden_usernames, var.admin_username)
    error_message = "One to 31 lower-case letters, digits, hyphens and underscores, beginning with a letter or an underscore; Azure refuses ${join(", ", local.forbidden_usernames)}."
  }
}

variable "ssh_public_key" {
  description = "Public key for SSH. Null makes a key, which then stands in the state (output `ssh_private_key`). Another one replaces the VMs."
  type        = string
  default     = null

  validation {
    condition     = var.ssh_public_key == null || can(regex("^(ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}|ssh-rsa AAAAB3NzaC1yc2E[A-Za-z0-9+/]{300,}={0,2})(\\s.*)?\\s*$", var.ssh_public_key))
    error_message = "The one line of a public key is wanted, ssh-ed25519 or ssh-rsa of at least 2048 bits (the content of ~/.ssh/id_ed25519.pub, not its name), or null."
  }
}

variable "ssh_source_cidrs" {
  description = "Ranges from which SSH is let in. Empty closes it."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.ssh_source_cidrs : can(cidrnetmask(cidr))])
    error_message = "Each entry is an IPv4 range such as 198.51.100.7/32; the VMs have no IPv6 address."
  }
  validation {
    condition     = alltrue([for cidr in var.ssh_source_cidrs : try(tonumber(split("/", cidr)[1]), 0) >= 8])
    error_message = "SSH is not opened to the world: a range of /8 or smaller is wanted, at best your own address with /32 (0.0.0.0/0 is refused)."
  }
  validation {
    # The wider of two ranges, cut from either address, is the same network: they overlap.
    condition = alltrue(flatten([
      for index, one in var.ssh_source_cidrs : [
        for other in slice(var.ssh_source_cidrs, index + 1, length(var.ssh_source_cidrs)) : try(
          cidrhost("${split("/", one)[0]}/${min(split("/", one)[1], split("/", other)[1])}", 0) !=
          cidrhost("${split("/", other)[0]}/${min(split("/", one)[1], split("/", other)[1])}", 0),
          true,
        )
      ]
    ]))
    error_message = "Ranges that overlap are refused by Azure: leave out those that lie within another one."
  }
}

variable "tags" {
  description = "Tags on everything, besides the module's own (`kadlab-deployment`, `kadlab-expires`)."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = length(var.tags) <= 40 && alltrue([for name, value in var.tags : can(regex("^[^<>%&\\\\?/]{1,128}$", name)) && length(value) <= 256])
    error_message = "At most 40 tags; a name has 1 to 128 characters and none of < > % & \\ ? /, a value at most 256."
  }
  validation {
    condition     = alltrue([for name, value in var.tags : !startswith(lower(name), "kadlab-")])
    error_message = "Tags that begin with kadlab- are the module's own."
  }
  validation {
    condition     = length(distinct([for name in keys(var.tags) : lower(name)])) == length(var.tags)
    error_message = "Azure does not tell upper from lower case in a tag's name: these differ in nothing else: ${join(", ", sort(flatten([for lowered, names in { for name in keys(var.tags) : lower(name) => name... } : names if length(names) > 1])))}."
  }
}

variable "ignored_tags" {
  description = "Names of tags that others, as a rule policies, put on the module's resources: they are left as they are. Not on the resource group, whose tags the module leaves alone when it is given (`resource_group_name`)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(setintersection([for name in var.ignored_tags : lower(name)], [for name in keys(var.tags) : lower(name)])) == 0 && alltrue([for name in var.ignored_tags : name != "" && !startswith(lower(name), "kadlab-")])
    error_message = "A tag is either ignored or set in `tags`; those that begin with kadlab- are the module's own."
  }
}

variable "expires_after_hours" {
  description = "Hours after which `npm run deployments` lists the deployment as forgotten. Counted from the first apply, or from the one that changes this. Null never expires."
  type        = number
  default     = 72

  validation {
    condition     = var.expires_after_hours == null || coalesce(var.expires_after_hours, 1) >= 1 && coalesce(var.expires_after_hours, 1) <= 8760 && floor(coalesce(var.expires_after_hours, 1)) == coalesce(var.expires_after_hours, 1)
    error_message = "A whole number of hours from 1 to 8760 (a year) is allowed, or null."
  }
}

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
  default     = "node:24-bookworm-slim"
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

# Watching it

variable "monitoring" {
  description = "Add a VM with Prometheus and Grafana, reached through SSH only, and let it alone scrape the nodes' metrics port."
  type        = bool
  default     = false
  nullable    = false
}

variable "monitoring_size" {
  description = "VM size of the monitoring VM."
  type        = string
  default     = "Standard_B2als_v2"
  nullable    = false

  validation {
    condition     = can(regex("^Standard_[A-Z][A-Za-z0-9-]*(_[A-Za-z0-9]+)*$", var.monitoring_size))
    error_message = "A VM size such as Standard_B2als_v2 is wanted (`az vm list-sizes --location <region>` lists them)."
  }
  validation {
    condition     = !can(regex(local.generation_1_only, var.monitoring_size))
    error_message = "${var.monitoring_size} boots images of generation 1 only, and Ubuntu's is one of generation 2. Take a newer family, such as Bsv2 or Dsv5."
  }
}

variable "prometheus_image" {
  description = "Image of Prometheus on the monitoring VM."
  type        = string
  default     = "prom/prometheus:v3.5.0"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./_-]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$", var.prometheus_image))
    error_message = "An image reference such as prom/prometheus:v3.5.0 is wanted."
  }
}

variable "grafana_image" {
  description = "Image of Grafana on the monitoring VM."
  type        = string
  default     = "grafana/grafana:12.1.0"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./_-]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$", var.grafana_image))
    error_message = "An image reference such as grafana/grafana:12.1.0 is wanted."
  }
}
