"""Certificates by actoolkit's own layer of requests. The toolkit has no classes for them: these send what its others do for theirs."""

import os

from astraSDK.common import SDKCommon, getConfig

HOST = os.environ["CERTKEEP_TEST_ASTRA_HOST"]
ACCOUNT = os.environ["CERTKEEP_TEST_ASTRA_ACCOUNT"]
TOKEN = os.environ["CERTKEEP_TEST_ASTRA_TOKEN"]
# PEM of the CA that signed the certificate of HOST.
AUTHORITY = os.environ["CERTKEEP_TEST_ASTRA_AUTHORITY"]

CERTIFICATES = "core/v1/certificates"
TYPE = {"type": "application/astra-certificate", "version": "1.1"}
MEDIA_TYPE = "application/astra-certificate+json"


def config_yaml(token=TOKEN, account=ACCOUNT):
    """The toolkit's configuration, as its README has it."""
    return f"headers:\n  Authorization: Bearer {token}\nuid: {account}\nastra_project: {HOST}\nverifySSL: True\n"


def config_of(directory, **changes):
    """What the toolkit reads from its file in a directory."""
    with open(os.path.join(directory, "config.yaml"), "w") as file:
        file.write(config_yaml(**changes))
    os.environ["ASTRATOOLKITS_CONF"] = directory
    return getConfig().main()


class Reading(SDKCommon):
    """As its getUsers: a body `{}` and no headers but those of the session."""

    def get(self, path, params=None):
        return self.apicall("get", self.base + path, {}, self.headers, params or {})

    def listed(self, **params):
        return self.jsonifyResults(self.get(CERTIFICATES, params))


class Writing(SDKCommon):
    """As its createCredential, updateCredential and destroyCredential: both headers name the resource's type."""

    def __init__(self, config):
        super().__init__(config=config)
        self.headers["accept"] = MEDIA_TYPE
        self.headers["Content-Type"] = MEDIA_TYPE

    def create(self, **fields):
        return self.apicall("post", self.base + CERTIFICATES, {**TYPE, **fields}, self.headers, {})

    def update(self, certificate_id, **fields):
        return self.apicall("put", f"{self.base}{CERTIFICATES}/{certificate_id}", {**TYPE, **fields}, self.headers, {})

    def destroy(self, certificate_id):
        return self.apicall("delete", f"{self.base}{CERTIFICATES}/{certificate_id}", {}, self.headers, {})
