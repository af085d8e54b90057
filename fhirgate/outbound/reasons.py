"""Why a server declined, in words fit for a log: codes and places of its OperationOutcome or OAuth error.

Free text (diagnostics, details.text, error_description) is left out: servers put names and identifiers into it.
https://hl7.org/fhir/R4/operationoutcome.html, RFC 6749 §5.2
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

MOST = 5
_CODE = re.compile(r"[a-z][a-z-]{0,39}")
_OWN_CODE = re.compile(r"[A-Za-z_-]{0,60}[0-9]{0,5}")
_PATH = re.compile(r"[A-Za-z]\w{0,60}(?:\[\d{1,5}\])?(?:\.[A-Za-z]\w{0,60}(?:\[\d{1,5}\])?){0,12}")
_OAUTH = re.compile(r"[a-z_]{1,60}")


def reasons_of(body: Any) -> tuple[str, ...]:
    """The issues of an error body, the first few; empty when it says nothing that can be told."""
    if not isinstance(body, Mapping):
        return ()
    error = body.get("error")
    if isinstance(error, str) and _OAUTH.fullmatch(error):
        return (error,)
    issues = body.get("issue") if body.get("resourceType") == "OperationOutcome" else None
    if not isinstance(issues, list):
        return ()
    told = (_reason(each) for each in issues if isinstance(each, Mapping))
    return tuple(dict.fromkeys(each for each in told if each))[:MOST]


def challenge_of(header: str | None) -> str:
    """The error code of a WWW-Authenticate header (RFC 6750 §3.1), such as `invalid_token`."""
    found = re.search(r'\berror="?([a-z_]{1,60})\b', header or "")
    return found[1] if found else ""


def _reason(issue: Mapping[str, Any]) -> str:
    codes = (str(issue.get(each)) for each in ("severity", "code") if _is(issue.get(each), _CODE))
    said = " ".join(codes)
    own = ", ".join(dict.fromkeys(_own_codes(issue.get("details"))))
    places = ", ".join(dict.fromkeys(_places(issue)))
    return said + (f" ({own})" if own else "") + (f" at {places}" if places else "")


def _own_codes(details: Any) -> Iterator[str]:
    coding = details.get("coding") if isinstance(details, Mapping) else None
    for each in coding if isinstance(coding, list) else ():
        if isinstance(each, Mapping) and _is(each.get("code"), _OWN_CODE):
            yield each["code"]


def _places(issue: Mapping[str, Any]) -> Iterator[str]:
    for key in ("expression", "location"):
        values = issue.get(key)
        for each in values if isinstance(values, list) else ():
            if _is(each, _PATH):
                yield each


def _is(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and bool(value) and pattern.fullmatch(value) is not None
