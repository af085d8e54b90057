"""The drug of a medication resource: concept, reference, contained Medication, list of ingredients."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from fhirgate.mapping.agent_table import AgentTable
from fhirgate.mapping.agents import Resolution, is_study_drug, resolve_drug
from fhirgate.mapping.datatypes import Raw, item, items, quantity, text
from fhirgate.mapping.depots import depot_days
from fhirgate.mapping.parse.cancer_context import given_for_cancer
from fhirgate.mapping.parse.given import Drug
from fhirgate.mapping.parse.record import Record
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import Agent, LotRole

_MOST_NESTED = 4
"""How deep ingredients are followed; a bag of products is two. Cyclic references end here."""
_MOST_NAMES = 10
_LONGEST_NAME = 60
_COMPANIONS = (LotRole.SUPPORTIVE, LotRole.MODULATOR)


def resolve_agents(raw: Raw, record: Record, agents: AgentTable | None = None) -> Resolution:
    """What the drug of a MedicationStatement, -Request, -Administration or -Dispense, of a Medication, or of a
    bare CodeableConcept is taken to be."""
    if "coding" in raw or ("text" in raw and "resourceType" not in raw):
        return resolve_drug([raw], agents)
    if text(raw, "resourceType") in ("Medication", "Substance"):
        return resolve_drug(_of_medication(raw, raw, record, 0), agents)
    return resolve_drug(_of_use(raw, record), agents)


class Pharmacy:
    """Reads the drugs of one record and gathers what must be said about them once, not at every dose."""

    def __init__(self, record: Record, agents: AgentTable | None = None) -> None:
        self._record = record
        self._agents = agents
        self._others: Counter[str] = Counter()
        self._told: set[tuple[str, str, str]] = set()

    def drug(self, raw: Raw, part_of_therapy: str = "") -> Drug | None:
        """The agents a resource gives; None when it gives no cancer drug. Says what it leaves out.

        `part_of_therapy` is the drug class of the systemic therapy it is part of: then even a drug in no list
        is one of its agents.
        """
        found = resolve_agents(raw, self._record, self._agents)
        if found.blinded or (not found.known and is_study_drug(found.label)):
            self._note_blinded(raw, found)
            return _unclear(found)
        if not found.known:
            return self._unlisted(raw, found, part_of_therapy)
        self._remark(raw, found)
        counted = found.agents
        if found.doubtful or found.other_use:
            counted += self._in_context(raw, found, surely=bool(part_of_therapy))
        if found.local_use and any(each.lot_role not in _COMPANIONS for each in counted):
            words = f"{found.label} acts locally (its name or form says so); it does not count as a therapy"
            self._say(raw, "MEDICATION_LOCAL_USE", Severity.INFORMATION, words, found.label)
            return None
        if not counted:
            return None
        return Drug(agents=counted, label=found.label, depot_days=found.depot_days or _by_dose(raw, counted))

    def say_what_else(self) -> None:
        """Report the drugs that are no cancer drugs: one finding for all."""
        if not self._others:
            return
        names = sorted(self._others, key=str.casefold)
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        self._record.note(
            "OTHER_MEDICATION",
            Severity.INFORMATION,
            f"{self._others.total()} medication resource(s) name drugs that are no cancer drugs as far as known, and"
            f" are not used: {', '.join(names[:_MOST_NAMES])}{more}",
        )

    def _note_blinded(self, raw: Raw, found: Resolution) -> None:
        words = (
            f"{found.label} may be a placebo or is blinded, so what was given is not known; it counts for no line of"
            " therapy; the unblinded drug would settle it"
        )
        self._say(raw, "BLINDED_DRUG", Severity.WARNING, words, found.label)

    def _unlisted(self, raw: Raw, found: Resolution, part_of_therapy: str) -> Drug | None:
        name = found.label or "a drug without code or name"
        if found.other_drug or not (part_of_therapy or given_for_cancer(raw, self._record)):
            self._others[name[:_LONGEST_NAME]] += 1
            return None
        what = f"{name} ({found.code})" if found.code else name
        settle = "an RxNorm ingredient, an ATC code or the ingredient's name would settle what it is"
        agent = None
        words = f"{what} is given for cancer and is in no list of agents; it counts for no line of therapy"
        if part_of_therapy and found.label:
            agent = Agent(name=" ".join(found.label.casefold().split()), drug_class=part_of_therapy)
            words = f"{what} is in no list of agents; it counts under this name as {part_of_therapy}"
        self._say(raw, "UNKNOWN_ANTINEOPLASTIC", Severity.WARNING, f"{words}; {settle}", name)
        return Drug(agents=(agent,), label=name) if agent else _unclear(found)

    def _remark(self, raw: Raw, found: Resolution) -> None:
        """Say what is odd about a drug that was found."""
        for agent in found.by_class:
            words = (
                f"{found.label} ({found.code}) is in no list of agents; by its ATC group it counts as"
                f" {agent.drug_class} under the name {agent.name}"
            )
            self._say(raw, "UNKNOWN_ANTINEOPLASTIC", Severity.WARNING, words, found.label)
        if found.contradicted:
            words = (
                f"the code {found.code} means {_named(found.agents + found.doubtful + found.other_use)}, the words"
                f" beside it say {found.contradicted}; the code was used"
            )
            self._say(raw, "DRUG_CODE_CONTRADICTS_NAME", Severity.WARNING, words, found.contradicted)

    def _in_context(self, raw: Raw, found: Resolution, *, surely: bool) -> tuple[Agent, ...]:
        """The agents with another use beside cancer, when the record says that cancer is treated."""
        asked = found.doubtful + found.other_use
        context = True if surely else given_for_cancer(raw, self._record)
        if context:
            return asked
        doubt = bool(found.doubtful) and context is None
        words = f"{_named(asked)} is also used for other diseases, and " + (
            "nothing says that it was given for cancer; it does not count as a therapy; a reason, an intent or an ATC"
            " code of L01 or L02 would settle it"
            if doubt
            else "here it was given for one; it does not count as a therapy"
        )
        self._say(
            raw,
            "CANCER_CONTEXT_MISSING" if doubt else "OTHER_USE_OF_AGENT",
            Severity.WARNING if doubt else Severity.INFORMATION,
            words,
            found.label,
        )
        return ()

    def _say(self, raw: Raw, code: str, severity: Severity, words: str, about: str) -> None:
        """Report something about a drug once per type of resource."""
        kind = text(raw, "resourceType")
        if (code, about, kind) not in self._told:
            self._told.add((code, about, kind))
            self._record.note(code, severity, words, raw, "medication")


def _unclear(found: Resolution) -> Drug:
    """A drug for cancer of which nothing is known but its name: no line of therapy, but no proof of none either."""
    name = " ".join(found.label.casefold().split())[:_LONGEST_NAME] or found.code or "a drug without name"
    return Drug(agents=(Agent(name=name, drug_class="unknown", lot_role=LotRole.UNCLEAR),), label=found.label)


def _by_dose(raw: Raw, agents: tuple[Agent, ...]) -> int:
    """How long a depot acts by the dose that was given, when the product's name does not say."""
    dose = quantity(item(item(raw, "dosage"), "dose"))
    return depot_days(agents, (f"{dose.value} {dose.unit}",)) if dose is not None else 0


