output "public_ips" {
  description = "Key → public IP."
  value       = { for key, ip in azurerm_public_ip.this : key => ip.ip_address }
}

output "public_ip_names" {
  description = "Key → name of the public IP's resource."
  value       = { for key, ip in azurerm_public_ip.this : key => ip.name }
}

output "private_ips" {
  description = "Key → private IP."
  value       = { for key, nic in azurerm_network_interface.this : key => nic.private_ip_address }
}

output "disk_sizes_gb" {
  description = "Key → size of the VM's disk in GiB. Refused where a disk is larger than it shall be."
  value       = { for key, disk in data.azurerm_managed_disk.os : key => disk.disk_size_gb }

  precondition {
    condition     = alltrue([for disk in data.azurerm_managed_disk.os : disk.disk_size_gb <= var.os_disk.size_gb])
    error_message = "A disk may grow, never shrink: os_disk_size_gb is ${var.os_disk.size_gb}, and there are disks of ${join(", ", distinct([for disk in data.azurerm_managed_disk.os : disk.disk_size_gb]))} GiB. Set it to ${max(0, [for disk in data.azurerm_managed_disk.os : disk.disk_size_gb]...)} or more."
  }
}
