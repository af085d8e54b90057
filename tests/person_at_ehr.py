"""A clinician at the sandbox who opens the app and clicks, with no browser but requests."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import requests
from sandbox_world import PATIENT, REDIRECT, query_of, ticket_in

from fhirgate.sandbox.ehr.serve import Running
from fhirgate.services.launches import Begun


@dataclass
class Person:
    """Who is at work there."""

    sandbox: Running

    def opens(self, patient: str = PATIENT, failure: str = "") -> dict[str, str]:
        """What the app's launch URL is called with."""
        asked = {"client": "app"} | ({"failure": failure} if failure else {})
        answer = requests.get(
            f"{self.sandbox.url}/launch/{patient}", params=asked, allow_redirects=False, timeout=10
        )
        return query_of(answer.headers["Location"])

    def clicks(self, begun: Begun, decision: str = "allow", **more: str) -> list[tuple[str, str]]:
        """What comes back to the redirect URI."""
        where = self.goes_back(begun.url, decision, **more)
        assert where.startswith(f"{REDIRECT}/sandbox?")
        return parse_qsl(urlsplit(where).query)

    def goes_back(self, url: str, decision: str = "allow", **more: str) -> str:
        """Where the browser is sent from the page of consent at this address."""
        page = requests.get(url, timeout=10)
        assert page.status_code == 200, page.text
        answer = requests.post(
            f"{self.sandbox.url}/auth/decision",
            data={"request": ticket_in(page.text), "decision": decision, **more},
            allow_redirects=False,
            timeout=10,
        )
        return answer.headers["Location"]
