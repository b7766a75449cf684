# Watching it

variable "monitoring" {
  description = "Add a VM with Prometheus and Grafana, reached through SSH only, and let it alone scrape the nodes' metrics port."
  type        = bool
  default     = false
  nullable    = false
}

variable "monitoring_size" {
  description = "VM size of the monitoring VM."
  type        = string
  default     = "Standard_B2als_v2"
  nullable    = false

  validation {
    condition     = can(regex("^Standard_[A-Z][A-Za-z0-9-]*(_[A-Za-z0-9]+)*$", var.monitoring_size))
    error_message = "A VM size such as Standard_B2als_v2 is wanted (`az vm list-sizes --location <region>` lists them)."
  }
  validation {
    condition     = !can(regex(local.generation_1_only, var.monitoring_size))
    error_message = "${var.monitoring_size} boots images of generation 1 only, and Ubuntu's is one of generation 2. Take a newer family, such as Bsv2 or Dsv5."
  }
}

variable "prometheus_image" {
  description = "Image of Prometheus on the monitoring VM."
  type        = string
  default     = "prom/prometheus:v3.5.0@sha256:63805ebb8d2b3920190daf1cb14a60871b16fd38bed42b857a3182bc621f4996"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./_-]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$", var.prometheus_image))
    error_message = "An image reference such as prom/prometheus:v3.5.0 is wanted."
  }
}

variable "grafana_image" {
  description = "Image of Grafana on the monitoring VM."
  type        = string
  default     = "grafana/grafana:12.1.0@sha256:6ac590e7cabc2fbe8d7b8fc1ce9c9f0582177b334e0df9c927ebd9670469440f"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./_-]*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?$", var.grafana_image))
    error_message = "An image reference such as grafana/grafana:12.1.0 is wanted."
  }
}
