"""Which agents a coded or printed drug is (domain.md §10.3).

Order within one coding: ingredient RxCUI, product RxCUI, ATC level 5 (current, then superseded), the printed
name; the ATC group comes last, because a name says more than a group. Several codings that are different drugs
are a combination: MII's own example codes paclitaxel and carboplatin as one concept (fhir-contracts §A5-7).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from fhirgate.mapping.agent_table import AgentTable, class_agent, standard_agents
from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import Coding, codings, words
from fhirgate.mapping.depots import depot_days
from fhirgate.mapping.drug_names import Words, words_of
from fhirgate.oncology.therapy import Agent
from fhirgate.oncology.value import value


@value
class Resolution:
    """What a drug is taken to be.

    `agents` are surely cancer drugs or their companions. `doubtful` have another use beside cancer and nothing
    in the code says which; `other_use` carry the code or name of that other use.
    """

    agents: tuple[Agent, ...] = ()
    doubtful: tuple[Agent, ...] = ()
    other_use: tuple[Agent, ...] = ()
    by_class: tuple[Agent, ...] = ()
    """Those of `agents` known only by their ATC group: new or misspelt, so without interchange groups."""
    contradicted: str = ""
    """A printed name that is a different agent than the code beside it; the code wins."""
    code: str = ""
    """system|code of the first coding."""
    label: str = ""
    """The drug in the record's own words."""
    local_use: bool = False
    """A cream, eye drop or the like: it acts where it is put."""
    depot_days: int = 0
    """How long one injection of a hormone depot acts, by the product's name."""
    blinded: bool = False
    """A placebo, or a blinded product that may be one: nobody knows what was given."""
    other_drug: bool = False
    """Known to be no antineoplastic: an ATC code outside their groups, or a name that is none."""

    @property
    def known(self) -> bool:
        """Whether it is an agent at all."""
        return bool(self.agents or self.doubtful or self.other_use)


@dataclass(slots=True)
class _Found:
    """Agents found so far by name, each with the use its code or name tells: "cancer", "other" or ""."""

    use: dict[str, str] = field(default_factory=dict)

    def add(self, names: Iterable[str], use: str) -> None:
        """A use once told stays: "everolimus 10 MG [Afinitor]" is the brand's."""
        for name in names:
            self.use[name] = self.use.get(name) or use

    def pick(self, known: AgentTable, *uses: str) -> tuple[Agent, ...]:
        """Agents with one of these uses; for an agent that has no other use, every one is "cancer"."""
        return known.of(
            name
            for name in sorted(self.use)
            if (self.use[name] if name in known.ambiguous else "cancer") in uses
        )


def resolve_drug(concepts: Iterable[Any], agents: AgentTable | None = None) -> Resolution:
    """The agents of one drug: of its concept, or of the concepts of its ingredients together."""
    known = agents or standard_agents()
    found = [_resolve(codings(each), words(each), known) for each in concepts]
    return found[0] if len(found) == 1 else _together(found)


def agents_in(text: str, agents: AgentTable | None = None) -> tuple[Agent, ...]:
    """The agents named in a text, or those of the protocol it is the name of ("FOLFOX")."""
    known = agents or standard_agents()
    protocol: Mapping[str, list[str]] = table("drugs")["protocol"]
    found = {name for _, names in known.names.find(text) for name in names}
    return known.of(sorted(found or protocol.get(" ".join(words_of(text)), [])))


@lru_cache(maxsize=512)
def code_system(url: str) -> str:
    """Which drug code system a URL means: "rxnorm", "atc", or the URL itself."""
    name = url.casefold().rstrip("/")
    if name.endswith(("rxnorm", "2.16.840.1.113883.6.88")):
        return "rxnorm"
    if name.endswith(("atc", "2.16.840.1.113883.6.73")):
        return "atc"
    return url


@lru_cache(maxsize=4096)
def _resolve(coded: tuple[Coding, ...], printed: tuple[str, ...], known: AgentTable) -> Resolution:
    found = _Found()
    contradicted = ""
    for coding in coded:
        names, use = _by_code(coding, known)
        found.add(names, use)
        printed_names = {name for _, given in known.names.find(coding.display) for name in given}
        if names and printed_names and not printed_names & set(names):
            contradicted = coding.display
        elif not names:
            _add_named(found, coding.display, known)
    if not found.use:
        for text in printed:
            _add_named(found, text, known)
    by_class = _by_class(coded, printed, known, any_found=bool(found.use))
    agents = tuple(sorted((*found.pick(known, "cancer"), *by_class), key=lambda agent: agent.name))
    return Resolution(
        agents=agents,
        depot_days=depot_days(agents, printed),
        doubtful=found.pick(known, ""),
        other_use=found.pick(known, "other"),
        by_class=by_class,
        contradicted=contradicted,
        code=next((f"{each.system}|{each.code}" for each in coded if each.code), ""),
        label=next(iter(printed), "") or next((each.code for each in coded if each.code), ""),
        local_use=_acts_locally(printed),
        blinded=_may_be_placebo(printed),
        other_drug=not found.use and not by_class and _is_other_drug(coded, printed),
    )


