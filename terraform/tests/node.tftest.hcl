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

# What a node is told: user data (changes in place) and custom data (never changes).

run "the_bootstrap_list_is_the_seed_alone" {
  command = plan
  variables {
    node_count = 5
  }

  assert {
    condition     = [for node in local.user_data : lookup(node.environment, "BOOTSTRAP", "none")] == concat(["none"], [for _ in range(4) : output.bootstrap_multiaddr])
    error_message = "The seed joins nobody, all others join the seed."
  }
  assert {
    condition     = output.bootstrap_multiaddr == "/ip4/20.50.0.10/tcp/3000/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"
    error_message = "The seed's multiaddr holds its public address and the peer id of its key."
  }
  assert {
    condition     = [for node in local.user_data : node.after == null ? "first" : node.after.node] == ["first", "kadlab-00", "kadlab-01", "kadlab-02", "kadlab-03"]
    error_message = "Each node comes after the one before it, by name."
  }
}

run "a_node_announces_its_address_and_keeps_the_api_to_itself" {
  command = plan

  assert {
    condition = local.user_data["kadlab-01"].environment == {
      LISTEN_PORT      = "3000"
      PUBLIC_IP        = "20.50.0.10"
      BOOTSTRAP        = "/ip4/20.50.0.10/tcp/3000/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"
      IDENTITY_FILE    = "/identity/identity.pem"
      DATA_DIR         = "/data"
      API_LISTEN       = "0.0.0.0:8080"
      API_PUBLISHED_AT = "127.0.0.1"
      METRICS          = "yes"
      LOG_LEVEL        = "info"
      DIAL_PRIVATE     = "no"
      BUILD            = local.releases["kadlab-01"]
    }
    error_message = "The environment is not the expected one."
  }
  assert {
    condition     = strcontains(local.custom_data["kadlab-01"], "--publish 127.0.0.1:8080:8080/tcp $METRICS") && !strcontains(local.custom_data["kadlab-01"], "--network host")
    error_message = "The API is published on the VM's loopback."
  }
  assert {
    condition     = local.user_data["kadlab-01"].metrics_port == null
    error_message = "Without monitoring no metrics port is published."
  }
}

run "a_pack_is_fetched_and_checked" {
  command = plan

  assert {
    condition     = local.user_data["kadlab-00"].image == null
    error_message = "image = null packs."
  }
  assert {
    condition     = length(local.user_data["kadlab-00"].pack.sha256) == 64 && local.user_data["kadlab-00"].pack.version == output.pack_version
    error_message = "The VM gets the digest."
  }
  assert {
    condition     = can(regex("^[0-9a-f]{16}$", output.pack_version)) && azurerm_storage_blob.pack[output.pack_version].name == "kadlab-${output.pack_version}.tar"
    error_message = "The version is known at plan time, from the sources."
  }
  assert {
    condition     = azurerm_storage_container.pack[0].container_access_type == "private" && azurerm_storage_account.pack[0].allow_nested_items_to_be_public == false
    error_message = "The pack's container is private."
  }
  assert {
    condition     = [for permission, allowed in data.azurerm_storage_account_blob_container_sas.pack[0].permissions[0] : permission if coalesce(allowed, false)] == ["read"]
    error_message = "The URL reads and does nothing else."
  }
}

