# Every validation, by values just outside of what is allowed: each run holds one wrong value for many variables, and
# expects a complaint about each of them. Right values pass in the other files.

mock_provider "azurerm" {
  source = "./tests/mocks/azurerm"
}

mock_provider "tls" {
  source = "./tests/mocks/tls"
}

# As little as can be planned, for speed.
variables {
  node_count     = 1
  identity       = "generated"
  ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
  image          = "ghcr.io/owner/kadlab@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "first_wrong_values" {
  command = plan
  variables {
    subscription_id        = "none"
    resource_group_name    = "ends with."
    prefix                 = "Kadlab"
    locations              = []
    node_count             = 0
    address_space          = "10.20.0.0/24"
    size                   = ""
    os_disk_size_gb        = 29
    os_disk_type           = "Ultra"
    admin_username         = "admin"
    ssh_public_key         = "~/.ssh/id_ed25519.pub"
    ssh_source_cidrs       = ["0.0.0.0/0"]
    tags                   = { "a/b" = "c" }
    expires_after_hours    = 0
    image                  = "kadlab"
    base_image             = "node 24"
    pack_url_valid_hours   = 0
    identity               = "vault"
    log_level              = "verbose"
    kademlia               = { protocol = "kad" }
    environment            = { "lower" = "x" }
    dial_private_cidrs     = ["20.0.0.0/16"]
    update_poll_seconds    = 0
    update_timeout_seconds = 4
    monitoring_size        = "small"
    prometheus_image       = "prom prometheus"
    grafana_image          = ""
  }
  expect_failures = [
    var.subscription_id,
    var.resource_group_name,
    var.prefix,
    var.locations,
    var.node_count,
    var.address_space,
    var.size,
    var.os_disk_size_gb,
    var.os_disk_type,
    var.admin_username,
    var.ssh_public_key,
    var.ssh_source_cidrs,
    var.tags,
    var.expires_after_hours,
    var.image,
    var.base_image,
    var.pack_url_valid_hours,
    var.identity,
    var.log_level,
    var.kademlia,
    var.environment,
    var.dial_private_cidrs,
    var.update_poll_seconds,
    var.update_timeout_seconds,
    var.monitoring_size,
    var.prometheus_image,
    var.grafana_image,
  ]
}

run "second_wrong_values" {
  command = plan
  variables {
    prefix              = "kadlab-"
    locations           = ["westeurope", "westeurope"]
    node_count          = 51
    address_space       = "20.0.0.0/16"
    size                = "B2ats"
    os_disk_size_gb     = 30.5
    admin_username      = "Me"
    ssh_public_key      = "ssh-rsa AAAA"
    ssh_source_cidrs    = ["::/0"]
    tags                = { kadlab-expires = "never" }
    expires_after_hours = 8761
    image               = "ghcr.io/owner/kadlab:1.0"
    kademlia            = { bucket_size = 0 }
    environment         = { PUT_MIN_COPIES = "" }
    dial_private_cidrs  = ["10.0.0.0/7"]
  }
  expect_failures = [
    var.prefix,
    var.locations,
    var.node_count,
    var.address_space,
    var.size,
    var.os_disk_size_gb,
    var.admin_username,
    var.ssh_public_key,
    var.ssh_source_cidrs,
    var.tags,
    var.expires_after_hours,
    var.image,
    var.kademlia,
    var.environment,
    var.dial_private_cidrs,
  ]
}

run "third_wrong_values" {
  command = plan
  variables {
    prefix             = "a-prefix-longer-than-20"
    locations          = ["West Europe"]
    node_count         = 2.5
    address_space      = "ten"
    ssh_source_cidrs   = ["home"]
    image              = "not an image"
    kademlia           = { parallelism = 1.5 }
    environment        = { PUBLIC_IP = "20.0.0.1" }
    dial_private_cidrs = ["10.0.0.0"]
  }
  expect_failures = [
    var.prefix,
    var.locations,
    var.node_count,
    var.address_space,
    var.ssh_source_cidrs,
    var.image,
    var.kademlia,
    var.environment,
    var.dial_private_cidrs,
  ]
}

run "fourth_wrong_values" {
  command = plan
  variables {
    zones            = ["4"]
    size             = "Standard_D2_v3"
    monitoring_size  = "Standard_A2_v2"
    admin_username   = "actuser"
    ignored_tags     = ["kadlab-node"]
    ssh_source_cidrs = ["0.0.0.0/1", "128.0.0.0/1"]
    image            = "ghcr.io/owner/kadlab@sha256:abc"
    kademlia         = { query_timeout_ms = 1 }
    environment      = { A = "two\nlines" }
  }
  expect_failures = [
    var.zones,
    var.size,
    var.monitoring_size,
    var.admin_username,
    var.ignored_tags,
    var.ssh_source_cidrs,
    var.image,
    var.kademlia,
    var.environment,
  ]
}

run "fifth_wrong_values" {
  command = plan
  variables {
    zones            = ["1", "1"]
    size             = "Standard_B2pts_v2"
    trusted_launch   = true
    ssh_source_cidrs = ["198.51.100.0/24", "198.51.100.7/32"]
    tags             = { Owner = "me" }
    ignored_tags     = ["owner"]
    kademlia         = { refresh_interval_ms = 86400001 }
  }
  expect_failures = [
    var.zones,
    var.trusted_launch,
    var.ssh_source_cidrs,
    var.ignored_tags,
    var.kademlia,
  ]
}

run "sixth_wrong_values" {
  command = plan
  variables {
    tags             = { Owner = "me", owner = "me too" }
    size             = "Standard_F4"
    ssh_source_cidrs = ["2001:db8::/32"]
  }
  expect_failures = [
    var.tags,
    var.size,
    var.ssh_source_cidrs,
  ]
}

run "a_misspelled_region" {
  command = plan
  variables {
    locations = ["westeurop"]
  }
  expect_failures = [var.locations]
}

run "a_region_by_the_name_that_is_shown" {
  command = plan
  variables {
    more_regions = ["West Europe"]
  }
  expect_failures = [var.more_regions]
}

run "zones_in_a_region_without_them" {
  command = plan
  variables {
    locations = ["westeurope", "northcentralus"]
    zones     = ["1"]
  }
  expect_failures = [var.zones]
}
