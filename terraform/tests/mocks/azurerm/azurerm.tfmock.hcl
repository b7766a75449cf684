# Ids as Azure forms them, since the real provider parses them, and addresses that look public.

mock_resource "azurerm_resource_group" {
  defaults        = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg" }
  override_during = plan
}

mock_resource "azurerm_virtual_network" {
  defaults        = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Network/virtualNetworks/vnet" }
  override_during = plan
}

mock_resource "azurerm_subnet" {
  defaults        = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Network/virtualNetworks/vnet/subnets/nodes" }
  override_during = plan
}

mock_resource "azurerm_network_security_group" {
  defaults        = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Network/networkSecurityGroups/nsg" }
  override_during = plan
}

mock_resource "azurerm_public_ip" {
  defaults = {
    id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Network/publicIPAddresses/ip"
    ip_address = "20.50.0.10"
  }
  override_during = plan
}

mock_resource "azurerm_network_interface" {
  defaults = {
    id                 = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Network/networkInterfaces/nic"
    private_ip_address = "10.20.0.4"
  }
  override_during = plan
}

mock_resource "azurerm_storage_account" {
  defaults = {
    id                        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Storage/storageAccounts/kadlab0"
    primary_connection_string = "DefaultEndpointsProtocol=https;AccountName=kadlab0;AccountKey=AAAA;EndpointSuffix=core.windows.net"
  }
  override_during = plan
}

mock_resource "azurerm_storage_container" {
  defaults        = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Storage/storageAccounts/kadlab0/blobServices/default/containers/pack" }
  override_during = plan
}

mock_resource "azurerm_storage_blob" {
  defaults        = { url = "https://kadlab0.blob.core.windows.net/pack/kadlab.tar" }
  override_during = plan
}

mock_data "azurerm_storage_account_blob_container_sas" {
  defaults = { sas = "?sp=r&sig=signature" }
}

mock_resource "azurerm_linux_virtual_machine" {
  defaults        = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/kadlab-rg/providers/Microsoft.Compute/virtualMachines/vm" }
  override_during = plan
}

mock_data "azurerm_resource_group" {
  defaults = {
    id       = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/somebody-elses"
    location = "westeurope"
  }
}

mock_data "azurerm_virtual_machine" {
  defaults = { power_state = "running" }
}

mock_data "azurerm_managed_disk" {
  defaults = { disk_size_gb = 30 }
}
