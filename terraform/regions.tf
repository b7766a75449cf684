# Azure's regions, as Microsoft lists them. New ones are appended: a number is never given again, since it decides which
# /24 of the address space a region's network takes. 0 to 15 are not given: there, earlier versions put networks by the
# region's place in `locations`.
locals {
  # Regions with availability zones that every subscription can use.
  numbers_of_regions_with_zones = {
    australiaeast      = 16
    austriaeast        = 17
    belgiumcentral     = 18
    brazilsouth        = 19
    canadacentral      = 20
    centralindia       = 21
    centralus          = 22
    chilecentral       = 23
    eastasia           = 24
    eastus             = 25
    eastus2            = 26
    francecentral      = 27
    germanywestcentral = 28
    indonesiacentral   = 29
    israelcentral      = 30
    italynorth         = 31
    japaneast          = 32
    japanwest          = 33
    koreacentral       = 34
    malaysiawest       = 35
    mexicocentral      = 36
    newzealandnorth    = 37
    northeurope        = 38
    norwayeast         = 39
    polandcentral      = 40
    qatarcentral       = 41
    southafricanorth   = 42
    southcentralus     = 43
    southeastasia      = 44
    spaincentral       = 45
    swedencentral      = 46
    switzerlandnorth   = 47
    uaenorth           = 48
    uksouth            = 49
    westeurope         = 50
    westus2            = 51
    westus3            = 52
  }
  # Regions without, or with zones that not everybody can use: they get none, which every region accepts.
  numbers_of_other_regions = {
    australiacentral   = 53
    australiacentral2  = 54
    australiasoutheast = 55
    brazilsoutheast    = 56
    canadaeast         = 57
    denmarkeast        = 58
    francesouth        = 59
    germanynorth       = 60
    jioindiacentral    = 61
    jioindiawest       = 62
    koreasouth         = 63
    northcentralus     = 64
    norwaywest         = 65
    southafricawest    = 66
    southindia         = 67
    swedensouth        = 68
    switzerlandwest    = 69
    taiwannorth        = 70
    uaecentral         = 71
    ukwest             = 72
    westcentralus      = 73
    westindia          = 74
    westus             = 75
  }

  regions_with_zones = keys(local.numbers_of_regions_with_zones)
  known_regions      = sort(concat(local.regions_with_zones, keys(local.numbers_of_other_regions)))

  # A region that is not listed here has a number from its name, 128 and up.
  region_numbers = merge(
    { for location in var.more_regions : location => 128 + parseint(substr(sha256(location), 0, 4), 16) % 128 },
    local.numbers_of_other_regions,
    local.numbers_of_regions_with_zones,
  )
}
