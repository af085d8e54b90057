"""The `[[product]]` entries of a vocabulary file: which agents a site's own code or name of a product stands for.

    [[product]]
    system = "http://site.example/drugs"
    code = "4711"
    agents = ["carboplatin", "pemetrexed"]

    [[product]]
    name = "study tablet O"
    agents = ["osimertinib"]

Source: fhir-contracts §A5; agents are those of agents.csv.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import marshmallow as ma

from fhirgate.config.fields import Table, Text
from fhirgate.config.toml_file import suggestion
from fhirgate.mapping.agent_table import AgentTable, standard_agents, with_codes
from fhirgate.mapping.drug_names import words_of

Entry = dict[str, Any]


def agents_of(entries: Sequence[Entry]) -> AgentTable | None:
    """The list of agents with these products on top of it; None when there is none of them."""
    if not entries:
        return None
    return with_codes(
        standard_agents(),
        {(each["system"], each["code"]): each["agents"] for each in entries if "code" in each},
        {each["name"]: each["agents"] for each in entries if "name" in each},
    )


class _Agents(ma.fields.Field[tuple[str, ...]]):
    """Names of agents of the list."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
            raise ma.ValidationError("must be a list of names of agents in quotes, and not empty")
        known = standard_agents().agents
        names = tuple(dict.fromkeys(each.strip().casefold() for each in value))
        unknown = [each for each in names if each not in known]
        if unknown:
            raise ma.ValidationError(
                [f"{each} is no agent of the list{suggestion(each, known)}" for each in unknown]
            )
        return names


class Product(Table):
    """One of them."""

    system = Text()
    code = Text()
    name = Text()
    agents = _Agents(required=True, error_messages={"required": "is missing"})

    @ma.validates_schema(pass_original=True, skip_on_field_errors=False)
    def _named_one_way(self, data: Any, original: Any, **_: Any) -> None:
        if not isinstance(original, dict):
            return
        coded, named = {"system", "code"} & set(original), "name" in original
        if (named and coded) or not (named or len(coded) == 2):
            raise ma.ValidationError("needs either both system and code, or name")
        name = original.get("name")
        if isinstance(name, str) and name.strip() and not words_of(name):
            raise ma.ValidationError({"name": ["has no letter or digit to compare"]})


def contradictions(entries: Any) -> Iterator[str]:
    """The entries that give a code or name other agents than an earlier one does; of the file as it is."""
    seen: dict[tuple[Any, ...], tuple[int, Any]] = {}
    for number, entry in enumerate(entries if isinstance(entries, list) else (), 1):
        key = _key(entry)
        if key:
            first, agents = seen.setdefault(key, (number, entry.get("agents")))
            if agents != entry.get("agents"):
                yield f"product {number}: names other agents than product {first} does for the same"


def _key(entry: Any) -> tuple[Any, ...]:
    """What an entry names; empty when it names nothing that could be compared."""
    if not isinstance(entry, dict):
        return ()
    if isinstance(entry.get("name"), str):
        return words_of(entry["name"])
    system, code = entry.get("system"), entry.get("code")
    return ("", system, code) if isinstance(system, str) and isinstance(code, str) else ()
