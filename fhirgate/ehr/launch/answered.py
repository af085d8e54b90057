"""From a token answer to what is remembered of a launch: the first one, and each after a refresh."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fhirgate.ehr.launch.context import context_again, context_of
from fhirgate.ehr.launch.granted import (
    granted_again,
    granted_findings,
    granted_of,
    of_launch,
    widened_findings,
)
from fhirgate.ehr.launch.identity import Identities
from fhirgate.ehr.launch.proof_key import new_secret
from fhirgate.ehr.launch.token_exchange import TokenAnswer
from fhirgate.ehr.scopes import Scopes
from fhirgate.ehr.tokens import Token, UnusableToken, token_findings, token_of
from fhirgate.errors import EhrGarbled
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.services.launches import (
    Flow,
    Launch,
    LaunchContext,
    LaunchRefused,
    LaunchSession,
    LaunchTokens,
    LaunchUser,
    PendingLaunch,
    Why,
)

UNKNOWN_LIFE = 3600.0
"""How long a token is used whose answer does not tell its life [s]: SMART advises an hour at most, and a clinician's
page that ended after a minute would be of no use. A 401 ends it sooner."""
LONGEST_SESSION = timedelta(hours=12)
"""No launch lasts longer, however often its token is renewed: a working day."""
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The first token answer of a launch."""

    pending: PendingLaunch
    answer: TokenAnswer
    identities: Identities

    def tokens(self) -> LaunchTokens:
        """What lets us in. Raises EhrGarbled."""
        token = _token(self.answer, self.pending.server)
        return LaunchTokens(
            access=token.secret,
            use_until=_instant(token),
            refresh=_refresh_token(self.answer) or "",
            endpoint=self.pending.token_endpoint,
            revocation=self.pending.revocation_endpoint,
        )

    def session(self, tokens: LaunchTokens) -> LaunchSession:
        """The launch, let in. Raises LaunchRefused and EhrError when it cannot go on."""
        pending, body = self.pending, self.answer.body
        granted = granted_of(pending.scopes, body.get("scope"))
        context, of_context = context_of(body)
        _require_patient(context, pending.flow)
        user, of_user = self._user()
        longest = self.answer.asked_at + LONGEST_SESSION
        return LaunchSession(
            launch=Launch(
                id=new_secret(),
                flow=pending.flow,
                server=pending.server,
                context=context,
                user=user,
                granted=granted,
                findings=(
                    *pending.findings,
                    *_token_findings(self.answer),
                    *granted_findings(granted, is_known=user is not None, is_renewable=bool(tokens.refresh)),
                    *of_context,
                    *of_user,
                ),
                began_at=self.answer.asked_at,
                ends_at=longest if tokens.refresh else min(longest, tokens.use_until),
            ),
            browser=pending.browser,
            base_url=pending.base_url,
            tokens=tokens,
        )

    def _user(self) -> tuple[LaunchUser | None, tuple[Finding, ...]]:
        id_token = self.answer.body.get("id_token")
        if isinstance(id_token, str):
            return self.identities.person(id_token, self.pending)
        text = (
            "The EHR does not say who the person is (no id_token); nothing can be decided in a person's name."
        )
        return None, (Finding(code="PERSON_UNKNOWN", severity=Severity.WARNING, text=text),)


def renewed(before: LaunchSession, answer: TokenAnswer) -> LaunchSession:
    """The launch after a refresh; what the server did not send again is kept. Raises EhrGarbled, LaunchRefused."""
    launch = before.launch
    token = _token(answer, launch.server)
    granted = granted_again(launch.granted, answer.body.get("scope"))
    context, of_context = context_again(launch.context, answer.body)
    told = (*launch.findings, *widened_findings(launch.granted, granted), *of_context)
    if granted != launch.granted:
        told = (*told, *granted_findings(granted, is_known=launch.user is not None, is_renewable=True))
    return replace(
        before,
        launch=replace(launch, granted=granted, context=context, findings=tuple(dict.fromkeys(told))),
        tokens=replace(
            before.tokens,
            access=token.secret,
            use_until=_instant(token),
            refresh=_refresh_token(answer) or before.tokens.refresh,
        ),
        version=before.version + 1,
    )


def _token(answer: TokenAnswer, server: str) -> Token:
    try:
        # On the wall clock: a session outlives the process that began it.
        said = answer.body if _tells_life(answer) else {**answer.body, "expires_in": int(UNKNOWN_LIFE)}
        return token_of(said, answer.asked_at.timestamp())
    except UnusableToken as error:
        raise EhrGarbled(f"server {server!r}: {error}", status=200) from None


def _instant(token: Token) -> datetime:
    return datetime.fromtimestamp(token.use_until, UTC)


def _refresh_token(answer: TokenAnswer) -> str | None:
    value: Any = answer.body.get("refresh_token")
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else None


def _token_findings(answer: TokenAnswer) -> Iterator[Finding]:
    yield from of_launch(token_findings(answer.body, answer.headers, Scopes()))
    if not _tells_life(answer):
        text = (
            "The EHR does not say how long the session may be used; it is used for"
            f" {UNKNOWN_LIFE / 60:.0f} minutes, or until the EHR refuses it."
        )
        yield Finding(code="SESSION_LIFE_UNKNOWN", severity=Severity.INFORMATION, text=text)


def _tells_life(answer: TokenAnswer) -> bool:
    found = token_findings(answer.body, answer.headers, Scopes())
    return not any(each.code == "TOKEN_LIFE_UNKNOWN" for each in found)


def _require_patient(context: LaunchContext, flow: Flow) -> None:
    if context.patient:
        return
    remedy = (
        "open a patient's chart and launch again from there"
        if flow is Flow.EHR
        else "choose a patient when the EHR asks for one, and have the scope launch/patient registered for the client"
    )
    raise LaunchRefused(
        Why.NO_PATIENT, f"the EHR let the launch in, but names no patient, so nothing is shown: {remedy}"
    )
