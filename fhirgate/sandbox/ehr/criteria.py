"""Search parameters read strictly, and resources held against them.

https://hl7.org/fhir/R4/search.html. What is not understood is refused (400): a parameter that is passed over in
silence makes a search find more than was asked for.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fhirgate.sandbox.ehr.dates import COMPARISONS, span, span_of
from fhirgate.sandbox.ehr.refused import Refused, invalid
from fhirgate.sandbox.ehr.table import By, Kind, Parameter

Json = dict[str, Any]
Test = Callable[[Any], bool]
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_REFERENCE = re.compile(
    r"(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/(?P<version>[A-Za-z0-9.-]{1,64}))?"
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter of a search: met by a resource that has one of the values."""

    parameter: Parameter
    tests: tuple[Test, ...]

    def is_met_by(self, resource: Json) -> bool:
        """Whether an element it looks at has one of the values."""
        held = [value for path in self.parameter.paths for value in values_at(resource, path)]
        return any(test(value) for value in held for test in self.tests)


def criteria(kind: Kind, asked: Iterable[tuple[str, str]], base_url: str) -> tuple[Criterion, ...]:
    """The parameters of a search, all of which a resource is to meet. Raises Refused."""
    return tuple(_criterion(kind, name, value, base_url) for name, value in asked)


def are_met(wanted: Iterable[Criterion], resource: Json) -> bool:
    """Whether a resource meets all of them."""
    return all(each.is_met_by(resource) for each in wanted)


def values_at(resource: Any, path: str) -> Iterator[Any]:
    """What stands at a path; each item of a list by itself."""
    held = [resource]
    for step in path.split("."):
        held = [
            item
            for each in held
            if isinstance(each, Mapping) and step in each
            for item in (each[step] if isinstance(each[step], list) else [each[step]])
        ]
    yield from held


def local_reference(text: object, base_url: str) -> tuple[str, str] | None:
    """Type and id of a reference to this server; None for any other."""
    if not isinstance(text, str):
        return None
    found = _REFERENCE.fullmatch(text.removeprefix(f"{base_url}/"))
    return (found["type"], found["id"]) if found else None


def _criterion(kind: Kind, name: str, value: str, base_url: str) -> Criterion:
    plain, colon, modifier = name.partition(":")
    parameter = kind.parameters.get(plain)
    if parameter is None:
        known = ", ".join(sorted(kind.parameters))
        raise Refused(
            400, "not-supported", f"{kind.name} is not searched by {_shown(plain)!r} here; known are {known}"
        )
    if colon:
        raise Refused(400, "not-supported", f"no modifier of {plain!r} is known here ({_shown(modifier)!r})")
    wanted = _split(value, ",")
    if not all(wanted):
        raise invalid(f"a value of {plain!r} is empty")
    test = {By.TOKEN: _token, By.DATE: _date, By.REFERENCE: _reference}[parameter.by]
    return Criterion(parameter, tuple(test(parameter, each, base_url) for each in wanted))


def _shown(text: str) -> str:
    """A name of a parameter as it may be told: short, and of plain characters."""
    return re.sub(r"[^A-Za-z0-9_.-]", "?", text)[:40]


def _split(text: str, at: str) -> list[str]:
    """Parts between separators, except those that a backslash takes their meaning from."""
    parts = [""]
    for each in re.findall(r"\\.|.", text, re.DOTALL):
        if each == at:
            parts.append("")
        else:
            parts[-1] += each
    return parts


def _plain(text: str) -> str:
    return re.sub(r"\\([\\,$|])", r"\1", text)


def _token(parameter: Parameter, text: str, _base_url: str) -> Test:
    parts = [_plain(each) for each in _split(text, "|")]
    if len(parts) > 2:
        raise invalid(f"a value of {parameter.name!r} has more than one '|'")
    system, code = parts if len(parts) == 2 else (None, parts[0])
    if not code and not system:
        raise invalid(f"a value of {parameter.name!r} is empty")
    return lambda held: any(_is_token(each, system, code) for each in _tokens(held))


def _tokens(held: Any) -> Iterator[tuple[str | None, str]]:
    """System and code of an element; no system where its type has none."""
    if isinstance(held, Mapping):
        if isinstance(held.get("coding"), list):
            for each in held["coding"]:
                yield from _tokens(each)
        elif "code" in held or "value" in held:
            yield str(held.get("system", "")), str(held.get("code", held.get("value")))
    elif isinstance(held, bool):
        yield None, "true" if held else "false"
    elif isinstance(held, str):
        yield None, held


def _is_token(held: tuple[str | None, str], system: str | None, code: str) -> bool:
    own, value = held
    # The system of a plain code is implied by its element, and cannot be another one.
    fits = system is None or own is None or own == system
    return fits and (not code or value == code)


def _date(parameter: Parameter, text: str, _base_url: str) -> Test:
    prefix = text[:2] if text[:2].isalpha() else "eq"
    compare = COMPARISONS.get(prefix)
    if compare is None:
        raise invalid(f"the prefix of {parameter.name!r} is none of {', '.join(COMPARISONS)}")
    try:
        asked = span(text.removeprefix(prefix))
    except (ValueError, OverflowError):
        raise invalid(f"a value of {parameter.name!r} is no date") from None

    def test(held: Any) -> bool:
        known = span_of(held)
        return known is not None and compare(known, asked)

    return test


def _reference(parameter: Parameter, text: str, base_url: str) -> Test:
    value = _plain(text)
    wanted = local_reference(value, base_url)
    if wanted is None and not _ID.fullmatch(value):
        # A reference to elsewhere is no mistake, and nothing here has it but by its very words.
        if "://" not in value:
            raise invalid(f"a value of {parameter.name!r} is no reference")
        return lambda held: isinstance(held, Mapping) and held.get("reference") == value
    if wanted is not None and parameter.target and wanted[0] != parameter.target:
        raise invalid(f"{parameter.name!r} is a reference to {parameter.target}")

    def test(held: Any) -> bool:
        found = local_reference(held.get("reference"), base_url) if isinstance(held, Mapping) else None
        if found is None or (parameter.target and found[0] != parameter.target):
            return False
        return found == wanted if wanted is not None else found[1] == value

    return test
