# What Azure knows and no plan would say.

locals {
  # By what a VM has once it exists: one that is not there yet is read after it was made. Through a local, since what
  # refers to a VM itself is put off whenever the VM changes at all.
  vm_names   = { for key, vm in azurerm_linux_virtual_machine.this : key => reverse(split("/", vm.id))[0] }
  disk_names = { for key, vm in azurerm_linux_virtual_machine.this : key => vm.os_disk[0].name }
}

data "azurerm_virtual_machine" "this" {
  for_each = var.machines

  name                = local.vm_names[each.key]
  resource_group_name = var.resource_group_name
}

# A VM that a failed change left stopped stays stopped, and Terraform by itself is content.
check "vms_run" {
  assert {
    condition     = alltrue([for vm in data.azurerm_virtual_machine.this : contains(["running", "starting"], vm.power_state)])
    error_message = "Stopped: ${join(", ", [for vm in data.azurerm_virtual_machine.this : vm.name if !contains(["running", "starting"], vm.power_state)])}. Start them: ${join("; ", [for vm in data.azurerm_virtual_machine.this : "az vm start --resource-group ${var.resource_group_name} --name ${vm.name}" if !contains(["running", "starting"], vm.power_state)])}"
  }
}

# Azure makes no disk smaller; azurerm would find out after it has stopped the VM. See the output `disk_sizes_gb`.
data "azurerm_managed_disk" "os" {
  for_each = var.machines

  name                = local.disk_names[each.key]
  resource_group_name = var.resource_group_name
}
