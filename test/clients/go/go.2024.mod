module certkeep.test/clients

go 1.25.0

require goauthentik.io/api/v3 v3.2024123.7

require golang.org/x/oauth2 v0.0.0-20210218202405-ba52d332ba99 // indirect

// The oauth2 that the client asks for draws hundreds of modules into go.2024.sum, and is not used.
replace golang.org/x/oauth2 => golang.org/x/oauth2 v0.30.0
