# Addresses of earlier versions. A state that has them is carried over, and nothing is replaced.

moved {
  from = azurerm_resource_group.this
  to   = azurerm_resource_group.this[0]
}

moved {
  from = azurerm_public_ip.node
  to   = module.nodes.azurerm_public_ip.this
}

moved {
  from = azurerm_network_interface.node
  to   = module.nodes.azurerm_network_interface.this
}

moved {
  from = azurerm_linux_virtual_machine.node
  to   = module.nodes.azurerm_linux_virtual_machine.this
}

moved {
  from = terraform_data.identity
  to   = module.nodes.terraform_data.identity
}

moved {
  from = azurerm_public_ip.monitoring[0]
  to   = module.monitoring.azurerm_public_ip.this["monitoring"]
}

moved {
  from = azurerm_network_interface.monitoring[0]
  to   = module.monitoring.azurerm_network_interface.this["monitoring"]
}

moved {
  from = azurerm_linux_virtual_machine.monitoring[0]
  to   = module.monitoring.azurerm_linux_virtual_machine.this["monitoring"]
}
