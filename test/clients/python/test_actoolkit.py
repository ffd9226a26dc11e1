"""actoolkit, NetApp's own toolkit in Python: its configuration, its requests over TLS, its reading of answers."""

import base64
import contextlib
import datetime
import io
import os
import pathlib
import re
import tempfile
import unittest
import unittest.mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

import server
from astra_client import AUTHORITY, CERTIFICATES, HOST, MEDIA_TYPE, Reading, Writing, config_of, config_yaml

PAGE = pathlib.Path(__file__).parents[3] / "docs/clients.md"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def authority(common_name):
    """A root CA in PEM, and that in base64."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=30))
    pem = builder.add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256())
    pem = pem.public_bytes(Encoding.PEM)
    return pem.decode(), base64.b64encode(pem).decode()


class Toolkit(unittest.TestCase):
    def setUp(self):
        self.directory = self.entered(tempfile.TemporaryDirectory())
        self.entered(unittest.mock.patch.dict(os.environ, REQUESTS_CA_BUNDLE=AUTHORITY))
        self.config = config_of(self.directory)
        self.reading = Reading(config=self.config)
        self.writing = Writing(self.config)

    def entered(self, context):
        """As enterContext, which Python 3.10 has not."""
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def created(self, common_name=None, **fields):
        common_name = common_name or server.new_name("root")
        answer = self.writing.create(cert=authority(common_name)[1], isSelfSigned="true", **fields)
        self.assertEqual(answer.status_code, 201, answer.text)
        return self.writing.jsonifyResults(answer)

    def failure_of(self, call):
        """The answer to a call that fails, the paths that were asked for, and what the toolkit printed."""
        asked = []
        hook = lambda response, **_: asked.append(response.request.path_url.split("/", 3)[3])
        printed = io.StringIO()
        session = self.config["session"]
        with unittest.mock.patch.dict(session.hooks, response=[hook]), contextlib.redirect_stdout(printed):
            return call(), asked, printed.getvalue()

    def test_the_example_that_the_documentation_shows_runs(self):
        examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
        (example,) = (each for each in examples if "astraSDK" in each)
        # The file that it shows says the same as that of these tests, but for what is everybody's own.
        (shown,) = re.findall(r"```yaml\n(headers:.*?)```", PAGE.read_text(), re.DOTALL)
        self.assertEqual(re.findall(r"^ *\w+:", shown, re.M), re.findall(r"^ *\w+:", config_yaml(), re.M))
        file = pathlib.Path(self.directory, "ca.pem")
        common_name = server.new_name("documented")
        file.write_text(authority(common_name)[0])
        printed = io.StringIO()
        with in_directory(self.directory), contextlib.redirect_stdout(printed):
            exec(compile(example, PAGE, "exec"), {})
        self.assertRegex(printed.getvalue(), rf"{common_name} +\| trusted")

    def test_what_is_created_is_listed_changed_and_deleted(self):
        made = self.created(metadata={"labels": [{"name": "site", "value": "lab-7"}]})
        path = f"{CERTIFICATES}/{made['id']}"
        self.assertEqual(self.reading.get(path).json(), made)
        self.assertIn(made, self.reading.listed()["items"])
        self.assertIsInstance(self.reading.listed()["metadata"], dict)

        changed = self.writing.update(made["id"], trustStateDesired="untrusted")
        self.assertEqual((changed.status_code, changed.text), (204, ""))
        self.assertEqual(self.reading.get(path).json()["trustState"], "untrusted")

        self.assertTrue(self.writing.destroy(made["id"]).ok)
        self.assertNotIn(made["id"], [each["id"] for each in self.reading.listed()["items"]])

    def test_its_media_type_comes_back_and_the_location_can_be_followed(self):
        answer = self.writing.create(cert=authority("located")[1])
        self.assertEqual(answer.headers["Content-Type"], MEDIA_TYPE)
        self.assertTrue(answer.headers["Location"].startswith(f"https://{HOST}/accounts/"))
        self.assertEqual(self.config["session"].get(answer.headers["Location"]).json(), answer.json())

    def test_filters_are_repeated_and_all_of_them_hold(self):
        mark = server.new_name("filtered")
        for name, use in (("a", "rootCA"), ("b", "intermediateCA"), ("c", "rootCA")):
            self.created(f"{mark} {name}", certUse=use)
        filters = [f"cn in '{mark}'", "certUse eq 'rootCA'"]
        listed = self.reading.listed(filter=filters, orderBy="cn desc", include="cn,certUse")
        self.assertEqual(listed["items"], [[f"{mark} c", "rootCA"], [f"{mark} a", "rootCA"]])

    def test_pages_are_walked_by_limit_and_continue(self):
        mark = server.new_name("paged")
        names = [f"{mark} {number}" for number in range(5)]
        for name in names:
            self.created(name)
        query = {"filter": [f"cn in '{mark}'"], "limit": 2}
        seen, pages, rest = [], 0, {}
        while pages == 0 or rest:
            page = self.reading.listed(**query, **rest)
            seen += [each["cn"] for each in page["items"]]
            rest = {"continue": page["metadata"]["continue"]} if "continue" in page["metadata"] else {}
            pages += 1
        self.assertEqual((seen, pages), (names, 3))

    def test_its_table_shows_a_list(self):
        made = self.created(metadata={"labels": [{"name": "site", "value": "x"}, {"name": "tier", "value": "y"}]})
        listed = self.reading.listed(filter=[f"id eq '{made['id']}'"])
        keys = ["id", "cn", "trustState", "metadata.creationTimestamp", "metadata.labels[].name"]
        table = self.reading.basicTable(keys, keys, listed)
        created = made["metadata"]["creationTimestamp"]
        datetime.datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ")
        for shown in (made["id"], made["cn"], "trusted", created, "site, tier"):
            self.assertIn(shown, table)

    def test_after_a_failure_it_asks_for_clouds_and_words_what_it_is_answered(self):
        answer, asked, printed = self.failure_of(lambda: self.reading.get(f"{CERTIFICATES}/{UNKNOWN}"))
        self.assertEqual((answer.status_code, answer.json()["title"]), (404, "Collection not found"))
        self.assertEqual(asked, [f"{CERTIFICATES}/{UNKNOWN}", "topology/v1/clouds"])
        self.assertIn("API call to Astra Control failed: ", printed)
        self.assertIn("https://astra.netapp.io/problems/2", printed)

        answer, asked, _ = self.failure_of(lambda: self.writing.create(cert="no base64"))
        self.assertEqual((answer.status_code, answer.json()["type"][-2:]), (400, "/8"))
        self.assertEqual(asked, [CERTIFICATES, "topology/v1/clouds"])

    def test_a_token_that_is_none_is_told_so(self):
        self.config = config_of(self.directory, token="nope")
        answer, _, _ = self.failure_of(lambda: Reading(config=self.config).get(CERTIFICATES))
        self.assertEqual((answer.status_code, answer.json()["title"]), (401, "Invalid bearer token"))

    def test_it_trusts_this_server_by_a_bundle_that_this_server_keeps(self):
        with open(AUTHORITY, "rb") as file:
            made = self.writing.create(cert=base64.b64encode(file.read()).decode()).json()
        bundle = pathlib.Path(self.directory, "bundle.pem")
        bundle.write_bytes(self.reading.get(f"{CERTIFICATES}/bundle.pem").content)
        self.assertIn(made["cn"], [subject_of(each) for each in x509.load_pem_x509_certificates(bundle.read_bytes())])
        with unittest.mock.patch.dict(os.environ, REQUESTS_CA_BUNDLE=str(bundle)):
            fresh = Reading(config=config_of(self.directory))
            self.assertEqual(fresh.get(f"{CERTIFICATES}/{made['id']}").status_code, 200)


def subject_of(certificate):
    (name,) = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return name.value


@contextlib.contextmanager
def in_directory(directory):
    """As contextlib.chdir, which Python 3.10 has not."""
    before = os.getcwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(before)


if __name__ == "__main__":
    unittest.main()
