/**
 * Attributes whose change replaces the resource, as azurerm's sources say (ForceNew). A dot leads into the first block
 * of a name.
 */
export const FORCE_NEW: Readonly<Record<string, readonly string[]>> = {
  azurerm_resource_group: ['name', 'location'],
  azurerm_virtual_network: ['name', 'resource_group_name', 'location'],
  azurerm_subnet: ['name', 'resource_group_name', 'virtual_network_name'],
  azurerm_network_security_group: ['name', 'resource_group_name', 'location'],
  azurerm_network_security_rule: ['name', 'resource_group_name', 'network_security_group_name'],
  azurerm_subnet_network_security_group_association: ['subnet_id', 'network_security_group_id'],
  azurerm_public_ip: ['name', 'resource_group_name', 'location', 'sku', 'zones'],
  azurerm_network_interface: ['name', 'resource_group_name', 'location'],
  azurerm_linux_virtual_machine: [
    'name',
    'resource_group_name',
    'location',
    'zone',
    'computer_name',
    'custom_data',
    'admin_username',
    'admin_ssh_key',
    'disable_password_authentication',
    'secure_boot_enabled',
    'vtpm_enabled',
    'source_image_reference',
    'os_disk.storage_account_type',
    'os_disk.name',
  ],
  azurerm_storage_account: ['name', 'resource_group_name', 'location'],
  azurerm_storage_container: ['name', 'storage_account_id'],
  azurerm_storage_blob: ['name', 'storage_container_id', 'type', 'source', 'source_content'],
}
