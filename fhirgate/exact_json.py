"""JSON text as Python values with nothing changed: decimals exact, no key dropped, no number invented.

Python's own reader is not used for the work: it accepts NaN, keeps the last of two equal keys in silence and is
slower. It is used to name the key once nothing cheaper shows that none stands twice.
"""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any, NoReturn

import msgspec

DEEPEST = 200
"""Levels of nesting accepted; FHIR's own examples stay below 30."""
LARGEST_EXPONENT = 400
"""A number beyond 10 to this power (binary floats end at 308) would fill the memory when it is written out."""

_AT_BYTE = re.compile(r"(?:JSON is malformed: )?(?P<why>.*) \(byte (?P<byte>\d+)\)")
_HALF_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w{0,63}")
_Bytes = bytes | msgspec.Raw


class NotJson(ValueError):
    """Text that cannot be taken as JSON; says why, and the line and column where that is known."""


class _TwiceNamed(Exception):
    pass


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if abs(value.adjusted()) > LARGEST_EXPONENT:
        raise ArithmeticError
    return value


_ANY = msgspec.json.Decoder(float_hook=_number)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_indented = partial(msgspec.json.format, indent=1)
_DEEP = b"\n" + b" " * DEEPEST
"""What a text that may be too deep contains when each level is indented by one; no string holds a bare line end."""


def decode(text: _Bytes) -> Any:
    """The value of a whole JSON text. Raises NotJson."""
    value = _read(_ANY.decode, text)
    written = bytes(text)
    deep = _DEEP in _read(_indented, written)
    if (deep or not _is_same(value, written)) and _key_ends(text) != _keys(value):
        _refuse_repeated_keys(text)
    return value


def members(text: _Bytes) -> dict[str, msgspec.Raw]:
    """The members of a JSON object, each still as text, so that a large one need not be held twice.

    Raises NotJson, also when one of its own keys stands twice.
    """
    found: dict[str, msgspec.Raw] = _read(_MEMBERS.decode, text)
    if _own_keys(bytes(text), found) != len(found):
        _refuse_repeated_keys(text)
    return found


def items(text: _Bytes) -> list[msgspec.Raw]:
    """The items of a JSON array, each still as text. Raises NotJson."""
    found: list[msgspec.Raw] = _read(_ITEMS.decode, text)
    return found


def _read(reader: Callable[[_Bytes], Any], text: _Bytes) -> Any:
    try:
        return reader(text)
    except RecursionError:
        raise NotJson(f"nested more than {DEEPEST} levels deep") from None
    except ArithmeticError:
        raise NotJson(f"a number is larger or smaller than 10 to the power of {LARGEST_EXPONENT}") from None
    except UnicodeDecodeError:
        raise NotJson(_not_utf8(bytes(text))) from None
    except msgspec.DecodeError as error:
        raise NotJson(_in_words(error, bytes(text))) from None


def _in_words(error: msgspec.DecodeError, text: bytes) -> str:
    if isinstance(error, msgspec.ValidationError):
        return "a number has too many digits" if "Integer" in str(error) else "not the kind of JSON expected"
    match = _AT_BYTE.fullmatch(str(error))
    if match is None and _HALF_CHARACTER.search(text) and _is_complete(text):
        return "a string holds half a character (an unpaired surrogate)"
    if match is None:
        return f"the JSON ends before it is complete, at {_place(text, len(text))}; the file was cut off"
    return f"not JSON: {match['why']} at {_place(text, int(match['byte']))}"


def _is_complete(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _not_utf8(text: bytes) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8: byte 0x{text[error.start]:02x} at {_place(text, error.start)}; save it as UTF-8"
    return "a string is not UTF-8"


def _place(text: bytes, offset: int) -> str:
    column = offset - text.rfind(b"\n", 0, offset)
    line = text.count(b"\n", 0, offset) + 1
    return f"line {line}, column {column}" if b"\n" in text.rstrip() else f"column {column}"


def _key_ends(text: _Bytes) -> int:
    """How often a quote is followed by a colon: at least the number of keys, and more only inside strings."""
    return bytes(text).translate(None, b" \t\r\n").count(b'":')


def _own_keys(text: bytes, found: dict[str, msgspec.Raw]) -> int:
    """How many keys an object has itself, at least. Its largest member need not be looked into: it is cut out."""
    if not found:
        return _key_ends(text)
    name = max(found, key=lambda each: len(memoryview(found[each])))
    largest = bytes(found[name])
    if largest[:1] in (b"[", b"{"):
        text, largest = text.replace(largest, b"null", 1), b""
    return (
        _key_ends(text) - sum(_key_ends(found[each]) for each in found if each != name) - _key_ends(largest)
    )


def _is_same(value: Any, text: bytes) -> bool:
    """Whether a value is, written again, its text but for spaces: then nothing was lost.

    Most are, and to see it takes half the time of counting keys. A text may also spell numbers or characters
    in another way, and is then not the same.
    """
    written = _ENCODER.encode(value)
    return written == text or written == msgspec.json.format(text, indent=-1)


def _keys(value: Any) -> int:
    """How many keys all objects of the value have. Raises NotJson when it is nested too deep."""
    count = 0
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for each in level:
            if each.__class__ is dict:
                count += len(each)
                inner += each.values()
            else:
                inner += each
        level = [each for each in inner if each.__class__ is dict or each.__class__ is list]
        if not level:
            return count
    raise NotJson(f"nested more than {DEEPEST} levels deep")


def _refuse_repeated_keys(text: _Bytes) -> None:
    try:
        json.loads(bytes(text), object_pairs_hook=_unique)
    except _TwiceNamed as twice:
        raise NotJson(f"an object names {twice} twice; which of the two holds cannot be known") from None


def _unique(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            _name_twice(key)
        seen.add(key)


def _name_twice(key: str) -> NoReturn:
    raise _TwiceNamed(f'the key "{key}"' if _PLAIN_KEY.fullmatch(key) else "a key")
