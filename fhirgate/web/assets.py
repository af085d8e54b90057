"""Files of ours that browsers may keep for ever: their address names their content."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from flask import Response

from fhirgate.web.gate import Gate
from fhirgate.web.problem import Problem
from fhirgate.web.route import Access, Answer, Reader, Route

STYLE, ICON = "fhirgate.css", "fhirgate.svg"
_TYPES = {STYLE: "text/css; charset=utf-8", ICON: "image/svg+xml"}
KEPT = 365 * 24 * 3600
"""How long a browser may keep one [s]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file."""

    content: bytes
    content_type: str


@cache
def _assets() -> dict[str, tuple[str, Asset]]:
    """By their names: the name with the content's digest in it, and the file."""
    found = {}
    for name, content_type in _TYPES.items():
        content = files("fhirgate.web").joinpath("static", name).read_bytes()
        stem, _, ending = name.rpartition(".")
        told = f"{stem}.{sha256(content).hexdigest()[:16]}.{ending}"
        found[name] = told, Asset(content=content, content_type=content_type)
    return found


def address_of(name: str) -> str:
    """Where a file is found."""
    return f"/static/{_assets()[name][0]}"


def static(_gate: Gate, name: str) -> Response:
    """A file by the name that has its digest. Raises Problem 404 for every other name."""
    found = next((each for told, each in _assets().values() if told == name), None)
    if found is None:
        raise Problem(status=404, kind="not-found", detail="there is no such file")
    answer = Response(found.content, content_type=found.content_type)
    answer.headers["Cache-Control"] = f"public, max-age={KEPT}, immutable"
    return answer


ROUTES = (
    Route(
        rule="/static/<name>",
        method="GET",
        name="static",
        access=Access.OPEN,
        reader=Reader.PERSON,
        view=static,
        summary="What pages look like.",
        answers={200: Answer(says="The file.", content_type="text/css")},
    ),
)
