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
