"""References among our results, turned into references to the server's copies of them.

In our store results refer to each other by our ids, which no server need know. A result of ours of which the server has
no copy is referred to by identifier: its id is a UUID, and every copy carries it as `urn:uuid:…` beside the business
identifier. References to the record stay as they are.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fhirgate.ehr.write_copies import Copy
from fhirgate.ehr.write_plan import WRITTEN
from fhirgate.mapping.compose.elements import Json
from fhirgate.services.ports import Identifier, ResourceName

URIS = "urn:ietf:rfc:3986"
_LOCAL = re.compile(
    rf"(?:urn:uuid:|(?P<type>{'|'.join(WRITTEN)})/)(?P<id>[A-Za-z0-9.-]{{1,64}})(?:/_history/(?P<version>[^/]+))?"
)
_MADE_FROM_A_NAME = 5
"""The version of our UUIDs; ids that servers give are random or counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a result of ours stands on the server."""

    name: ResourceName
    copy: Copy | None = None
    before: Copy | None = None
    """What the copy was before this writing, when that is known."""


Places = Callable[[ResourceName], Place | None]
"""Where a result of ours stands; None for what is none. The type asked for is empty when a reference tells none."""


def uuid_identifier(id_: str) -> Identifier:
    """Our id of a result as an identifier of its copies."""
    return Identifier(system=URIS, value=f"urn:uuid:{id_}")


def with_uuid(resource: Json, id_: str) -> Json:
    """A resource that carries our id as an identifier."""
    ours = uuid_identifier(id_)
    return {**resource, "identifier": [*resource["identifier"], {"system": ours.system, "value": ours.value}]}


def placed(value: Any, places: Places) -> Any:
    """A resource with its references to results of ours led to the server's copies of them."""
    if isinstance(value, list):
        return [placed(each, places) for each in value]
    if not isinstance(value, Mapping):
        return value
    name, version = local_name(value.get("reference"))
    place = places(name) if name is not None else None
    if place is None:
        return {key: placed(each, places) for key, each in value.items()}
    return {**{key: each for key, each in value.items() if key != "reference"}, **_to(place, version)}


def local_name(reference: Any) -> tuple[ResourceName | None, str]:
    """What a reference names if it can be a result of ours, and the version of it."""
    found = _LOCAL.fullmatch(reference) if isinstance(reference, str) else None
    if found is None:
        return None, ""
    return ResourceName(found["type"] or "", found["id"]), found["version"] or ""


def is_our_id(id_: str) -> bool:
    """Whether an id is made as ours are."""
    try:
        return UUID(id_).version == _MADE_FROM_A_NAME
    except ValueError:
        return False


def _to(place: Place, version: str) -> Json:
    if place.copy is None:
        ours = uuid_identifier(place.name.id)
        kind = {"type": place.name.type} if place.name.type else {}
        return {**kind, "identifier": {"system": ours.system, "value": ours.value}}
    if version and place.before is not None:
        return {"reference": place.before.versioned}
    return {"reference": place.copy.name}
