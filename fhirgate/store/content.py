"""Whether a resource says anything new: a digest of its content."""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec

from fhirgate.mapping.content import said

_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(order="sorted", decimal_format="number")


def read_body(body: bytes) -> dict[str, Any]:
    """The resource, with its decimals as written."""
    return _DECODER.decode(body)


def content_sha256(resource: Mapping[str, Any]) -> str:
    """A digest that is equal for resources that say the same."""
    return sha256(_ENCODER.encode(said(resource))).hexdigest()
