"""What a server says it can do: the parts of its CapabilityStatement that decide what we ask for and what we write.

https://hl7.org/fhir/R4/capabilitystatement.html

Decisions
- A type or parameter that is not listed is not asked for: one unknown parameter makes a whole search a 400.
- Where a statement is silent, the least that US Core and the International Patient Access guide demand of every
  server is assumed: a listed type without interactions can be read and searched, and a type without any listed
  parameter can be searched by `patient`. Nothing else is assumed, `_count` and writing neither.
- Parameters listed for the whole server (`rest.searchParam`) hold for each type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fhirgate.errors import EhrGarbled

_LEAST_PARAMETERS = frozenset({"patient"})
_READ, _SEARCH = "read", "search-type"
_CREATE, _UPDATE, _HISTORY = "create", "update", "history-instance"
_TRANSACTION, _BATCH = "transaction", "batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCapability:
    """What can be done with one type of resource."""

    reads: bool = True
    searches: bool = True
    parameters: frozenset[str] = _LEAST_PARAMETERS
    creates: bool = False
    updates: bool = False
    reads_history: bool = False
    conditional_create: bool = False
    """Takes If-None-Exist."""
    conditional_update: bool = False
    update_create: bool = False
    """Takes a PUT with an id it does not know yet."""
    versioning: str = ""
    """`no-version`, `versioned`, `versioned-update` (If-Match is demanded), or empty when it does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """A server's statement. `assumed`: there was none, and every type is taken to offer the least."""

    fhir_version: str = ""
    software: str = ""
    types: Mapping[str, TypeCapability] = field(default_factory=dict)
    transaction: bool = False
    """Listed; some servers run one as a batch all the same."""
    batch: bool = False
    assumed: bool = False
    why_assumed: str = field(default="", compare=False)
    """How asking for it failed, in words without patient data."""

    def of(self, kind: str) -> TypeCapability | None:
        """What it offers for a type; None when it does not list it."""
        return TypeCapability() if self.assumed else self.types.get(kind)


def parse_statement(server: str, statement: Any) -> Capability:
    """The statement as received, read. Raises EhrGarbled when it is none."""
    if not isinstance(statement, dict) or statement.get("resourceType") != "CapabilityStatement":
        raise EhrGarbled(
            f"server {server!r}: what it answered to GET metadata is no CapabilityStatement; check base_url"
        )
    rest = next((each for each in _tables(statement, "rest") if each.get("mode", "server") == "server"), {})
    common = _names(rest, "searchParam", "name")
    system = _names(rest, "interaction", "code")
    software = statement.get("software")
    software = software if isinstance(software, dict) else {}
    return Capability(
        fhir_version=_text(statement, "fhirVersion"),
        software=f"{_text(software, 'name')} {_text(software, 'version')}".strip(),
        types={
            _text(each, "type"): _type(each, common)
            for each in _tables(rest, "resource")
            if _text(each, "type")
        },
        transaction=_TRANSACTION in system,
        batch=_BATCH in system,
    )


def _type(raw: Mapping[str, Any], common: frozenset[str]) -> TypeCapability:
    interactions = _names(raw, "interaction", "code")
    own = _names(raw, "searchParam", "name")
    return TypeCapability(
        reads=not interactions or _READ in interactions,
        searches=not interactions or _SEARCH in interactions,
        parameters=(own or _LEAST_PARAMETERS) | common,
        creates=_CREATE in interactions,
        updates=_UPDATE in interactions,
        reads_history=_HISTORY in interactions,
        conditional_create=raw.get("conditionalCreate") is True,
        conditional_update=raw.get("conditionalUpdate") is True,
        update_create=raw.get("updateCreate") is True,
        versioning=_text(raw, "versioning"),
    )


def _tables(raw: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = raw.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _names(raw: Mapping[str, Any], key: str, name: str) -> frozenset[str]:
    return frozenset(filter(None, (_text(each, name) for each in _tables(raw, key))))


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    return value if isinstance(value, str) else ""
