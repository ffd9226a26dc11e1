"""pan-scm-sdk's client at our address."""

from scm.client import Scm

import server

CERTIFICATES = "/config/identity/v1/certificates"
UNKNOWN = f"{CERTIFICATES}/00000000-0000-4000-8000-000000000000"
SHARED = {"folder": "Shared"}


def authenticated(client_id=server.CLIENT_ID, client_secret=server.CLIENT_SECRET, tsg_id=server.TSG):
    return Scm(
        client_id=client_id,
        client_secret=client_secret,
        tsg_id=tsg_id,
        api_base_url=server.URL,
        token_url=f"{server.URL}/am/oauth2/access_token",
        log_level="CRITICAL",
    )


def with_bearer(token, url=server.URL):
    return Scm(access_token=token, api_base_url=url, log_level="CRITICAL")


def generate(client, **fields):
    body = server.generation(server.new_name("scm"), **SHARED, **fields)
    return client.post(CERTIFICATES, json=body)
