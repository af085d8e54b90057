"""The list of agents: every drug that counts in a line of therapy, by its codes and names (domain.md §10.3)."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.drug_names import NameIndex, Words
from fhirgate.oncology.therapy import Agent, LotRole

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"

_CONTEXT_NOTE = "require cancer context"
_NOTES = (_CONTEXT_NOTE, "never starts or ends a line", "biosimilar suffixes", "component")
"""What stands among the synonyms of agents.csv and is no name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgentTable:
    """Agents by name, and names of agents by code; compared by identity, so that answers can be kept."""

    agents: Mapping[str, Agent]
    by_rxcui: Mapping[str, str]
    products: Mapping[str, Words]
    """Agents of a product RxCUI."""
    by_atc: Mapping[str, Words]
    names: NameIndex
    ambiguous: frozenset[str]
    """Agents with another use beside cancer."""
    oncologic: frozenset[str]
    """Agents with a code of their own for the use in cancer (ATC L01, L02)."""
    local: Mapping[tuple[str, str], Words]
    """Agents by (system, code) of a site's own table."""

    def of(self, names: Iterable[str]) -> tuple[Agent, ...]:
        """The agents of these names."""
        return tuple(self.agents[name] for name in names)


def with_products(table: AgentTable, lines: Iterable[str]) -> AgentTable:
    """The table with a site's product table on top, which wins.

    `lines` are those of a CSV file with the columns `code`, `ingredient` and optionally `system` (RxNorm when
    missing or empty); one row for each ingredient, given as RxCUI or as a name in agents.csv. A site makes it
    from its RxNorm release (RXNREL, has_ingredient) or from its own catalogue. Raises ValueError, naming every
    bad row, when a column is missing or an ingredient is no agent.
    """
    rows = csv.DictReader(lines)
    missing = {"code", "ingredient"} - set(rows.fieldnames or ())
    if missing:
        raise ValueError(f"the product table has no column {', '.join(sorted(missing))}")
    faults = []
    own: dict[tuple[str, str], Words] = {}
    for number, row in enumerate(rows, start=2):
        ingredient = (row["ingredient"] or "").strip()
        agent = table.by_rxcui.get(ingredient) or ingredient.casefold()
        if agent not in table.agents:
            faults.append(f"row {number}: {ingredient or 'an empty ingredient'} is no agent of agents.csv")
            continue
        key = ((row.get("system") or "").strip() or RXNORM, (row["code"] or "").strip())
        own[key] = (*own.get(key, ()), agent)
    if faults:
        raise ValueError("the product table cannot be used: " + "; ".join(faults))
    return with_codes(table, own, {})


def with_codes(
    table: AgentTable, by_code: Mapping[tuple[str, str], Words], by_name: Mapping[str, Words]
) -> AgentTable:
    """The table with a site's own (system, code) and names on top, which win; each gives names of its agents."""
    products, local = dict(table.products), dict(table.local)
    for (system, code), agents in by_code.items():
        if system == RXNORM:
            products[code] = agents
        else:
            local[(system, code)] = agents
    names = table.names.under(by_name) if by_name else table.names
    return replace(table, products=products, local=local, names=names)


@lru_cache(maxsize=1)
def standard_agents() -> AgentTable:
    """The agents of agents.csv with the other names of drugs.toml."""
    text = files("fhirgate.mapping").joinpath("codes", "agents.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    drugs = table("drugs")
    names = NameIndex(_names(rows, drugs), drugs["salt"]["ends"])
    by_atc = _by_atc(rows, drugs)
    return AgentTable(
        agents={row["agent"]: _agent(row) for row in rows},
        by_rxcui={row["rxcui_ingredient"]: row["agent"] for row in rows if row["rxcui_ingredient"]},
        products=dict(_products(rows, names)),
        by_atc=by_atc,
        names=names,
        ambiguous=frozenset(row["agent"] for row in rows if _CONTEXT_NOTE in row["synonyms"]),
        oncologic=frozenset(
            name for code, given in by_atc.items() if code[:3] in ("L01", "L02") for name in given
        ),
        local={},
    )


def class_agent(name: str, atc: str) -> Agent | None:
    """An agent known only by its ATC group, by its printed name; None outside the antineoplastic groups.

    Longest prefix first. An antibody whose second word is a payload is an antibody-drug conjugate.
    """
    drugs = table("drugs")
    known = drugs["atc_class"]
    prefix = next((atc[:length] for length in (5, 4, 3) if atc[:length] in known), "")
    if not prefix:
        return None
    row: dict[str, str] = known[prefix]
    drug_class = row["drug_class"]
    if drug_class == "monoclonal antibody" and set(name.casefold().split()) & set(drugs["payload"]["words"]):
        drug_class = "adc"
    return Agent(
        name=" ".join(name.casefold().split()) or atc.casefold(),
        drug_class=drug_class,
        subclass=row.get("subclass", ""),
        lot_role=LotRole(row.get("lot_role", "counts")),
        interchange_group=row.get("interchange_group", ""),
    )


def _agent(row: Mapping[str, str]) -> Agent:
    return Agent(
        name=row["agent"],
        drug_class=row["drug_class"],
        subclass=row["subclass_or_target"],
        lot_role=LotRole(row["lot_role"]),
        interchange_group=row["interchange_group"],
    )


def _names(rows: Iterable[Mapping[str, str]], drugs: Mapping[str, Any]) -> Iterable[tuple[str, Words]]:
    """Every name of every agent, each with the agents it means."""
    for row in rows:
        yield row["agent"], (row["agent"],)
        for synonym in row["synonyms"].split(";"):
            name = synonym.strip()
            # "nivolumab and relatlimab" holds two names that are known anyway.
            if name and " and " not in name and not any(note in name for note in _NOTES):
                yield name, (row["agent"],)
    for section in ("alias", "cancer_name", "other_use_name"):
        for agent, aliases in drugs[section].items():
            for alias in aliases:
                yield alias, (agent,)
    for alias, agents in drugs["alias_of_several"].items():
        yield alias, tuple(agents)


def _products(rows: Iterable[Mapping[str, str]], names: NameIndex) -> Iterable[tuple[str, Words]]:
    """Product RxCUIs with every agent of the product's printed name, "123 (abiraterone / niraparib ...)"."""
    for row in rows:
        for product in row["rxcui_products_when_no_ingredient"].split(";"):
            code, _, printed = product.strip().partition(" ")
            if code.isdecimal():
                found = {agent for _, agents in names.find(printed) for agent in agents}
                yield code, tuple(sorted(found | {row["agent"]}))


def _by_atc(rows: Iterable[Mapping[str, str]], drugs: Mapping[str, Any]) -> Mapping[str, Words]:
    """Agents by ATC code: superseded codes first, so that current ones win, then combinations."""
    found: dict[str, Words] = {}
    every = list(rows)
    for column in ("atc_superseded", "atc"):
        for row in every:
            for code in row[column].split(";"):
                if code.strip():
                    found[code.strip()] = (row["agent"],)
    return {**found, **{code: tuple(agents) for code, agents in drugs["atc_combination"].items()}}
