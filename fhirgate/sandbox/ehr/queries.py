"""The parameters of a search, parted into what to find and how to give it."""

from collections.abc import Iterable
from dataclasses import dataclass

from fhirgate.sandbox.ehr.refused import Refused, invalid

JSON_FORMATS = ("json", "application/json", "application/fhir+json")
USUAL_ON_A_PAGE, MOST_ON_A_PAGE = 20, 50
COUNT = "_count"
RESULT_PARAMETERS = (COUNT, "_format", "_total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search as it was asked."""

    wanted: tuple[tuple[str, str], ...]
    """What a resource must meet."""
    size: int
    """Resources on a page; 0: only how many there are."""


def query(asked: Iterable[tuple[str, str]]) -> Query:
    """Read what was asked. Raises Refused."""
    wanted: list[tuple[str, str]] = []
    how: dict[str, str] = {}
    for name, value in asked:
        if name not in RESULT_PARAMETERS:
            wanted.append((name, value))
        elif name in how:
            raise invalid(f"{name} is given twice")
        else:
            how[name] = value
    check_format(how.get("_format"))
    if how.get("_total", "accurate") not in ("accurate", "estimate", "none"):
        raise invalid("_total is none of accurate, estimate, none")
    return Query(wanted=tuple(wanted), size=_size(how.get(COUNT)))


def check_format(wanted: str | None) -> None:
    """Raises Refused (406) for any format but JSON."""
    # A plus sign in a query that was not encoded arrives as a space.
    if wanted is not None and wanted.replace(" ", "+") not in JSON_FORMATS:
        raise Refused(406, "not-supported", f"only {JSON_FORMATS[-1]} is spoken here")


def only_format(asked: Iterable[tuple[str, str]]) -> None:
    """For calls that take no parameter but `_format`. Raises Refused."""
    for name, value in asked:
        if name != "_format":
            raise Refused(400, "not-supported", "this call takes no parameter but _format")
        check_format(value)


def _size(text: str | None) -> int:
    if text is None:
        return USUAL_ON_A_PAGE
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise invalid("_count is no number")
    return min(int(text), MOST_ON_A_PAGE)
