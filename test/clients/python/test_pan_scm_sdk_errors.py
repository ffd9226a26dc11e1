"""Each exception class of pan-scm-sdk, raised by an answer of the server."""

import sys
import unittest

from scm import exceptions

import server
from scm_client import CERTIFICATES, SHARED, UNKNOWN, authenticated, generate, with_bearer

XML = {"headers": {"Content-Type": "application/xml"}, "data": "<certificate/>"}


def mapped_classes():
    """Every class that the SDK knows by a code. Tokens have no password here, so that one of them is never raised."""
    kinds = exceptions.ErrorHandler.ERROR_CODE_MAP.values()
    return {each for kind in kinds for each in (kind.values() if isinstance(kind, dict) else [kind])}


class Errors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = authenticated()
        cls.made = generate(cls.client, is_certificate_authority=True)
        cls.path = f"{CERTIFICATES}/{cls.made['id']}"
        cls.raised = {}

    @classmethod
    def tearDownClass(cls):
        lines = [f"RAISED {exception.__name__} by {', '.join(answers)}\n" for exception, answers in cls.raised.items()]
        # Past the buffer of unittest: the run shows what was raised by what.
        sys.__stdout__.write("".join(lines))
        sys.__stdout__.flush()
        never = mapped_classes() - cls.raised.keys()
        if never != {exceptions.PasswordChangeRequiredError}:
            raise AssertionError(f"never raised: {never}")

    def expect(self, exception, status, code, action):
        with self.assertRaises(exceptions.APIError) as raised:
            action()
        error = raised.exception
        self.assertIs(type(error), exception)
        self.assertEqual((error.http_status_code, error.error_code), (status, code))
        self.raised.setdefault(exception, []).append(f"{status} {code} {error.details['errorType']}")

    def test_bad_requests(self):
        cases = [
            ("InputFormatMismatchError", "E003", lambda: self.client.post(CERTIFICATES, **XML)),
            (
                "OutputFormatMismatchError",
                "E003",
                lambda: self.client.get(CERTIFICATES, params=SHARED, headers={"Accept": "application/xml"}),
            ),
            ("MissingQueryParameterError", "E003", lambda: self.client.get(CERTIFICATES)),
            ("InvalidQueryParameterError", "E003", lambda: self.client.get(CERTIFICATES, params={**SHARED, "limit": 0})),
            ("MissingBodyError", "E003", lambda: self.client.post(CERTIFICATES)),
            ("InvalidObjectError", "E003", lambda: self.client.post(CERTIFICATES, json={})),
            ("InvalidCommandError", "E003", lambda: self.client.post(f"{CERTIFICATES}:export", json={})),
            ("MalformedCommandError", "E003", lambda: self.client.post(f"{CERTIFICATES}:", json={})),
            ("BadXPathError", "E013", lambda: self.client.get(f"{CERTIFICATES}/%FF")),
        ]
        for name, code, action in cases:
            self.expect(getattr(exceptions, name), 400, code, action)

    def test_who_is_not_let_in(self):
        cases = [
            ("NotAuthenticatedError", " "),
            ("InvalidCredentialError", "unknown"),
            ("KeyTooLongError", "x" * 5000),
            ("KeyExpiredError", server.EXPIRED_TOKEN),
        ]
        for name, token in cases:
            self.expect(getattr(exceptions, name), 401, "E016", lambda: with_bearer(token).get(CERTIFICATES, params=SHARED))

    def test_a_right_that_is_missing(self):
        reader = authenticated(server.READER_ID, server.READER_SECRET)
        self.assertEqual(reader.get(self.path), self.made)
        self.expect(exceptions.UnauthorizedError, 403, "E007", lambda: reader.delete(self.path))

    def test_a_key_that_must_not_leave(self):
        blocked = generate(self.client, is_block_privateKey=True)
        wanted = {"format": "pkcs12", "passphrase": "s3cret"}
        action = lambda: self.client.post(f"{CERTIFICATES}/{blocked['id']}:export", json=wanted)
        self.expect(exceptions.UnauthorizedError, 403, "E007", action)

    def test_what_is_not_there(self):
        self.expect(exceptions.ObjectNotPresentError, 404, "E005", lambda: self.client.get(UNKNOWN))
        by_name = {**SHARED, "name": server.new_name("nobody")}
        self.expect(exceptions.ObjectNotPresentError, 404, "E005", lambda: self.client.get(CERTIFICATES, params=by_name))

    def test_conflicts(self):
        signer, blocks = self.made["name"], [self.made["public_key"]]
        again = {**server.generation(signer), **SHARED}
        self.expect(exceptions.NameNotUniqueError, 409, "E006", lambda: self.client.post(CERTIFICATES, json=again))
        generate(self.client, **{"signed_by": signer})
        self.expect(exceptions.ReferenceNotZeroError, 409, "E009", lambda: self.client.delete(self.path))
        keys = "".join(server.new_key_pem() for _ in range(2))
        body = {"name": server.new_name("import"), **SHARED, "certificate_file": blocks[0], "key_file": keys}
        self.expect(
            exceptions.ObjectNotUniqueError, 409, "E016", lambda: self.client.post(f"{CERTIFICATES}:import", json=body)
        )

    def test_what_is_not_supported(self):
        self.expect(
            exceptions.ActionNotSupportedError, 405, "E012", lambda: self.client.post(f"{self.path}:move", json={})
        )
        self.expect(exceptions.MethodAPINotSupportedError, 501, "E012", lambda: self.client.put(self.path, json={}))
        self.expect(
            exceptions.VersionAPINotSupportedError,
            501,
            "E012",
            lambda: self.client.get("/config/identity/v2/certificates", params=SHARED),
        )

    def test_too_many_requests(self):
        client = with_bearer(server.LIMITED_TOKEN, server.LIMITED_URL)
        for _ in range(10):
            self.assertRaises(exceptions.ObjectNotPresentError, lambda: client.delete(UNKNOWN))
        self.expect(exceptions.RateLimitError, 429, "TOO_MANY_REQUESTS", lambda: client.delete(UNKNOWN))

    def test_a_database_that_does_not_answer(self):
        client = with_bearer(server.STUCK_TOKEN, server.STUCK_URL)
        self.expect(exceptions.SessionTimeoutError, 504, "4", lambda: client.delete(UNKNOWN))

    def test_statuses_without_a_class_are_api_errors_with_the_envelope(self):
        body = server.generation("x" * 2_000_000, **SHARED)
        self.expect(exceptions.APIError, 413, "TOO_LARGE", lambda: self.client.post(CERTIFICATES, json=body))


if __name__ == "__main__":
    unittest.main()
