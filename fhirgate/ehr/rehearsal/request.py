"""The authorization request: begun by the launch itself, and looked at parameter by parameter."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from fhirgate.ehr.doctor.line import Told
from fhirgate.ehr.doctor.telling import failed, in_short, ok, told_of
from fhirgate.ehr.rehearsal.case import LaunchCase, there
from fhirgate.errors import EhrError
from fhirgate.services.launches import Begun, Flow, LaunchRefused

LEAST_STATE = 22
"""Characters; SMART asks for 122 bits."""
CHALLENGE = 43
"""Characters of a SHA-256 in base64url."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter that the request must have."""

    name: str
    shown: str
    """What may be told of it."""
    holds: bool


def request(case: LaunchCase) -> Iterator[Told]:
    """Begin, and look at where the browser is sent."""
    try:
        case.begun = _begun(case)
    except LaunchRefused as error:
        yield failed(in_short(error), "give the launch as the EHR gave it: --launch")
        return
    except EhrError as error:
        yield told_of(error, case)
        return
    case.pending = case.store.pending[case.begun.state]
    for each in _parameters(case):
        if each.holds:
            yield ok(each.shown, about=each.name)
        else:
            yield failed(
                "is not as it must be", "please report this: it is an error in fhirgate", about=each.name
            )


def _begun(case: LaunchCase) -> Begun:
    if case.handle is None:
        return case.live.begin_standalone(case.entry.name, case.secret)
    return case.live.begin_from_ehr(case.handle.iss, case.handle.launch, case.secret)


def _parameters(case: LaunchCase) -> Iterator[Parameter]:
    parts = urlsplit(there(case.begun).url)
    pairs = parse_qsl(parts.query, strict_parsing=True)
    asked = dict(pairs)
    launch, uri = case.registered.launch, case.live.redirect_uri(case.entry.name)
    base = case.entry.base_url if case.handle is None else case.handle.iss
    yield _equal(asked, "response_type", "code")
    yield _equal(asked, "client_id", launch.client_id)
    yield _equal(asked, "redirect_uri", uri)
    yield _equal(asked, "aud", base)
    scope = asked.get("scope", "")
    yield Parameter(name="scope", shown=scope, holds=bool(scope))
    state = asked.get("state", "")
    yield Parameter(
        name="state",
        shown=f"{len(state)} characters, good once, for this browser session",
        holds=len(state) >= LEAST_STATE and len(dict(pairs)) == len(pairs),
    )
    challenge = asked.get("code_challenge", "")
    yield Parameter(
        name="code_challenge",
        shown="of a verifier that stays here until the code is exchanged (PKCE)",
        holds=len(challenge) == CHALLENGE and challenge != there(case.pending).verifier,
    )
    yield _equal(asked, "code_challenge_method", "S256")
    yield Parameter(
        name="launch",
        shown="the handle that the EHR gave" if "launch" in asked else "none, it is a standalone launch",
        holds=("launch" in asked) is (case.flow is Flow.EHR),
    )
    yield Parameter(
        name="nonce",
        shown="binds the id_token to this launch" if "nonce" in asked else "none, no id_token is asked for",
        holds=("nonce" in asked) is ("openid" in scope.split()),
    )


def _equal(asked: dict[str, str], name: str, wanted: str) -> Parameter:
    return Parameter(name=name, shown=wanted, holds=asked.get(name) == wanted)
