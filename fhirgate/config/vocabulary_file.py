"""A site's vocabulary from a TOML file: what its own codes and phrases mean.

    [[code]]
    system = "http://site.example/codes"
    code = "LES-T"
    means = "role.target"

    [[code]]
    text = "unchanged in size"
    means = "state.present"

and `[[product]]` entries, described in `product_entries`. Source: fhir-contracts §A11.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import marshmallow as ma

from fhirgate.config.fields import Table, Text
from fhirgate.config.product_entries import Product, agents_of, contradictions
from fhirgate.config.toml_file import in_sentences, read_toml, suggestion
from fhirgate.errors import ConfigurationError
from fhirgate.mapping.vocabulary import MEANINGS, Vocabulary, folded

Entry = dict[str, str]


def load_vocabulary(path: Path) -> Vocabulary:
    """The site's own entries, without the standard ones. Raises ConfigurationError with every fault."""
    what = f"the vocabulary file {path}"
    content = read_toml(path, what)
    faults = [*_contradictions(content.get("code")), *contradictions(content.get("product"))]
    if not {"code", "product"} & set(content):
        faults.append("no [[code]] and no [[product]] entry in the file")
    try:
        chosen = _Root().load(content)
    except ma.ValidationError as error:
        raise ConfigurationError(what, [*in_sentences(error.messages), *faults]) from error
    if faults:
        raise ConfigurationError(what, faults)
    entries: list[Entry] = chosen.get("code", [])
    return Vocabulary(
        name=chosen.get("name", path.stem),
        by_code={(each["system"], each["code"]): each["means"] for each in entries if "code" in each},
        by_text={folded(each["text"]): each["means"] for each in entries if "text" in each},
        agents=agents_of(chosen.get("product", [])),
    )


class _Means(Text):
    """A concept that a code can mean."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        meaning = super()._deserialize(value, attr, data, **kwargs)
        if meaning not in MEANINGS:
            near = suggestion(meaning, MEANINGS) or f"; known are {', '.join(sorted(MEANINGS))}"
            raise ma.ValidationError(f"{meaning} is not a known meaning{near}")
        return meaning


class _Code(Table):
    system = Text()
    code = Text()
    text = Text()
    means = _Means(required=True, error_messages={"required": "is missing"})

    @ma.validates_schema(pass_original=True, skip_on_field_errors=False)
    def _named_one_way(self, data: Any, original: Any, **_: Any) -> None:
        if not isinstance(original, dict):
            return
        coded, worded = {"system", "code"} & set(original), "text" in original
        if (worded and coded) or not (worded or len(coded) == 2):
            raise ma.ValidationError("needs either both system and code, or text")
        if (
            isinstance(original.get("text"), str)
            and original["text"].strip()
            and not folded(original["text"])
        ):
            raise ma.ValidationError({"text": ["has no letter or digit to compare"]})


def _entries(of: type[Table]) -> ma.fields.List[Any]:
    return ma.fields.List(
        ma.fields.Nested(of),
        validate=ma.validate.Length(min=1, error="has no entry"),
        error_messages={"invalid": "must be a list of tables"},
    )


class _Root(Table):
    name = Text()
    code = _entries(_Code)
    product = _entries(Product)


def _contradictions(entries: Any) -> Iterator[str]:
    """The entries that give a code or phrase another meaning than an earlier entry does.

    Looks at the file as it is, so that these faults are reported together with all others.
    """
    seen: dict[tuple[str, ...], tuple[int, str]] = {}
    for number, entry in enumerate(entries if isinstance(entries, list) else (), 1):
        key = _key(entry)
        if not key:
            continue
        first, meaning = seen.setdefault(key, (number, str(entry.get("means"))))
        if meaning != str(entry.get("means")):
            yield f"code {number}: means {entry.get('means')}, but code {first} says that the same means {meaning}"


def _key(entry: Any) -> tuple[str, ...]:
    """What an entry names; empty when it names nothing that could be compared."""
    if not isinstance(entry, dict):
        return ()
    if isinstance(entry.get("text"), str):
        return (folded(entry["text"]),)
    system, code = entry.get("system"), entry.get("code")
    return (system, code) if isinstance(system, str) and isinstance(code, str) else ()
