# One VM with Prometheus and Grafana, in a subnet of its own. It has no open port but SSH's, and only if that is open.
locals {
  monitoring_location = var.locations[0]

  # The rules and dashboards of compose/, as far as there are any; targets and settings are this deployment's.
  compose          = "${path.module}/../compose"
  monitoring_rules = fileset(local.compose, "prometheus/rules/*.{yml,yaml}")
  grafana_files    = fileset(local.compose, "grafana/{provisioning,dashboards}/**/*.{yml,yaml,json}")

  monitoring_files = merge(
    {
      "prometheus/prometheus.yml" = file("${path.module}/files/monitoring/prometheus.yml")
      "prometheus/targets.json" = jsonencode([
        for name in local.node_names : {
          targets = ["${azurerm_public_ip.node[name].ip_address}:${local.metrics_port}"]
          labels  = { node = name, region = local.nodes[name].location }
        }
      ])
      "grafana/provisioning/datasources/prometheus.yml" = file("${path.module}/files/monitoring/datasource.yml")
    },
    { for path in local.monitoring_rules : path => file("${local.compose}/${path}") },
    { for path in local.grafana_files : path => file("${local.compose}/${path}") },
  )

  monitoring_custom_data = join("\n", ["#cloud-config", yamlencode({
    package_update = true
    packages       = ["docker.io", "nftables", "jq", "curl"]
    write_files = concat(
      [for script in ["kadlab-monitoring", "kadlab-guard"] : {
        path        = "/usr/local/sbin/${script}"
        permissions = "0755"
        content     = file("${path.module}/files/${script}")
      }],
      [for unit in ["kadlab-prometheus.service", "kadlab-grafana.service", "kadlab-monitoring.service", "kadlab-guard.service"] : {
        path        = "/etc/systemd/system/${unit}"
        permissions = "0644"
        content     = templatefile("${path.module}/templates/${unit}.tftpl", { poll_seconds = var.update_poll_seconds })
      }],
    )
    runcmd = [
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "kadlab-monitoring.service"],
    ]
  })])
}

resource "azurerm_subnet" "monitoring" {
  count = var.monitoring ? 1 : 0

  name                            = "monitoring"
  resource_group_name             = azurerm_resource_group.this.name
  virtual_network_name            = azurerm_virtual_network.this[local.monitoring_location].name
  address_prefixes                = [cidrsubnet(local.vnet_cidrs[local.monitoring_location], 4, 15)]
  default_outbound_access_enabled = false
}

resource "azurerm_network_security_group" "monitoring" {
  count = var.monitoring ? 1 : 0

  name                = "${var.prefix}-monitoring-nsg"
  resource_group_name = azurerm_resource_group.this.name
  location            = local.monitoring_location
  tags                = local.tags
}

resource "azurerm_network_security_rule" "monitoring" {
  for_each = { for name, rule in local.node_rules : name => rule if var.monitoring && contains(["AllowSsh", "DenyVnet"], name) }

  name                        = each.key
  description                 = each.value.description
  resource_group_name         = azurerm_resource_group.this.name
  network_security_group_name = azurerm_network_security_group.monitoring[0].name
  priority                    = each.value.priority
  direction                   = "Inbound"
  access                      = each.value.access
  protocol                    = each.value.protocol
  source_port_range           = "*"
  destination_port_range      = each.value.port
  source_address_prefix       = length(each.value.sources) == 1 ? one(each.value.sources) : null
  source_address_prefixes     = length(each.value.sources) == 1 ? null : each.value.sources
  destination_address_prefix  = "*"
}

resource "azurerm_subnet_network_security_group_association" "monitoring" {
  count = var.monitoring ? 1 : 0

  subnet_id                 = azurerm_subnet.monitoring[0].id
  network_security_group_id = azurerm_network_security_group.monitoring[0].id
}

resource "azurerm_public_ip" "monitoring" {
  count = var.monitoring ? 1 : 0

  name                    = "${var.prefix}-monitoring-ip"
  resource_group_name     = azurerm_resource_group.this.name
  location                = local.monitoring_location
  sku                     = "Standard"
  allocation_method       = "Static"
  idle_timeout_in_minutes = 30
  tags                    = local.tags
}

resource "azurerm_network_interface" "monitoring" {
  count = var.monitoring ? 1 : 0

  name                = "${var.prefix}-monitoring-nic"
  resource_group_name = azurerm_resource_group.this.name
  location            = local.monitoring_location
  tags                = local.tags

  ip_configuration {
    name                          = "primary"
    subnet_id                     = azurerm_subnet.monitoring[0].id
    private_ip_address_allocation = "Dynamic"
    public_ip_address_id          = azurerm_public_ip.monitoring[0].id
  }
}

resource "azurerm_linux_virtual_machine" "monitoring" {
  count = var.monitoring ? 1 : 0

  name                            = "${var.prefix}-monitoring"
  computer_name                   = "${var.prefix}-monitoring"
  resource_group_name             = azurerm_resource_group.this.name
  location                        = local.monitoring_location
  size                            = var.monitoring_size
  admin_username                  = var.admin_username
  disable_password_authentication = true
  network_interface_ids           = [azurerm_network_interface.monitoring[0].id]
  secure_boot_enabled             = true
  vtpm_enabled                    = true
  encryption_at_host_enabled      = var.encryption_at_host_enabled
  custom_data                     = base64encode(local.monitoring_custom_data)
  # Compressed, because dashboards are long. Targets and dashboards change in place.
  user_data = base64encode(jsonencode({
    schema     = "kadlab.monitoring/1"
    prometheus = var.prometheus_image
    grafana    = var.grafana_image
    files      = base64gzip(jsonencode(local.monitoring_files))
  }))
  tags = local.tags

  admin_ssh_key {
    username   = var.admin_username
    public_key = local.ssh_public_key
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = var.os_disk_type
    disk_size_gb         = var.os_disk_size_gb
  }

  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    sku       = can(regex("^Standard_[A-Z]+[0-9]+(-[0-9]+)?[a-z]*p", var.monitoring_size)) ? "server-arm64" : "server"
    version   = "latest"
  }

  identity {
    type = "SystemAssigned"
  }

  boot_diagnostics {}

  depends_on = [
    azurerm_subnet_network_security_group_association.monitoring,
    azurerm_network_security_rule.monitoring,
  ]

  lifecycle {
    ignore_changes = [custom_data]
  }
}
