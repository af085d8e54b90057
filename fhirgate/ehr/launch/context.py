"""The launch context of a token answer (C4): each parameter by itself, and nothing of what cannot be read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fhirgate.oncology.finding import Finding, Severity
from fhirgate.outbound.address import origin_of
from fhirgate.services.launches import ContextItem, LaunchContext

MOST_ITEMS = 64
LONGEST_URL = 2048
LONGEST_OPAQUE = 1024
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_REFERENCE = re.compile(
    r"(?P<type>[A-Z][A-Za-z]{2,39})/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?"
)
_TYPE = re.compile(r"[A-Z][A-Za-z]{2,39}")
_WORD = re.compile(r"[\x21-\x7e]{1,256}")
_OF_THE_LAUNCH = ("Patient", "Encounter")
"""These have parameters of their own; in fhirContext they may only play another role than `launch`."""


def context_of(body: Mapping[str, Any]) -> tuple[LaunchContext, tuple[Finding, ...]]:
    """What a token answer says of where the clinician stands, and what of it could not be used."""
    findings: list[Finding] = []
    context = LaunchContext(
        patient=_id(body, "patient", findings),
        encounter=_id(body, "encounter", findings),
        items=tuple(_items(body.get("fhirContext"), findings)),
        need_patient_banner=_flag(body, "need_patient_banner", findings),
        smart_style_url=_style(body, findings),
        intent=_text(body, "intent", _WORD, findings),
        tenant=_opaque(body, findings),
    )
    return context, tuple(findings)


def context_again(
    before: LaunchContext, body: Mapping[str, Any]
) -> tuple[LaunchContext, tuple[Finding, ...]]:
    """The context after a refresh: what was there stays, whatever is sent again.

    A page is bound to one patient: a refresh that names another is told, and not followed.
    """
    patient = body.get("patient")
    if isinstance(patient, str) and before.patient and patient != before.patient:
        return before, (
            _unusable("CONTEXT_CHANGED", "On renewal the EHR named another patient; it was not followed."),
        )
    return before, ()


def _id(body: Mapping[str, Any], name: str, findings: list[Finding]) -> str:
    return _text(body, name, _ID, findings)


def _text(
    body: Mapping[str, Any], name: str, pattern: re.Pattern[str], findings: list[Finding], longest: int = 256
) -> str:
    value = body.get(name)
    if value is None or value == "":
        return ""
    if isinstance(value, str) and len(value) <= longest and pattern.fullmatch(value):
        return value
    findings.append(_unread(name))
    return ""


def _flag(body: Mapping[str, Any], name: str, findings: list[Finding]) -> bool | None:
    value = body.get(name)
    if value in ("true", "false"):
        return bool(value == "true")
    if value is None or isinstance(value, bool):
        return value
    findings.append(_unread(name))
    return None


def _style(body: Mapping[str, Any], findings: list[Finding]) -> str:
    value = body.get("smart_style_url")
    if value is None or value == "":
        return ""
    try:
        if isinstance(value, str) and len(value) <= LONGEST_URL:
            origin_of(value)
            return value
    except ValueError:
        pass
    findings.append(_unread("smart_style_url"))
    return ""


def _opaque(body: Mapping[str, Any], findings: list[Finding]) -> str:
    value = body.get("tenant")
    if value is None or (isinstance(value, str) and len(value) <= LONGEST_OPAQUE):
        return value or ""
    findings.append(_unread("tenant"))
    return ""


def _items(value: Any, findings: list[Finding]) -> Iterator[ContextItem]:
    if value is None:
        return
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        findings.append(_unread("fhirContext"))
        return
    for number, each in enumerate(value):
        item = _item(each)
        if item is None:
            findings.append(_unread(f"fhirContext[{number}]"))
        elif (item.type in _OF_THE_LAUNCH) and item.role == "launch":
            findings.append(
                _unusable(
                    "CONTEXT_MISPLACED",
                    f"fhirContext[{number}] is a {item.type} of the launch, which has a parameter of its own; it was"
                    " passed over.",
                )
            )
        else:
            yield item


def _item(value: Any) -> ContextItem | None:
    if not isinstance(value, Mapping):
        return None
    reference, canonical = value.get("reference"), value.get("canonical")
    found = _REFERENCE.fullmatch(reference) if isinstance(reference, str) else None
    identifier = _identifier(value.get("identifier"))
    if found is None and not _is_word(canonical) and not identifier:
        return None
    said = value.get("type")
    role = value.get("role")
    return ContextItem(
        reference=found.group() if found else "",
        canonical=str(canonical) if _is_word(canonical) else "",
        identifier=identifier,
        type=found["type"] if found else (said if isinstance(said, str) and _TYPE.fullmatch(said) else ""),
        # Absent or empty means launch, says the guide.
        role=str(role) if _is_word(role) else "launch",
    )


def _identifier(value: Any) -> str:
    if not isinstance(value, Mapping) or not isinstance(value.get("value"), str):
        return ""
    system = value.get("system")
    whole = f"{system if isinstance(system, str) else ''}|{value['value']}"
    return whole if len(whole) <= LONGEST_OPAQUE and whole.isprintable() else ""


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def _unread(name: str) -> Finding:
    return _unusable("CONTEXT_UNREADABLE", f"The launch context's {name} cannot be read and was passed over.")


def _unusable(code: str, text: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, text=text)
