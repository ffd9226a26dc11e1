#!/usr/bin/env bash
# Builds the Terraform provider goauthentik/authentik for the tests.
# usage: build-provider.sh CLONE_OF_ITS_REPOSITORY PROGRAM_TO_WRITE
set -euo pipefail

clone=${1:?a clone of the repository of terraform-provider-authentik}
program=$(realpath -m -- "${2:?where to write the program}")
commit=69d1bb26f87391742b56be996e8a6d3ae374a595 # v2026.5.0
client=v3.2026050.3

sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT
git -C "$clone" archive "$commit" | tar -x -C "$sources"
cd "$sources"
# The provider names a pre-release of the Go client; this is the release that the Go test uses too.
go mod edit -require="goauthentik.io/api/v3@$client"
GOWORK=off go build -mod=mod -o "$program" .
