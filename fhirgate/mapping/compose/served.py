"""A kept resource as it is answered and sent: with its version, every other value in the characters it is kept in.

What is kept has no version inside, for the same judgement must give the same bytes. Only its `meta` is written anew;
numbers keep their digits, since nothing else is read as a value. For R5 the shape changes (`compose.r5`) and decimals
are exact all the same.
"""

from datetime import datetime

import msgspec

from fhirgate.exact_json import decode, members
from fhirgate.mapping.compose.r5 import as_r5
from fhirgate.mapping.compose.subscription_status import EXACT, instant
from fhirgate.mapping.subscriptions import Release


def as_served(body: bytes, version: int, recorded_at: datetime, release: Release = Release.R4) -> bytes:
    """The JSON text of one version of a resource. Raises NotJson for what is none."""
    if release is Release.R5:
        body = EXACT.encode(as_r5(decode(body)))
    found = members(body)
    meta = members(found["meta"]) if "meta" in found else {}
    said = {"versionId": str(version), "lastUpdated": instant(recorded_at)}
    head = {name: found[name] for name in ("resourceType", "id") if name in found}
    rest = {name: value for name, value in found.items() if name not in ("resourceType", "id", "meta")}
    return msgspec.json.encode({**head, "meta": {**said, **_without(meta, said)}, **rest})


def _without(meta: dict[str, msgspec.Raw], said: dict[str, str]) -> dict[str, msgspec.Raw]:
    return {name: value for name, value in meta.items() if name not in said}
