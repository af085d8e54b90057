"""The form of a decision, read strictly: known fields, each as often as it may be, and nothing else."""

from collections.abc import Mapping
from typing import TypeVar

from flask import request

from fhirgate.services.decisions import Act, Decision, LocalTherapy, Reason
from fhirgate.web.csrf import FIELD
from fhirgate.web.problem import Problem

FORM = "application/x-www-form-urlencoded"
MOST_VALUES = 200
LONGEST = 20_000
"""Characters of one value: a comment that is too long is told of in words, and one far beyond is not looked at."""
_SINGLE = frozenset({FIELD, "shown", "preset", "act", "reason", "comment"})
_MANY = frozenset({"lesion", "therapy"})
_Choice = TypeVar("_Choice", Act, LocalTherapy, Reason)


def form_fields(allowed: frozenset[str]) -> Mapping[str, list[str]]:
    """What was sent, by name. Raises Problem 415, 400."""
    if request.mimetype != FORM:
        raise Problem(status=415, kind="unsupported-media-type", detail=f"send the form as {FORM}")
    found = {name: request.form.getlist(name) for name in request.form}
    if (
        request.args
        or set(found) - allowed
        or any(len(values) > 1 for name, values in found.items() if name in _SINGLE)
        or sum(map(len, found.values())) > MOST_VALUES
        or any(len(each) > LONGEST or "\0" in each for values in found.values() for each in values)
    ):
        raise _unreadable()
    return found


def decision_fields() -> Mapping[str, list[str]]:
    """Those of a decision."""
    return form_fields(_SINGLE | _MANY)


def first(fields: Mapping[str, list[str]], name: str) -> str:
    """The only value of a field; empty when it is not there."""
    return next(iter(fields.get(name, ())), "")


def decision_of(fields: Mapping[str, list[str]]) -> Decision:
    """What a person decides. What belongs to another act than the chosen one is passed over. Raises Problem 400."""
    act = _choice(Act, first(fields, "act"))
    reason = first(fields, "reason")
    is_amended = act is Act.AMEND
    return Decision(
        act=act,
        preset=first(fields, "preset"),
        shown=first(fields, "shown"),
        lesions=tuple(fields.get("lesion", ())) if is_amended else (),
        therapies=tuple(_choice(LocalTherapy, each) for each in fields.get("therapy", ()))
        if is_amended
        else (),
        reason=_choice(Reason, reason) if reason and act is Act.DISMISS else None,
        # Browsers send line ends as CR LF.
        comment=first(fields, "comment").replace("\r\n", "\n").strip(),
    )


def _choice(kind: type[_Choice], value: str) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        raise _unreadable() from None


def _unreadable() -> Problem:
    return Problem(
        status=400, kind="form-unreadable", detail="this is not the form of the page; nothing was done"
    )
