"""The server that the tests talk to, as its environment names it."""

import os
import uuid

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

URL = os.environ["CERTKEEP_TEST_URL"]
# Of the tenant TSG: the identifier and the text of a Certkeep token.
CLIENT_ID = os.environ["CERTKEEP_TEST_CLIENT_ID"]
CLIENT_SECRET = os.environ["CERTKEEP_TEST_CLIENT_SECRET"]
TSG = os.environ["CERTKEEP_TEST_TSG"]
# An access token of that client, with a good signature, that ended a minute ago.
EXPIRED_TOKEN = os.environ["CERTKEEP_TEST_EXPIRED_TOKEN"]
# A client of the same tenant that may see certificates and nothing else.
READER_ID = os.environ["CERTKEEP_TEST_READER_ID"]
READER_SECRET = os.environ["CERTKEEP_TEST_READER_SECRET"]
# Another server, that grants each token ten requests at once.
LIMITED_URL = os.environ["CERTKEEP_TEST_LIMITED_URL"]
LIMITED_TOKEN = os.environ["CERTKEEP_TEST_LIMITED_TOKEN"]
# Another server, whose database answers no question about certificates.
STUCK_URL = os.environ["CERTKEEP_TEST_STUCK_URL"]
STUCK_TOKEN = os.environ["CERTKEEP_TEST_STUCK_TOKEN"]


def new_name(kind):
    return f"{kind}-{uuid.uuid4()}"


def generation(name, **fields):
    """A sound request for a certificate (contract, section 4) whose key is made at once."""
    return {
        "certificate_name": name,
        "common_name": "portal.example.test",
        "signed_by": "",
        "algorithm": {"ecdsa_number_of_bits": 245},
        "digest": "sha256",
        **fields,
    }


def new_key_pem():
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
