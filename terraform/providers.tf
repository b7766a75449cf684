provider "azurerm" {
  subscription_id = var.subscription_id

  # 4.x registers dozens of resource providers by default, 5.x none: what is needed is named here, for both.
  resource_provider_registrations = "none"
  resource_providers_to_register = var.register_resource_providers ? [
    "Microsoft.Compute",
    "Microsoft.Network",
    "Microsoft.Storage",
  ] : []

  features {
    resource_group {
      prevent_deletion_if_contains_resources = var.prevent_deletion_if_contains_resources
    }
  }
}
