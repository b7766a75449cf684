# One VM with Prometheus and Grafana, in a subnet of its own. It has no open port but SSH's, and only if that is open.
locals {
  # The rules and dashboards of compose/, as far as there are any; targets and settings are this deployment's.
  compose          = "${path.module}/../compose"
  prometheus_rules = fileset(local.compose, "prometheus/rules/*.{yml,yaml}")
  grafana_files    = fileset(local.compose, "grafana/{provisioning,dashboards}/**/*.{yml,yaml,json}")

  monitoring_files = merge(
    {
      "prometheus/prometheus.yml" = file("${path.module}/files/monitoring/prometheus.yml")
      "prometheus/targets.json" = jsonencode([
        for name in local.node_names : {
          targets = ["${module.nodes.public_ips[name]}:${local.metrics_port}"]
          labels  = { node = name, region = local.nodes[name].location }
        }
      ])
      "grafana/provisioning/datasources/prometheus.yml" = file("${path.module}/files/monitoring/datasource.yml")
    },
    { for path in local.prometheus_rules : path => file("${local.compose}/${path}") },
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
  count = var.monitoring && !local.subnets_with_security_group ? 1 : 0

  name                            = "monitoring"
  resource_group_name             = local.group.name
  virtual_network_name            = local.network_names[local.monitoring_location]
  address_prefixes                = [cidrsubnet(one(azurerm_virtual_network.this[local.monitoring_location].address_space), 4, 15)]
  default_outbound_access_enabled = false
}

resource "azurerm_network_security_group" "monitoring" {
  count = var.monitoring ? 1 : 0

  name                = "${var.prefix}-monitoring-nsg"
  resource_group_name = local.group.name
  location            = local.monitoring_location
  tags                = merge(lookup(local.foreign_tags, lower("microsoft.network/networksecuritygroups/${var.prefix}-monitoring-nsg"), {}), local.tags)
}

resource "azurerm_network_security_rule" "monitoring" {
  for_each = local.monitoring_rules

  name                        = each.key
  description                 = each.value.description
  resource_group_name         = local.group.name
  network_security_group_name = reverse(split("/", azurerm_network_security_group.monitoring[0].id))[0]
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
  count = length(azurerm_subnet.monitoring)

  subnet_id                 = azurerm_subnet.monitoring[count.index].id
  network_security_group_id = azurerm_network_security_group.monitoring[0].id
}

module "monitoring" {
  source = "./modules/machines"

  machines = !var.monitoring ? {} : {
    monitoring = {
      name     = "${var.prefix}-monitoring"
      location = local.monitoring_location
      subnet_id = (
        local.subnets_with_security_group
        ? "${azurerm_virtual_network.this[local.monitoring_location].id}/subnets/monitoring"
        : azurerm_subnet.monitoring[0].id
      )
      tags     = local.tags
      identity = "none"
    }
  }
  custom_data = { monitoring = local.monitoring_custom_data }
  # Compressed, because dashboards are long. Targets and dashboards change in place.
  user_data = {
    monitoring = jsonencode({
      schema     = "kadlab.monitoring/1"
      prometheus = var.prometheus_image
      grafana    = var.grafana_image
      files      = base64gzip(jsonencode(local.monitoring_files))
    })
  }
  resource_group_name        = local.group.name
  zone_redundant_locations   = local.regions_with_zones
  size                       = var.monitoring_size
  arm                        = can(regex(local.arm_sizes, var.monitoring_size))
  trusted_launch             = local.trusted_launch[var.monitoring_size]
  os_disk                    = { type = var.os_disk_type, size_gb = var.os_disk_size_gb }
  encryption_at_host_enabled = var.encryption_at_host_enabled
  admin_username             = var.admin_username
  ssh_public_key             = local.ssh_public_key
  foreign_tags               = local.foreign_tags
  ready                      = [azurerm_subnet_network_security_group_association.monitoring, azurerm_network_security_rule.monitoring]
}
