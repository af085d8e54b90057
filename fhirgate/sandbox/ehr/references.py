"""The references inside a resource: found, replaced, and held against what is here."""

from collections.abc import Iterator, Mapping
from typing import Any

from fhirgate.sandbox.ehr.criteria import local_reference
from fhirgate.sandbox.ehr.records import Records, Version
from fhirgate.sandbox.ehr.refused import Refused
from fhirgate.sandbox.ehr.table import KINDS

Json = dict[str, Any]


def references(value: Any) -> Iterator[str]:
    """Every literal reference, at any depth."""
    if isinstance(value, dict):
        held = value.get("reference")
        if isinstance(held, str):
            yield held
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


def replaced(value: Any, names: Mapping[str, str]) -> Any:
    """The same with some references replaced by others."""
    if isinstance(value, dict):
        return {
            name: names.get(each, each)
            if name == "reference" and isinstance(each, str)
            else replaced(each, names)
            for name, each in value.items()
        }
    return [replaced(each, names) for each in value] if isinstance(value, list) else value


def check_references(version: Version, records: Records, base_url: str) -> None:
    """Raises Refused (422) for a new reference to something that should be here and is not.

    Records that are loaded may refer to what was never part of them; whoever changes such a resource keeps that.
    """
    resource = version.resource
    before = records.versions(version.name)[: version.number - 1]
    kept = set(references(before[-1].resource)) if before else set()
    contained = resource.get("contained", [])
    inner = {f"#{each.get('id')}" for each in contained if isinstance(each, dict)}
    for each in set(references(resource)) - kept:
        if each.startswith("#"):
            known = each == "#" or each in inner
        elif each.startswith("urn:"):
            known = False
        else:
            name = local_reference(each, base_url)
            # What is elsewhere cannot be looked up.
            known = name is None or (name[0] in KINDS and records.current(name) is not None)
            known = known and (name is not None or "://" in each)
        if not known:
            raise Refused(422, "not-found", "it refers to a resource that is not here")
