"""Procedures that give a radionuclide into the blood: systemic therapy, whatever the department calls it.

MII records them as radiotherapy with an application M…, mCODE as modality "administration of radiopharmaceutical".
"""

from collections.abc import Iterable

from fhirgate.mapping.agent_table import standard_agents
from fhirgate.mapping.agents import agents_in
from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import Raw, items, text, words
from fhirgate.mapping.parse.given import Drug, Given
from fhirgate.mapping.parse.not_counted import note_not_counted, note_undated
from fhirgate.mapping.parse.procedure import ended_on, started_on, was_done
from fhirgate.mapping.parse.radiotherapy import applications, is_radionuclide
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.therapy_codes import intent_of, stop_reason
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.therapy import Agent, Evidence

_CLASS = "radiopharmaceutical"


def parse_radionuclides(record: Record, named: Iterable[Given]) -> tuple[Given, ...]:
    """Radionuclide therapies; one whose drug is given by a medication resource at that time is left out."""
    known = [given for given in named if any(agent.drug_class == _CLASS for agent in given.drug.agents)]
    found = []
    for raw in record.of_type("Procedure"):
        if is_radionuclide(raw):
            given = _given(raw, record)
            if given is not None and not any(_at_one_time(given, each) for each in known):
                found.append(given)
    return tuple(found)


def _given(raw: Raw, record: Record) -> Given | None:
    drug = _drug(raw, record)
    if not was_done(raw):
        note_not_counted(record, raw, drug, text(raw, "status") or "not done")
        return None
    start = started_on(raw, record)
    if start is None:
        note_undated(record, raw, drug, "performed[x]")
        return None
    end = ended_on(raw, record) or start
    record.note(
        "RADIONUCLIDE_IS_SYSTEMIC",
        Severity.INFORMATION,
        f"the radionuclide therapy counts as systemic therapy with {drug.agents[0].name}, not as a local treatment",
        raw,
        "extension",
    )
    reason = stop_reason(raw.get("outcome")) if raw.get("outcome") else None
    return Given(
        raw=raw,
        drug=drug,
        start=start,
        end=end,
        ended=end != start or reason is not None,
        evidence=Evidence.ADMINISTERED,
        intent=intent_of(raw),
        stop_reason=reason,
    )


def _drug(raw: Raw, record: Record) -> Drug:
    """The agent by application and nuclide, or by the words of the Procedure; else its class."""
    rows: dict[str, str] = table("therapy")["radionuclide"]
    for application, nuclide in applications(raw):
        name = rows.get(f"{application} {nuclide}")
        if name:
            return Drug(agents=standard_agents().of((name,)), label=name)
    said = [*words(raw.get("code")), *(text(note, "text") for note in items(raw, "note"))]
    known = (agent for phrase in said for agent in agents_in(phrase, record.vocabulary.agents))
    agents = {agent.name: agent for agent in known if agent.drug_class == _CLASS}
    if agents:
        return Drug(agents=tuple(agents[name] for name in sorted(agents)), label=", ".join(sorted(agents)))
    return Drug(agents=(Agent(name=f"{_CLASS}, agent not stated", drug_class=_CLASS),))


def _at_one_time(one: Given, other: Given) -> bool:
    """Whether two were given within a week of each other."""
    week = 7
    first, last = one.start.earliest.toordinal(), (one.end or one.start).latest.toordinal()
    return (
        other.start.earliest.toordinal() <= last + week
        and (other.end or other.start).latest.toordinal() >= first - week
    )
