"""PANAPI, Palo Alto's own client in Python, on the legacy base path."""

import unittest

from cryptography import x509
from oauthlib.oauth2 import OAuth2Error
from panapi import PanApiSession
from panapi.config.objects import Certificate as PublishedCertificate

import server


class Certificate(PublishedCertificate):
    """The client's class at our address, which is all that is changed."""

    _base_url = server.URL


def authenticated(path="/am/oauth2/access_token", **changes):
    session = PanApiSession()
    session.authenticate(
        **{
            "client_id": server.CLIENT_ID,
            "client_secret": server.CLIENT_SECRET,
            "scope": f"tsg_id:{server.TSG}",
            "token_url": server.URL + path,
            **changes,
        }
    )
    return session


class Tokens(unittest.TestCase):
    def test_each_token_path_gives_a_token_that_its_jwks_validates(self):
        for path in ("/oauth2", "/auth/v1/oauth2", "/am/oauth2"):
            session = authenticated(f"{path}/access_token")
            payload = session.decode_token()
            self.assertEqual(payload["aud"], server.CLIENT_ID)
            self.assertEqual(payload["scope"], f"tsg_id:{server.TSG}")
            self.assertEqual(payload["exp"] - payload["iat"], 900)
            self.assertFalse(session.is_expired)

    def test_a_scope_of_several_words_in_any_order_comes_back_unchanged(self):
        for scope in (f"tsg_id:{server.TSG} profile", f"email tsg_id:{server.TSG}  profile"):
            session = authenticated(scope=scope)
            self.assertEqual(session.token["scope"], scope.split(" "))

    def test_a_wrong_secret_is_an_invalid_client(self):
        with self.assertRaises(OAuth2Error) as raised:
            authenticated(client_secret="wrong")
        self.assertEqual(raised.exception.error, "invalid_client")

    def test_an_expired_token_is_replaced_by_another_authentication(self):
        session = authenticated()
        session.token["access_token"] = server.EXPIRED_TOKEN
        session.access_token = server.EXPIRED_TOKEN
        self.assertTrue(session.is_expired)
        Certificate(folder="Shared").list(session)
        self.assertEqual(session.response.status_code, 200)
        self.assertFalse(session.is_expired)


class Certificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.session = authenticated()

    def created(self, **fields):
        name = server.new_name("panapi")
        wanted = Certificate(folder="Shared", **server.generation(name, **fields))
        wanted.create(self.session)
        self.assertEqual(self.session.response.status_code, 201, self.session.response.text)
        return name, wanted

    def test_create_learns_the_id(self):
        name, wanted = self.created()
        answered = self.session.response.json()
        self.assertEqual((wanted.id, name), (answered["id"], answered["name"]))

    def test_create_sends_response_only_attributes_back_without_harm(self):
        _, first = self.created()
        found = Certificate(folder="Shared", id=first.id).read(self.session)
        for name, value in server.generation(server.new_name("copy")).items():
            setattr(found, name, value)
        found.create(self.session)
        self.assertEqual(self.session.response.status_code, 201, self.session.response.text)
        self.assertNotEqual(found.id, first.id)

    def test_create_twice_is_a_conflict(self):
        name, _ = self.created()
        again = Certificate(folder="Shared", **server.generation(name))
        again.create(self.session)
        self.assertEqual(self.session.response.status_code, 409)
        self.assertFalse(hasattr(again, "id"))

    def test_list_has_what_was_created(self):
        name, wanted = self.created()
        found = [each for each in Certificate(folder="Shared").list(self.session) if each.id == wanted.id]
        self.assertEqual([each.name for each in found], [name])

    def test_read_by_id_and_by_name_are_the_same_certificate(self):
        name, wanted = self.created(is_certificate_authority=True)
        by_id = Certificate(folder="Shared", id=wanted.id).read(self.session)
        by_name = Certificate(folder="Shared", name=name).read(self.session)
        self.assertEqual(by_id.payload, by_name.payload)
        self.assertEqual((by_id.name, by_id.folder, by_id.algorithm, by_id.ca), (name, "Shared", "EC", True))
        certificate = x509.load_pem_x509_certificate(by_id.public_key.encode())
        self.assertEqual(certificate.subject.rfc4514_string(), "CN=portal.example.test")

    def test_read_of_an_id_that_there_is_not_is_nothing(self):
        missing = Certificate(folder="Shared", id="00000000-0000-4000-8000-000000000000")
        self.assertIsNone(missing.read(self.session))
        self.assertEqual(self.session.response.json()["_errors"][0]["code"], "E005")

    def test_update_is_not_supported(self):
        _, wanted = self.created()
        wanted.update(self.session)
        self.assertEqual(self.session.response.status_code, 501)
        self.assertEqual(self.session.response.json()["_errors"][0]["code"], "E012")

    def test_delete_removes_it(self):
        name, wanted = self.created()
        wanted.delete(self.session)
        self.assertEqual((self.session.response.status_code, self.session.response.json()["name"]), (200, name))
        self.assertIsNone(Certificate(folder="Shared", id=wanted.id).read(self.session))


if __name__ == "__main__":
    unittest.main()