def _named(agents: tuple[Agent, ...]) -> str:
    return ", ".join(agent.name for agent in agents)


def _of_use(raw: Raw, record: Record) -> Iterator[Any]:
    """The concepts of what a resource gives: R4 medication[x], R5 medication, STU3 the same as R4."""
    concept = raw.get("medicationCodeableConcept")
    if isinstance(concept, Mapping):
        yield concept
        return
    nested = item(raw, "medication")  # R5 CodeableReference
    if isinstance(nested.get("concept"), Mapping):
        yield nested["concept"]
        return
    target = item(raw, "medicationReference") or item(nested, "reference") or nested
    yield from _of_target(target, raw, record, 0)


def _of_target(target: Raw, within: Raw, record: Record, depth: int) -> Iterator[Any]:
    """The concepts of the Medication a reference points to; the words on the reference when it is not here."""
    found = record.resolve(target, within) if target else None
    if found is None:
        if text(target, "display"):
            yield {"text": text(target, "display")}
        return
    contained = text(target, "reference").startswith("#")
    yield from _of_medication(found, within if contained else found, record, depth)


def _of_medication(raw: Raw, within: Raw, record: Record, depth: int) -> Iterator[Any]:
    """The concept of a Medication, and those of its active ingredients; `within` holds what it contains."""
    if isinstance(raw.get("code"), Mapping):
        yield raw["code"]
    if depth >= _MOST_NESTED:
        return
    for ingredient in items(raw, "ingredient"):
        if ingredient.get("isActive") is False:
            continue
        nested = item(ingredient, "item")
        concept = ingredient.get("itemCodeableConcept") or nested.get("concept")
        if isinstance(concept, Mapping):
            yield concept
        else:
            target = item(ingredient, "itemReference") or item(nested, "reference") or nested
            yield from _of_target(target, within, record, depth + 1)
