"""The authorization request: judged, put before a person, and answered with a code or a refusal.

RFC 6749 §4.1, RFC 7636, SMART App Launch 2.2.0 "Obtain authorization code".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from fhirgate.sandbox.ehr.clients import Client
from fhirgate.sandbox.ehr.failures import Failure, Failures
from fhirgate.sandbox.ehr.grants import Context, Grant, Launch, Pending, Vault
from fhirgate.sandbox.ehr.patients import CLINICIAN
from fhirgate.sandbox.ehr.scopes import LAUNCH, LAUNCH_ENCOUNTER, LAUNCH_PATIENT, clinical, within
from fhirgate.sandbox.ehr.tickets import UsedTwice

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url."""
LONGEST = 2048
"""Of any parameter."""


class NotSentBack(Exception):
    """A request that is answered with a page: who sent it is not known well enough to send a browser there."""


class SentBack(Exception):
    """A request that is refused by sending the browser back with an error."""

    def __init__(self, error: str, says: str) -> None:
        super().__init__(says)
        self.error = error
        self.says = says


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """The authorization endpoint, without its pages."""

    clients: Mapping[str, Client]
    vault: Vault
    failures: Failures
    encounters: Mapping[str, str]
    """The open encounter of each patient, by the patient's id."""
    audience: str
    issuer: str

    def client(self, asked: Mapping[str, str]) -> Client:
        """The app that sent the browser here. Raises NotSentBack."""
        client = self.clients.get(asked.get("client_id", ""))
        if client is None:
            raise NotSentBack("There is no such app here (client_id).")
        if asked.get("redirect_uri", "") not in client.redirect_uris:
            raise NotSentBack("The app is not registered with this redirect_uri.")
        return client

    def pending(self, client: Client, asked: Mapping[str, str]) -> Pending:
        """The request, ready for a person to decide. Raises SentBack."""
        _check(asked, self.audience)
        words = tuple(asked.get("scope", "").split())
        launch = self._launch(client, asked, words)
        granted = _granted(client, words)
        context = self._context(launch)
        is_picked = launch is None and any(_is_about_a_patient(each) for each in granted)
        return Pending(
            client_id=client.id,
            redirect_uri=asked["redirect_uri"],
            state=asked["state"],
            challenge=asked["code_challenge"],
            nonce=asked.get("nonce", ""),
            words=granted,
            left_out=tuple(each for each in dict.fromkeys(words) if each not in granted),
            picks_patient=is_picked,
            context=context,
            failure=launch.failure if launch is not None else None,
        )

    def decided(self, pending: Pending, *, allows: bool, patient: str, failure: Failure | None) -> str:
        """Where the browser goes after a click. Raises NotSentBack for a patient that is not there."""
        trouble = self.failures.of_launch(pending.failure or failure)
        if not allows or trouble.failure is Failure.DENIED:
            return self.sent_back(
                pending.redirect_uri, pending.state, SentBack("access_denied", "access was denied")
            )
        context = pending.context
        if pending.picks_patient:
            if patient not in self.encounters:
                raise NotSentBack("No patient was chosen.")
            context = Context(patient=patient, encounter=self.encounters[patient])
        if trouble.failure is Failure.NO_CONTEXT:
            context = Context()
        grant = Grant(
            client_id=pending.client_id,
            words=trouble.granted(pending.words),
            context=context,
            user=CLINICIAN,
            trouble=trouble,
            redirect_uri=pending.redirect_uri,
            challenge=pending.challenge,
            nonce=pending.nonce,
        )
        code = self.vault.codes.give(grant)
        return self._back(pending.redirect_uri, {"code": code, "state": pending.state})

    def sent_back(self, redirect_uri: str, state: str, refusal: SentBack) -> str:
        """The address that tells an app why it gets no code."""
        told = {"error": refusal.error, "error_description": refusal.says}
        return self._back(redirect_uri, told | ({"state": state} if state else {}))

    def _back(self, redirect_uri: str, told: Mapping[str, str]) -> str:
        """The way back, with who answers (RFC 9207): an app that deals with several servers is not to mix them up."""
        return _with_query(redirect_uri, {**told, "iss": self.issuer})

    def _launch(self, client: Client, asked: Mapping[str, str], words: tuple[str, ...]) -> Launch | None:
        ticket = asked.get("launch")
        if ticket is None and LAUNCH not in words:
            return None
        if ticket is None or LAUNCH not in words:
            raise SentBack("invalid_request", "the parameter launch and the scope launch go together")
        try:
            launch = self.vault.launches.take(ticket, lambda each: each.client_id == client.id)
        except UsedTwice:
            launch = None
        if launch is None:
            raise SentBack("invalid_request", "the launch is unknown, over, used, or another app's")
        return launch

    def _context(self, launch: Launch | None) -> Context:
        if launch is None:
            return Context()
        return Context(
            patient=launch.patient,
            encounter=self.encounters[launch.patient],
            needs_banner=launch.needs_banner,
            intent=launch.intent,
        )


def _check(asked: Mapping[str, str], audience: str) -> None:
    if any(len(each) > LONGEST for each in asked.values()):
        raise SentBack("invalid_request", f"a parameter has more than {LONGEST} characters")
    if asked.get("response_type") != "code":
        raise SentBack("unsupported_response_type", "response_type is to be code")
    if not asked.get("state"):
        raise SentBack("invalid_request", "state is missing")
    if asked.get("aud", "").rstrip("/") != audience:
        raise SentBack("invalid_request", "aud is to be the FHIR base of this server")
    if asked.get("code_challenge_method") != "S256":
        raise SentBack("invalid_request", "code_challenge_method is to be S256")
    if not CHALLENGE.fullmatch(asked.get("code_challenge", "")):
        raise SentBack("invalid_request", "code_challenge is no SHA-256 in base64url")
    if "none" in asked.get("prompt", "").split():
        raise SentBack("consent_required", "no code is given here without a click")


def _granted(client: Client, words: tuple[str, ...]) -> tuple[str, ...]:
    """What a yes would give. Raises SentBack when that is nothing."""
    granted = tuple(each for each in within(words, client.scopes) if not each.startswith("system/"))
    if not granted:
        raise SentBack("invalid_scope", "no scope of those asked for can be given to this app")
    return granted


def _is_about_a_patient(word: str) -> bool:
    scope = clinical(word)
    return word in (LAUNCH_PATIENT, LAUNCH_ENCOUNTER) or (scope is not None and scope.context == "patient")


def _with_query(url: str, more: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(more))))
    return urlunsplit(parts._replace(query=query))
