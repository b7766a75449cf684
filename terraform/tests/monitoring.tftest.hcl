mock_provider "azurerm" {
  source = "./tests/mocks/azurerm"
}

mock_provider "tls" {
  source = "./tests/mocks/tls"
}

override_resource {
  target          = terraform_data.expiry
  values          = { output = "2026-01-04T00:00:00Z" }
  override_during = plan
}

override_resource {
  target          = terraform_data.pack_url_validity
  values          = { output = { start = "2026-01-01T00:00:00Z", expiry = "2027-01-01T00:00:00Z" } }
  override_during = plan
}

override_resource {
  target          = terraform_data.pack
  values          = { output = "0000000000000000" }
  override_during = plan
}

override_resource {
  target          = terraform_data.pack_sha256
  values          = { output = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  override_during = plan
}

# The monitoring option.

variables {
  monitoring = true
}

run "metrics_are_open_to_the_monitoring_vm_alone" {
  command = plan

  assert {
    condition = { for rule in azurerm_network_security_rule.nodes : rule.name => [rule.access, rule.protocol, rule.source_address_prefix, rule.destination_port_range] } == {
      AllowKademlia = ["Allow", "Tcp", "*", "3000"]
      AllowMetrics  = ["Allow", "Tcp", "20.50.0.10/32", "9464"]
      DenyVnet      = ["Deny", "*", "VirtualNetwork", "*"]
    }
    error_message = "One more rule, for one address."
  }
  assert {
    condition     = alltrue([for node in local.user_data : node.metrics_port == 9464 && node.environment["METRICS_LISTEN"] == "0.0.0.0:9464" && node.environment["API_LISTEN"] == "0.0.0.0:8080"])
    error_message = "Nodes serve metrics on a second port; the API stays where it was."
  }
}

run "the_monitoring_vm_has_no_open_port" {
  command = plan

  assert {
    condition     = [for rule in azurerm_network_security_rule.monitoring : rule.name] == ["DenyVnet"]
    error_message = "SSH is closed by default, and nothing else is open."
  }
  assert {
    condition     = strcontains(local.monitoring_custom_data, "--publish 127.0.0.1:9090:9090/tcp") && strcontains(local.monitoring_custom_data, "--publish 127.0.0.1:3000:3000/tcp")
    error_message = "Prometheus and Grafana are on the VM's loopback."
  }
  assert {
    condition     = length(base64gzip(jsonencode(local.monitoring_files))) < 65000
    error_message = "User data has at most 65535 bytes."
  }
}

run "ssh_reaches_it_from_the_ranges_given" {
  command = plan
  variables {
    ssh_source_cidrs = ["198.51.100.7/32"]
  }

  assert {
    condition     = [for rule in azurerm_network_security_rule.monitoring : rule.name] == ["AllowSsh", "DenyVnet"] && azurerm_network_security_rule.monitoring["AllowSsh"].source_address_prefix == "198.51.100.7/32"
    error_message = "SSH only."
  }
}

run "prometheus_scrapes_every_node" {
  command = plan
  variables {
    node_count = 4
    locations  = ["westeurope", "eastus"]
  }

  assert {
    condition     = [for target in jsondecode(local.monitoring_files["prometheus/targets.json"]) : "${target.labels.node} ${one(target.targets)}"] == ["kadlab-00 20.50.0.10:9464", "kadlab-01 20.50.0.10:9464", "kadlab-02 20.50.0.10:9464", "kadlab-03 20.50.0.10:9464"]
    error_message = "One target for each node."
  }
}