run "a_published_image_needs_no_storage" {
  command = plan
  variables {
    image = "ghcr.io/somebody/kadlab@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }

  assert {
    condition     = length(azurerm_storage_account.pack) + length(azurerm_storage_container.pack) + length(azurerm_storage_blob.pack) == 0
    error_message = "Nothing is uploaded."
  }
  assert {
    condition     = local.user_data["kadlab-00"].image == var.image && local.user_data["kadlab-00"].pack == null
    error_message = "The VM pulls the image."
  }
}

run "settings_travel_in_user_data_alone" {
  command = plan
  variables {
    log_level          = "debug"
    kademlia           = { protocol = "/mine/kad/1.0.0", bucket_size = 8, query_timeout_ms = 10000 }
    environment        = { PUT_MIN_COPIES = "2" }
    dial_private_cidrs = ["10.30.0.0/16"]
  }

  assert {
    condition = alltrue([for name, value in {
      LOG_LEVEL = "debug", KAD_PROTOCOL = "/mine/kad/1.0.0", KAD_BUCKET_SIZE = "8", KAD_QUERY_TIMEOUT_MS = "10000", PUT_MIN_COPIES = "2", DIAL_PRIVATE = "10.30.0.0/16"
    } : local.user_data["kadlab-02"].environment[name] == value])
    error_message = "The settings reach the node's environment."
  }
  assert {
    condition     = !strcontains(local.custom_data["kadlab-02"], "/mine/kad/1.0.0") && !strcontains(local.custom_data["kadlab-02"], local.releases["kadlab-02"])
    error_message = "Custom data holds nothing that may change."
  }
  assert {
    condition     = output.hosts.protocol == "/mine/kad/1.0.0"
    error_message = "`hosts` tells the protocol."
  }
}

run "custom_data_is_cloud_config_of_a_size_that_azure_takes" {
  command = plan
  variables {
    node_count = 50
    image      = "ghcr.io/somebody/kadlab@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }

  assert {
    condition     = alltrue([for data in local.custom_data : startswith(data, "#cloud-config\n") && can(yamldecode(data)) && length(data) < 32768])
    error_message = "Half of Azure's 65535 bytes must suffice."
  }
  assert {
    condition     = alltrue([for data in local.user_data : length(jsonencode(data)) < 4096])
    error_message = "User data is small, however many nodes there are."
  }
  assert {
    condition     = alltrue([for entry in yamldecode(local.custom_data["kadlab-00"]).write_files : !can(entry.owner) && can(regex("^0[0-7]{3}$", entry.permissions))])
    error_message = "Modes are texts, and no owner is given: cloud-init takes names only."
  }
  assert {
    condition     = [for entry in yamldecode(local.custom_data["kadlab-00"]).write_files : entry.permissions if entry.path == "/etc/kadlab/identity/identity.pem"] == ["0400"]
    error_message = "The key is readable by its owner alone."
  }
}

run "generated_identities_leave_no_secret_anywhere" {
  command = plan
  variables {
    identity       = "generated"
    ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU somebody"
  }

  assert {
    condition     = length(tls_private_key.node) + length(tls_private_key.ssh) == 0
    error_message = "No key is made by Terraform."
  }
  assert {
    condition     = alltrue([for data in local.custom_data : !strcontains(data, "PRIVATE KEY")])
    error_message = "No key is in custom data."
  }
  assert {
    condition     = output.bootstrap_multiaddr == "/ip4/20.50.0.10/tcp/3000" && local.user_data["kadlab-01"].environment["BOOTSTRAP"] == "/ip4/20.50.0.10/tcp/3000"
    error_message = "The seed is dialled by address."
  }
  assert {
    condition     = local.user_data["kadlab-01"].environment["IDENTITY_FILE"] == "/data/identity.pem" && local.user_data["kadlab-01"].after.peer_id == null
    error_message = "The key is the node's own, and the node before is known by its address."
  }
  assert {
    condition     = output.ssh_private_key == null
    error_message = "The user's own SSH key stays the user's."
  }
}

run "hosts_is_what_the_doctor_takes" {
  command = plan
  variables {
    ssh_source_cidrs = ["198.51.100.7/32"]
  }

  assert {
    condition = output.hosts.schema == "kadlab.hosts/1" && output.hosts.seed == "kadlab-00" && output.hosts.hosts[0] == {
      name      = "kadlab-00"
      region    = "westeurope"
      zone      = "1"
      publicIp  = "20.50.0.10"
      privateIp = "10.20.0.4"
      port      = 3000
      peerId    = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"
      multiaddr = "/ip4/20.50.0.10/tcp/3000/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"
      release   = local.releases["kadlab-00"]
      ssh       = "kadlab@20.50.0.10"
      azure = {
        resourceGroup        = "kadlab-rg"
        virtualMachine       = "kadlab-00"
        networkSecurityGroup = "kadlab-westeurope-nodes-nsg"
        securityRule         = "AllowKademlia"
        publicIpAddress      = "kadlab-00-ip"
      }
    }
    error_message = "The shape of `hosts` is a contract."
  }
}
