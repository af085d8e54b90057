"""The body of an answer: read to its end, up to a size, and understood as JSON where JSON was asked for."""

from typing import Any

from urllib3.response import BaseHTTPResponse

from fhirgate.exact_json import NotJson, decode

CHUNK = 1 << 16
_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_KINDS = {
    "text/html": "HTML",
    "application/xhtml+xml": "HTML",
    "application/xml": "XML",
    "text/xml": "XML",
}


class TooLong(Exception):
    """The body is larger than the call allows; its message says how large that is."""


class NotTheKindWanted(Exception):
    """The body is not JSON; its message says in words what it is instead."""


def whole_body(raw: BaseHTTPResponse, most_bytes: int) -> bytes:
    """All of a body, decompressed. Raises TooLong, and what urllib3 raises, such as for one cut off."""
    declared = raw.headers.get("Content-Length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > most_bytes:
        raise TooLong(_how_large(most_bytes))
    parts: list[bytes] = []
    size = 0
    for part in raw.stream(CHUNK, decode_content=True):
        size += len(part)
        if size > most_bytes:
            raise TooLong(_how_large(most_bytes))
        parts.append(part)
    return b"".join(parts)


def json_of(body: bytes, content_type: str) -> Any:
    """The value of a JSON body. Raises NotTheKindWanted."""
    kind = content_type.partition(";")[0].strip().lower()
    other = _OTHER_KINDS.get(kind) or ("XML" if kind.endswith("+xml") else None)
    text = body.removeprefix(_UTF8_MARK)
    if other is None and text.lstrip()[:1] == b"<":
        other = "HTML or XML"
    if other is not None:
        hint = "; is a login page or a proxy in between?" if "HTML" in other else ""
        raise NotTheKindWanted(f"it answered {other} instead of JSON{hint}")
    if not text.strip():
        raise NotTheKindWanted("its answer is empty")
    try:
        return decode(text)
    except NotJson as error:
        why = f"its answer is not JSON that can be read: {error}"
    raise NotTheKindWanted(why)


def _how_large(most_bytes: int) -> str:
    mib = most_bytes / (1 << 20)
    return (
        f"its answer is larger than {mib:.0f} MiB"
        if mib >= 1
        else f"its answer is larger than {most_bytes} bytes"
    )
