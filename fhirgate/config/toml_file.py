"""A TOML file as plain values, numbers exact, and marshmallow's complaints as sentences with their place."""

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from fhirgate.errors import ConfigurationError

_LONGEST_WORD = 100
"""More letters than this are like no known word, and take long to compare."""


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """The content of a TOML file. Raises ConfigurationError when it cannot be opened or is no TOML."""
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream, parse_float=Decimal)
    except OSError as error:
        raise ConfigurationError(what, [f"cannot be opened: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(what, [f"not UTF-8 at byte {error.start}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(what, [f"not TOML: {error}"]) from error
    except RecursionError:
        raise ConfigurationError(what, ["nested too deeply"]) from None
    except (ValueError, ArithmeticError):
        raise ConfigurationError(what, ["holds a number or a date that is out of range"]) from None


def in_sentences(messages: Any, place: str = "") -> Iterator[str]:
    """marshmallow's nested messages, one line each, with the key they are about."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from in_sentences(inner, _inside(place, key))
    else:
        for each in messages:
            yield f"{place}: {each}" if place else str(each)


def suggestion(word: str, known: Mapping[str, Any] | frozenset[str]) -> str:
    """The words most like this one, as a question to add to a complaint; empty when none is near."""
    near = get_close_matches(word[:_LONGEST_WORD], sorted(known), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _inside(place: str, key: Any) -> str:
    if key == "_schema":
        return place
    if isinstance(key, int):
        return f"{place} {key + 1}"
    return f"{place}.{key}" if place else str(key)
