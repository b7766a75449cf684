# image = null: this apply packs the node, uploads the pack to a private container, and the VMs fetch it by a
# read-only URL. The pack's version is known at plan time, from its sources alone; the same sources give the same bytes.
locals {
  project = "${path.module}/.."
  packed  = var.image == null

  # What the pack's bytes depend on. scripts/pack/pack.ts has the same list and refuses to pack under another version.
  pack_patterns = [
    "node/**/*.ts",
    "package.json",
    "package-lock.json",
    "scripts/pack/bundle.ts",
    "scripts/pack/bundle/*.ts",
    "scripts/pack/pack.ts",
    "scripts/pack/tar.ts",
    "terraform/pack/Dockerfile",
  ]
  pack_sources = !local.packed ? [] : sort(distinct(flatten([for pattern in local.pack_patterns : tolist(fileset(local.project, pattern))])))
  pack_version = !local.packed ? null : substr(sha256(join("", [for source in local.pack_sources : "${source} ${filesha256("${local.project}/${source}")}\n"])), 0, 16)
  pack_file    = !local.packed ? null : "${path.module}/.pack/kadlab-${local.pack_version}.tar"

  pack_instances = toset(compact([local.pack_version]))
}

# One instance for each version, so that a new version is a new instance and the digest below starts afresh.
resource "terraform_data" "pack" {
  for_each = local.pack_instances

  input = each.key

  provisioner "local-exec" {
    command     = "node terraform/pack/make.mjs ${each.key}"
    working_dir = local.project
  }
}

# The SHA-256 of the pack's bytes, remembered: a fresh clone with the same state has no pack file and needs none.
resource "terraform_data" "pack_sha256" {
  for_each = local.pack_instances

  input = try(filesha256("${path.module}/.pack/kadlab-${terraform_data.pack[each.key].output}.tar"), "absent")

  lifecycle {
    ignore_changes = [input]
    postcondition {
      condition     = self.output != "absent"
      error_message = "The pack was not made: see the output of terraform_data.pack above."
    }
  }
}

# Azure wants a name that nobody else has: the id of a group of our own holds subscription and prefix.
locals {
  storage_account_name = "kadlab${substr(sha256(lower(var.resource_group_name == null ? local.group.id : "${local.group.id}/${var.prefix}")), 0, 18)}"
}

resource "azurerm_storage_account" "pack" {
  count = local.packed ? 1 : 0

  name                            = local.storage_account_name
  resource_group_name             = local.group.name
  location                        = local.group.location
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  min_tls_version                 = "TLS1_2"
  https_traffic_only_enabled      = true
  allow_nested_items_to_be_public = false
  # A read-only URL that needs no role is signed with the account's key.
  shared_access_key_enabled = true
  local_user_enabled        = false
  tags                      = merge(lookup(local.foreign_tags, lower("microsoft.storage/storageaccounts/${local.storage_account_name}"), {}), local.tags)
}

resource "azurerm_storage_container" "pack" {
  count = local.packed ? 1 : 0

  name                  = "pack"
  storage_account_id    = azurerm_storage_account.pack[0].id
  container_access_type = "private"
}

resource "azurerm_storage_blob" "pack" {
  for_each = local.pack_instances

  name                 = "kadlab-${each.key}.tar"
  storage_container_id = azurerm_storage_container.pack[0].id
  type                 = "Block"
  source               = local.pack_file
  content_type         = "application/x-tar"
  metadata             = { sha256 = terraform_data.pack_sha256[each.key].output }

  lifecycle {
    # The old pack goes when no VM's user data names it any more.
    create_before_destroy = true
  }
}

# The URL's validity is remembered too. Renew: terraform apply -replace='terraform_data.pack_url_validity[0]'
resource "terraform_data" "pack_url_validity" {
  count = local.packed ? 1 : 0

  input = {
    # Azure's clocks may be a little behind.
    start  = timeadd(plantimestamp(), "-15m")
    expiry = timeadd(plantimestamp(), "${var.pack_url_valid_hours}h")
  }
  triggers_replace = [var.pack_url_valid_hours]

  lifecycle {
    ignore_changes = [input]
  }
}

data "azurerm_storage_account_blob_container_sas" "pack" {
  count = local.packed ? 1 : 0

  connection_string = azurerm_storage_account.pack[0].primary_connection_string
  container_name    = azurerm_storage_container.pack[0].name
  https_only        = true
  start             = terraform_data.pack_url_validity[0].output.start
  expiry            = terraform_data.pack_url_validity[0].output.expiry

  permissions {
    read   = true
    add    = false
    create = false
    write  = false
    delete = false
    list   = false
  }
}

check "pack_url_is_valid" {
  assert {
    condition     = alltrue([for validity in terraform_data.pack_url_validity : timecmp(plantimestamp(), validity.input.expiry) < 0])
    error_message = "The URL of the pack has expired. Nodes that run go on; a new or replaced VM cannot fetch the pack. Renew it, in place: terraform apply -replace='terraform_data.pack_url_validity[0]'"
  }
}
