mock_provider "azurerm" {
  source = "../../tests/mocks/azurerm"
}

variables {
  machines = {
    one = {
      name      = "kadlab-00"
      location  = "westeurope"
      zone      = "1"
      subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"
      tags      = { kadlab-deployment = "kadlab", kadlab-node = "kadlab-00" }
      identity  = "generated"
    }
    two = {
      name      = "kadlab-01"
      location  = "northcentralus"
      subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes"
      tags      = { kadlab-deployment = "kadlab", kadlab-node = "kadlab-01" }
      identity  = "generated"
    }
  }
  custom_data                = { one = "#cloud-config", two = "#cloud-config" }
  user_data                  = { one = "{}", two = "{}" }
  resource_group_name        = "kadlab-rg"
  zone_redundant_locations   = ["westeurope"]
  size                       = "Standard_B2ats_v2"
  arm                        = false
  trusted_launch             = true
  os_disk                    = { type = "StandardSSD_LRS", size_gb = 30 }
  encryption_at_host_enabled = false
  admin_username             = "kadlab"
  ssh_public_key             = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
}

run "each_has_a_static_address_that_outlives_its_vm" {
  command = plan

  assert {
    condition     = alltrue([for ip in azurerm_public_ip.this : ip.sku == "Standard" && ip.allocation_method == "Static" && ip.idle_timeout_in_minutes == 30])
    error_message = "An address is static, Standard, and idles for 30 minutes."
  }
  assert {
    condition     = azurerm_public_ip.this["one"].zones == toset(["1", "2", "3"]) && length(coalesce(azurerm_public_ip.this["two"].zones, [])) == 0
    error_message = "An address stands in all zones, whatever its VM's is; in a region without zones in none."
  }
}

run "machines_are_closed_and_trusted" {
  command = plan

  assert {
    condition     = alltrue([for vm in azurerm_linux_virtual_machine.this : vm.disable_password_authentication && vm.secure_boot_enabled && vm.vtpm_enabled && vm.identity[0].type == "SystemAssigned" && length(vm.boot_diagnostics) == 1])
    error_message = "SSH key only, Trusted Launch, managed identity, boot diagnostics."
  }
  assert {
    condition     = [for vm in azurerm_linux_virtual_machine.this : coalesce(vm.zone, "-")] == ["1", "-"]
    error_message = "A machine stands in the zone that it is given."
  }
  assert {
    condition     = alltrue([for vm in azurerm_linux_virtual_machine.this : vm.source_image_reference[0].sku == "server" && vm.tags == tomap({ kadlab-deployment = "kadlab", kadlab-node = vm.name })])
    error_message = "An AMD size gets the image for it; tags say what it is."
  }
}

run "arm_gets_the_image_for_it_and_no_secure_boot_where_there_is_none" {
  command = plan
  variables {
    size           = "Standard_B2pts_v2"
    arm            = true
    trusted_launch = false
  }

  assert {
    condition     = alltrue([for vm in azurerm_linux_virtual_machine.this : vm.source_image_reference[0].sku == "server-arm64" && !vm.secure_boot_enabled && !vm.vtpm_enabled])
    error_message = "An ARM size gets the image for it."
  }
}

run "tags_of_others_stay" {
  command = plan
  variables {
    foreign_tags = {
      "microsoft.compute/virtualmachines/kadlab-00"       = { CostCenter = "42" }
      "microsoft.network/publicipaddresses/kadlab-00-ip"  = { CostCenter = "43" }
      "microsoft.network/networkinterfaces/kadlab-00-nic" = { CostCenter = "44" }
    }
  }

  assert {
    condition     = azurerm_linux_virtual_machine.this["one"].tags["CostCenter"] == "42" && azurerm_public_ip.this["one"].tags["CostCenter"] == "43" && azurerm_network_interface.this["one"].tags["CostCenter"] == "44"
    error_message = "What a policy put on a resource stays there."
  }
  assert {
    condition     = !contains(keys(azurerm_linux_virtual_machine.this["two"].tags), "CostCenter")
    error_message = "And on no other."
  }
}

run "custom_data_that_azure_would_refuse" {
  command = plan
  variables {
    custom_data = { one = format("%65536d", 7), two = "" }
  }
  expect_failures = [azurerm_linux_virtual_machine.this]
}

run "user_data_that_azure_would_refuse" {
  command = plan
  variables {
    user_data = { one = "{}", two = format("%65536d", 7) }
  }
  expect_failures = [azurerm_linux_virtual_machine.this]
}