def _together(parts: list[Resolution]) -> Resolution:
    """A product and its ingredients as one drug."""
    sure = {agent.name: agent for part in parts for agent in part.agents}
    other = {agent.name: agent for part in parts for agent in part.other_use if agent.name not in sure}
    doubtful = {
        agent.name: agent
        for part in parts
        for agent in part.doubtful
        if agent.name not in sure and agent.name not in other
    }
    return Resolution(
        agents=_by_name(sure),
        doubtful=_by_name(doubtful),
        other_use=_by_name(other),
        by_class=_by_name({agent.name: agent for part in parts for agent in part.by_class}),
        contradicted=next((part.contradicted for part in parts if part.contradicted), ""),
        code=next((part.code for part in parts if part.code), ""),
        label=next((part.label for part in parts if part.label), ""),
        local_use=any(part.local_use for part in parts),
        depot_days=max((part.depot_days for part in parts), default=0),
        blinded=any(part.blinded for part in parts),
        other_drug=bool(parts) and all(part.other_drug for part in parts),
    )


def _by_name(found: Mapping[str, Agent]) -> tuple[Agent, ...]:
    return tuple(found[name] for name in sorted(found))


def _by_code(coding: Coding, known: AgentTable) -> tuple[Words, str]:
    """The agents of one code, and the use it tells."""
    code = coding.code
    system = code_system(coding.system)
    if not system and code.upper() in known.by_atc:  # no number of another system looks like "L01XA02"
        system = "atc"
    if system == "rxnorm":
        ingredient = known.by_rxcui.get(code)
        return ((ingredient,) if ingredient else known.products.get(code, ())), ""
    if system != "atc":
        return known.local.get((coding.system, code), ()), ""
    names = known.by_atc.get(code.upper(), ())
    if code[:3].upper() in ("L01", "L02"):
        return names, "cancer"
    return names, "other" if names and known.oncologic.issuperset(names) else ""


def _add_named(found: _Found, text: str, known: AgentTable) -> None:
    """Add the agents whose names stand in a text."""
    cancer, other = _named_uses()
    named = known.names.find(text)
    told = {name: "cancer" if name in cancer else "other" for name, _ in named if name in cancer | other}
    for name, agents in sorted(named, key=lambda each: each[0] not in told):
        found.add(agents, told.get(name, ""))


@lru_cache(maxsize=1)
def _named_uses() -> tuple[frozenset[Words], frozenset[Words]]:
    """Names that settle the use of an ambiguous agent: cancer, or something else."""
    drugs = table("drugs")
    cancer, other = (
        frozenset(words_of(name) for names in drugs[section].values() for name in names)
        for section in ("cancer_name", "other_use_name")
    )
    return cancer, other


def _by_class(
    coded: tuple[Coding, ...], printed: tuple[str, ...], known: AgentTable, *, any_found: bool
) -> tuple[Agent, ...]:
    """Agents known only by the ATC group of their code.

    Beside an agent that was found, an unknown ATC code is a second drug only when the found one has an ATC
    code too: otherwise it is most likely the found drug's own, newer than the list.
    """
    atc = [each for each in coded if code_system(each.system) == "atc"]
    unknown = [each for each in atc if not _by_code(each, known)[0] and not known.names.find(each.display)]
    if any_found:
        known_codes = [each.code for each in atc if each not in unknown]
        unknown = [
            each
            for each in unknown
            if known_codes and not any(one.startswith(each.code) for one in known_codes)
        ]
    found = {}
    for coding in unknown:
        agent = class_agent(coding.display or next(iter(printed), ""), coding.code.upper())
        if agent:
            found[agent.name] = agent
    return _by_name(found)


def _acts_locally(printed: Iterable[str]) -> bool:
    local = table("drugs")["local_use"]["words"]
    return any(word in local for text in printed for word in words_of(text))


def _may_be_placebo(printed: Iterable[str]) -> bool:
    blinded = table("drugs")["blinded"]["words"]
    return any(word in blinded for text in printed for word in words_of(text))


def is_study_drug(printed: str) -> bool:
    """Whether words call a drug a study's, whatever it is."""
    spoken = f" {' '.join(words_of(printed))} "
    return any(f" {phrase} " in spoken for phrase in table("drugs")["blinded"]["study"])


def _is_other_drug(coded: Iterable[Coding], printed: Iterable[str]) -> bool:
    """Whether an unresolved drug is surely no antineoplastic."""
    if any(code_system(each.system) == "atc" and each.code for each in coded):
        return True
    begins = tuple(table("drugs")["not_antineoplastic"]["words"])
    return any(word.startswith(begins) for text in printed for word in words_of(text))
