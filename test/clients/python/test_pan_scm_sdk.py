"""pan-scm-sdk, the community's client in Python, on the current base path. Its release has no service for certificates: its raw methods."""

import base64
import contextlib
import io
import logging
import os
import pathlib
import re
import unittest
import unittest.mock

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12
from scm.exceptions import APIError

import server
from scm_client import CERTIFICATES, SHARED, authenticated, generate, with_bearer

logging.getLogger("scm.auth").setLevel(logging.CRITICAL)


PAGE = pathlib.Path(__file__).parents[3] / "docs/clients.md"


class Documentation(unittest.TestCase):
    def test_the_example_that_the_documentation_shows_runs(self):
        examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
        (example,) = (each for each in examples if "from scm.client" in each)
        environment = {
            "CERTKEEP_URL": server.URL,
            "CLIENT_ID": server.CLIENT_ID,
            "CLIENT_SECRET": server.CLIENT_SECRET,
            "TSG_ID": server.TSG,
        }
        printed = io.StringIO()
        with unittest.mock.patch.dict(os.environ, environment), contextlib.redirect_stdout(printed):
            exec(compile(example, PAGE, "exec"), {})
        self.assertRegex(printed.getvalue(), r"made by a client \d{4}-\d\d-\d\d\n")


class Tokens(unittest.TestCase):
    def test_client_credentials_with_junk_fields_give_a_token_that_the_jwks_validates(self):
        oauth = authenticated().oauth_client
        payload = oauth.decode_token()
        self.assertEqual((payload["aud"], payload["tsg_id"]), (server.CLIENT_ID, server.TSG))
        self.assertFalse(oauth.is_expired)
        self.assertFalse(oauth.token_expires_soon)

    def test_an_expired_token_is_refreshed_before_the_next_request(self):
        client = authenticated()
        client.session.token = {**client.session.token, "access_token": server.EXPIRED_TOKEN}
        self.assertTrue(client.oauth_client.is_expired)
        self.assertEqual(client.get(CERTIFICATES, params=SHARED)["offset"], 0)
        self.assertFalse(client.oauth_client.is_expired)

    def test_a_refused_token_request_says_why(self):
        cases = [
            ({"client_secret": "wrong"}, "invalid_client"),
            ({"client_id": "nobody"}, "invalid_client"),
            ({"tsg_id": "9999999999"}, "invalid_scope"),
        ]
        for changes, error in cases:
            with self.assertRaisesRegex(APIError, ".*") as raised:
                authenticated(**changes)
            self.assertIn(f"({error})", raised.exception.message)

    def test_a_plain_certkeep_token_is_a_bearer_too(self):
        listed = with_bearer(server.CLIENT_SECRET).get(CERTIFICATES, params=SHARED)
        self.assertEqual(listed["offset"], 0)


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = authenticated()

    def exported(self, certificate, **wanted):
        answer = self.client.post(f"{CERTIFICATES}/{certificate['id']}:export", json=wanted)
        self.assertEqual(list(answer), ["certificate"])
        return base64.b64decode(answer["certificate"], validate=True)

    def imported(self, **fields):
        body = {"name": server.new_name("import"), **SHARED, **fields}
        return self.client.post(f"{CERTIFICATES}:import", json=body)

    def test_generate_list_fetch_get_and_delete_agree(self):
        made = generate(self.client)
        by_id = f"{CERTIFICATES}/{made['id']}"
        listed = self.client.get(CERTIFICATES, params={**SHARED, "limit": 5000})
        self.assertEqual((listed["limit"], listed["offset"], listed["total"]), (5000, 0, len(listed["data"])))
        self.assertIn(made, listed["data"])
        self.assertEqual(self.client.get(CERTIFICATES, params={**SHARED, "name": made["name"]}), made)
        self.assertEqual(self.client.get(by_id), made)
        self.assertEqual(self.client.delete(by_id), made)
        self.assertNotIn(made, self.client.get(CERTIFICATES, params={**SHARED, "limit": 5000})["data"])

    def test_a_leaf_is_signed_by_the_stored_ca_that_it_names(self):
        root = generate(self.client, is_certificate_authority=True)
        leaf = generate(self.client, **{"signed_by": root["name"], "hostname": ["a.example.test"]})
        certificate = x509.load_pem_x509_certificate(leaf["public_key"].encode())
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(root["public_key"].encode()))
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        self.assertEqual(names.get_values_for_type(x509.DNSName), ["a.example.test"])

    def test_each_export_opens(self):
        made = generate(self.client)
        expected = x509.load_pem_x509_certificate(made["public_key"].encode())
        self.assertEqual(x509.load_der_x509_certificate(self.exported(made, format="der")), expected)
        self.assertEqual(x509.load_pem_x509_certificate(self.exported(made, format="pem")), expected)
        with_key = self.exported(made, format="pem", passphrase="s3cret")
        key = load_pem_private_key(with_key[with_key.index(b"-----BEGIN ENCRYPTED") :], b"s3cret")
        self.assertEqual(key.public_key(), expected.public_key())
        key, certificate, others = pkcs12.load_key_and_certificates(
            self.exported(made, format="pkcs12", passphrase="s3cret"), b"s3cret"
        )
        self.assertEqual((key.public_key(), certificate, others), (expected.public_key(), expected, []))
        request = x509.load_pem_x509_csr(self.exported(made, format="pkcs10"))
        self.assertEqual((request.is_signature_valid, request.public_key()), (True, expected.public_key()))

    def test_what_was_exported_is_imported_in_each_format(self):
        made = generate(self.client)
        for wanted in ({"format": "pem"}, {"format": "der"}, {"format": "pkcs12", "passphrase": "s3cret"}):
            file = base64.b64encode(self.exported(made, **wanted)).decode()
            stored = self.imported(certificate_file=file, **wanted)
            self.assertEqual(stored["format"], wanted["format"])
            self.assertNotIn("passphrase", stored)
            self.assertNotIn("key_file", stored)
            self.assertEqual(stored["expiry_epoch"], made["expiry_epoch"])
            shown = self.client.get(f"{CERTIFICATES}/{stored['id']}")
            certificate = x509.load_pem_x509_certificate(shown["public_key"].encode())
            self.assertEqual(certificate.public_bytes(Encoding.DER), self.exported(made, format="der"))

    def test_an_import_may_leave_out_the_format_and_send_raw_pem(self):
        made = generate(self.client)
        file = base64.b64encode(made["public_key"].encode()).decode()
        self.assertEqual(self.imported(certificate_file=file)["format"], "pem")
        self.assertEqual(self.imported(certificate_file=made["public_key"])["public_key"], made["public_key"])


if __name__ == "__main__":
    unittest.main()
