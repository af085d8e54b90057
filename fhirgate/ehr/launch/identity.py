"""Who the person is: the id_token of a launch, verified (C5; OpenID Connect Core 1.0 §3.1.3.7).

A token that is wrong in any way proves nobody, and ends the launch. `max_age` is never sent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, extract_compact

from fhirgate.ehr.backend_auth import DISCOVERED_FOR
from fhirgate.ehr.launch.issuers import address_compared
from fhirgate.ehr.launch.key_sets import KeySet, PublicKey
from fhirgate.ehr.launch.registered import LONGEST_CALL, Registered
from fhirgate.errors import EhrRefused
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.services.launches import LaunchRefused, LaunchUser, PendingLaunch, Why

LEEWAY = 60
"""How far clocks may differ [s]."""
LONGEST = 64 << 10
LONGEST_SUBJECT = 255
MOST_BYTES = 256 << 10
PERSONS = ("Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person")
KNOWN_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a private key. `none` proves nothing, and HMAC would take the public key for a secret."""
_USUAL = ("RS256",)
"""What every server has to know (OpenID Connect Discovery 1.0 §3), where a list is not told."""
_USER = re.compile(
    rf"(?P<type>{'|'.join(PERSONS)})/(?P<id>[A-Za-z0-9.-]{{1,64}})(?:/_history/[A-Za-z0-9.-]{{1,64}})?"
)


class _Registry(JWSRegistry):
    """Headers that no standard registers are passed over, as RFC 7515 §4 asks; certificates may stand in them."""

    max_header_length = 16 << 10


@dataclass(slots=True, kw_only=True)
class Identities:
    """Of one server; shared by its threads."""

    registered: Registered
    _sets: dict[str, KeySet] = field(default_factory=dict, init=False, repr=False)
    _algorithms: dict[str, tuple[float, tuple[str, ...]]] = field(
        default_factory=dict, init=False, repr=False
    )

    def person(self, id_token: str, pending: PendingLaunch) -> tuple[LaunchUser, tuple[Finding, ...]]:
        """Who the token of this launch names. Raises LaunchRefused, and EhrError when keys cannot be had."""
        if not pending.issuer or not pending.jwks_uri:
            raise _unproven("the server names no issuer and no keys that it could be checked with")
        claims = self._verified(id_token, pending)
        now = self.registered.surroundings.now()
        wrong = list(_wrong(claims, pending, now))
        if wrong:
            raise _unproven("; ".join(wrong))
        user, findings = _user(claims, pending)
        return user, tuple(findings)

    def _verified(self, id_token: str, pending: PendingLaunch) -> Mapping[str, Any]:
        """The claims, signed by a key of the issuer."""
        header = _header(id_token)
        algorithm = header.get("alg")
        allowed = self._allowed(pending.issuer)
        if algorithm not in allowed:
            raise _unproven(
                f"it is not signed in a way that is trusted here; trusted are {', '.join(allowed)}"
            )
        kid = header.get("kid")
        keys = self._set(pending.jwks_uri).keys_for(algorithm, kid if isinstance(kid, str) else None)
        if not keys:
            raise _unproven("the server publishes no key that it could be signed with")
        for each in keys:
            claims = _signed_by(id_token, each, algorithm)
            if claims is not None:
                return claims
        raise _unproven("its signature is not by a key the server publishes")

    def _set(self, jwks_uri: str) -> KeySet:
        return self._sets.setdefault(jwks_uri, KeySet(registered=self.registered, jwks_uri=jwks_uri))

    def _allowed(self, issuer: str) -> tuple[str, ...]:
        """The algorithms its openid-configuration lists, of those that are trusted; read once a day."""
        now = self.registered.surroundings.monotonic()
        known = self._algorithms.get(issuer)
        if known is None or now - known[0] > DISCOVERED_FOR:
            known = self._algorithms[issuer] = now, self._listed(issuer)
        return known[1]

    def _listed(self, issuer: str) -> tuple[str, ...]:
        place = self.registered.place(issuer, "issuer")
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            said = self.registered.common.outbound.get(
                place,
                url,
                headers={"Accept": "application/json"},
                most_bytes=MOST_BYTES,
                total_seconds=LONGEST_CALL,
            ).json
        except EhrRefused as error:
            # Older servers have a smart-configuration alone.
            if error.status != 404:
                raise
            return _USUAL
        if not isinstance(said, Mapping) or said.get("issuer") != issuer:
            raise _unproven("the server's openid-configuration is that of another issuer")
        listed = said.get("id_token_signing_alg_values_supported")
        if not isinstance(listed, list):
            return _USUAL
        return tuple(each for each in KNOWN_ALGORITHMS if each in listed)


