module certkeep.test/clients

go 1.25.0

require goauthentik.io/api/v3 v3.2026050.3
