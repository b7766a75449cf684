provider "azurerm" {
  subscription_id = var.subscription_id

  # 4.x registers dozens of resource providers by default, 5.x none: what is needed is named here, for both.
  resource_provider_registrations = "none"
  resource_providers_to_register = [
    "Microsoft.Compute",
    "Microsoft.Network",
    "Microsoft.Storage",
  ]

  features {}
}