def _header(id_token: str) -> Mapping[str, Any]:
    if len(id_token) > LONGEST:
        raise _unproven("it is far too long")
    try:
        return extract_compact(id_token.encode("ascii", "replace"), registry=_Registry()).headers()
    except (JoseError, ValueError):
        raise _unproven("it cannot be read") from None


def _signed_by(id_token: str, key: PublicKey, algorithm: str) -> Mapping[str, Any] | None:
    """The claims, when this key signed them."""
    registry = _Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        return jwt.decode(id_token, key.key, algorithms=[algorithm], registry=registry).claims
    except (JoseError, ValueError):
        return None


def _wrong(claims: Mapping[str, Any], pending: PendingLaunch, now: datetime) -> Iterator[str]:
    """Everything that is wrong with what a signed token says."""
    if claims.get("iss") != pending.issuer:
        yield "it is from another issuer"
    yield from _wrong_audience(claims, pending.client_id)
    seconds = now.timestamp()
    until, since, not_before = (_moment(claims.get(each)) for each in ("exp", "iat", "nbf"))
    if until is None or until + LEEWAY <= seconds:
        yield "it is over, or does not say until when it holds"
    if since is None or since - LEEWAY > seconds:
        yield "it was made in our future, or does not say when; compare the clocks of both sides"
    if "nbf" in claims and (not_before is None or not_before - LEEWAY > seconds):
        yield "it does not hold yet"
    if pending.nonce and claims.get("nonce") != pending.nonce:
        yield "it is not of this launch (nonce)"
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        yield "it does not say whom it is about"


def _wrong_audience(claims: Mapping[str, Any], client_id: str) -> Iterator[str]:
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if client_id not in named:
        yield "it is made out for another client"
    party = claims.get("azp")
    if (party is not None or len(named) > 1) and party != client_id:
        yield "it was given to another client"


def _moment(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = Decimal(value)
    return found if found.is_finite() else None


def _user(claims: Mapping[str, Any], pending: PendingLaunch) -> tuple[LaunchUser, list[Finding]]:
    said = claims.get("fhirUser") or claims.get("profile")
    reference, on_server = _reference(said, pending.base_url) if isinstance(said, str) else ("", False)
    user = LaunchUser(
        issuer=str(claims["iss"]), subject=str(claims["sub"]), reference=reference, is_on_server=on_server
    )
    findings: list[Finding] = []
    if not said:
        findings.append(_note("FHIR_USER_MISSING", "The EHR names the person by a subject alone."))
    elif not reference:
        findings.append(
            _note("FHIR_USER_UNREADABLE", "The EHR names the person in a way that cannot be read (fhirUser).")
        )
    elif not on_server:
        findings.append(
            _note(
                "FHIR_USER_ELSEWHERE",
                "The person's own resource is on another server, which is not asked with this token.",
            )
        )
    return user, findings


def _reference(said: str, base_url: str) -> tuple[str, bool]:
    """A FHIR resource of a person: relative where it is on the server, whole elsewhere, empty when it is none."""
    relative = _USER.fullmatch(said)
    if relative:
        return f"{relative['type']}/{relative['id']}", True
    start, name = _split(said)
    there = address_compared(start)
    if there is None:
        return "", False
    # The same server may write its own address with other letters, or with its default port.
    on_server = there == address_compared(base_url)
    return (name, True) if on_server else (f"{start}/{name}", False)


def _split(said: str) -> tuple[str, str]:
    """The base and `Type/id` of a whole URL; empty when it is none."""
    for kind in PERSONS:
        start, mark, rest = said.rpartition(f"/{kind}/")
        found = _USER.fullmatch(f"{kind}/{rest}") if mark else None
        if found:
            return start, f"{found['type']}/{found['id']}"
    return "", ""


def _unproven(why: str) -> LaunchRefused:
    return LaunchRefused(
        Why.IDENTITY_UNPROVEN,
        f"the EHR's id_token does not prove who the person is: {why}. Launch again from the chart; if it stays so,"
        " tell the EHR's operator",
    )


def _note(code: str, text: str) -> Finding:
    return Finding(code=code, severity=Severity.INFORMATION, text=text)
