terraform {
  required_providers {
    authentik = {
      source = "goauthentik/authentik"
    }
  }
}

# Where the server is and the token come from AUTHENTIK_URL and AUTHENTIK_TOKEN.
provider "authentik" {}

variable "name" {
  type = string
}

variable "certificate" {
  type = string
}

variable "private_key" {
  type      = string
  default   = null
  sensitive = true
}

resource "authentik_certificate_key_pair" "stored" {
  name             = var.name
  certificate_data = var.certificate
  key_data         = var.private_key
}

data "authentik_certificate_key_pair" "found" {
  name              = authentik_certificate_key_pair.stored.name
  fetch_certificate = true
  fetch_key         = true
}

output "id" {
  value = authentik_certificate_key_pair.stored.id
}

output "found" {
  value     = data.authentik_certificate_key_pair.found
  sensitive = true
}
