variable "machines" {
  description = "The VMs by key: name, region, zone (null for none), subnet, tags, and a text whose change replaces the VM."
  type = map(object({
    name      = string
    location  = string
    zone      = optional(string)
    subnet_id = string
    tags      = map(string)
    identity  = string
  }))
  nullable = false
}

variable "custom_data" {
  description = "Cloud-config of each VM, by key. Read at the first boot alone: another one is for new VMs."
  type        = map(string)
  nullable    = false
}

variable "user_data" {
  description = "User data of each VM, by key. Changed in place."
  type        = map(string)
  nullable    = false
}

variable "resource_group_name" {
  description = "Name of the resource group."
  type        = string
  nullable    = false
}

variable "zone_redundant_locations" {
  description = "Regions whose public addresses stand in all three zones, and so outlive a move of their VM to another zone."
  type        = list(string)
  nullable    = false
}

variable "size" {
  description = "VM size."
  type        = string
  nullable    = false
}

variable "arm" {
  description = "Whether the size has an ARM processor."
  type        = bool
  nullable    = false
}

variable "trusted_launch" {
  description = "Secure boot and a virtual TPM."
  type        = bool
  nullable    = false
}

variable "os_disk" {
  description = "Kind and size in GiB of each VM's disk."
  type = object({
    type    = string
    size_gb = number
  })
  nullable = false
}

variable "encryption_at_host_enabled" {
  description = "Encrypt disks and caches on the VM's host."
  type        = bool
  nullable    = false
}

variable "admin_username" {
  description = "User for SSH."
  type        = string
  nullable    = false
}

variable "ssh_public_key" {
  description = "Public key for SSH."
  type        = string
  nullable    = false
}

variable "foreign_tags" {
  description = "Tags that others keep on resources, by the lower-case `type/name` of the resource: they stay as they are."
  type        = map(map(string))
  default     = {}
  nullable    = false
}

variable "ready" {
  description = "What must stand before a VM boots: the security group at its subnet, with all rules."
  type        = any
  default     = null
}
