# What a VM size can do, by its name, as Microsoft's lists have it.
locals {
  # A p after the number of processors: ARM. B2pts_v2, D4ps_v6.
  arm_sizes = "^Standard_[A-Z]+[0-9]+(-[0-9]+)?[a-z]*p"

  # Sizes that refuse Trusted Launch: Ampere's processors (B…p…_v2, D…p…_v5, E…p…_v5), and the M family.
  without_trusted_launch = "^Standard_(B[0-9]+p[a-z]*_v2|[DE][0-9]+(-[0-9]+)?p[a-z]*_v5|M[0-9]+[a-z-]*(_v2)?)$"

  # Sizes that boot no image of generation 2, such as Ubuntu 24.04's.
  generation_1_only = "^Standard_(A[0-9]+[a-z]*(_v2)?|D[0-9]+(_v[23])?|E[0-9]+(-[0-9]+)?_v3|F[0-9]+|G[0-9]+|H[0-9]+[a-z]*|NC[0-9]+r?|NV[0-9]+)$"

  trusted_launch = {
    for size in distinct([var.size, var.monitoring_size]) : size => (
      var.trusted_launch != null ? var.trusted_launch : !can(regex(local.without_trusted_launch, size))
    )
  }
}
