"""All exposures of a record: what was given, dispensed, stated or ordered, each agent over each period."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from fhirgate.mapping.agent_table import AgentTable
from fhirgate.mapping.parse.given import Given
from fhirgate.mapping.parse.medication import Pharmacy
from fhirgate.mapping.parse.medication_administration import parse_medication_administrations
from fhirgate.mapping.parse.medication_dispense import parse_medication_dispenses
from fhirgate.mapping.parse.medication_request import parse_medication_requests
from fhirgate.mapping.parse.medication_statement import parse_medication_statements
from fhirgate.mapping.parse.not_counted import is_treatment
from fhirgate.mapping.parse.radionuclide import parse_radionuclides
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.parse.systemic_therapy import parse_systemic_therapies
from fhirgate.oncology.clinical_date import ClinicalDate, by_date
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.source import joined
from fhirgate.oncology.therapy import Evidence, Exposure


def parse_exposures(record: Record, agents: AgentTable | None = None) -> tuple[Exposure, ...]:
    """Every agent over every period the record gives it for, by start, agent and strength of evidence.

    `agents` is the list with a site's own product table (`agent_table.with_products`); the standard one when
    none is given. An order that was carried out is no exposure of its own: its intent and its end belong to
    what was given on it.
    """
    pharmacy = Pharmacy(record, agents)
    given = [
        *parse_medication_administrations(record, pharmacy),
        *parse_medication_dispenses(record, pharmacy),
        *parse_medication_statements(record, pharmacy),
    ]
    orders = _renewed(parse_medication_requests(record, pharmacy))
    given = _carried_out(given, orders)
    given += parse_radionuclides(record, given)
    given += parse_systemic_therapies(record, given)
    pharmacy.say_what_else()
    for each in given:
        if each.end_unknown and is_treatment(each.drug):
            _note_end_unknown(record, each)
    return _exposures(record, given)


def _renewed(orders: Iterable[Given]) -> list[Given]:
    """Orders of which each ends where the one that replaces it begins (fhir-contracts §A5)."""
    every = list(orders)
    successors = {each.replaces: each for each in every if each.replaces and each.replaces != each.order}
    return [_replaced(each, successors.get(each.order)) for each in every]


def _replaced(order: Given, successor: Given | None) -> Given:
    """An open or vaguely ended order up to its successor's start; not an end of the therapy by itself."""
    if successor is None or (order.end is not None and not order.end_unknown):
        return order
    if successor.start.surely_before(order.start):
        return order
    return replace(order, end=successor.start, ended=False, end_unknown=False, asserted_on=None)


def _carried_out(given: Iterable[Given], orders: Iterable[Given]) -> list[Given]:
    """What was given, with intent and end of the order it fulfils, and the orders nothing was given on."""
    by_order: dict[str, list[Given]] = defaultdict(list)
    found: list[Given] = []
    for each in given:
        if each.order:
            by_order[each.order].append(each)
        else:
            found.append(each)
    for order in orders:
        fulfilled = by_order.pop(order.order, [])
        names = {agent.name for agent in order.drug.agents}
        if any(names & {agent.name for agent in each.drug.agents} for each in fulfilled):
            found += _with_order(fulfilled, order)
        else:
            found += [order, *fulfilled]
    return found + [each for left in by_order.values() for each in left]


def _with_order(fulfilled: list[Given], order: Given) -> list[Given]:
    """Doses or supplies of one order; the last one ends the therapy when the order is over."""
    ordered = sorted(fulfilled, key=_by_time)
    last = ordered.pop()
    over = order.ended and order.stop_reason is not None
    ordered.append(
        replace(
            last,
            ended=last.ended or over,
            stop_reason=last.stop_reason or order.stop_reason,
            on_hold=last.on_hold or order.on_hold,
        )
    )
    return [
        replace(
            each,
            intent=each.intent or order.intent,
            fixed_duration=each.fixed_duration or order.fixed_duration,
            also=(*each.also, order.raw),
        )
        for each in ordered
    ]


def _exposures(record: Record, given: Iterable[Given]) -> tuple[Exposure, ...]:
    """One exposure per agent and period; the same one from several resources is one with all its sources."""
    found: dict[Exposure, Exposure] = {}
    for each in given:
        sources = joined(tuple(record.source(raw) for raw in (each.raw, *each.also)))
        for agent in each.drug.agents:
            bare = Exposure(
                agent=agent,
                start=each.start,
                end=each.end,
                ended=each.ended,
                asserted_on=each.asserted_on if each.end is None else None,
                supplied_until=each.supplied_until,
                evidence=each.evidence,
                intent=each.intent,
                stop_reason=each.stop_reason,
                on_hold=each.on_hold,
                fixed_duration=each.fixed_duration,
            )
            known = found.get(bare)
            found[bare] = replace(bare, sources=joined(known.sources if known else (), sources))
    return tuple(sorted(found.values(), key=_order_of))


def _order_of(exposure: Exposure) -> tuple[object, ...]:
    return (
        by_date(exposure.start),
        exposure.agent.name,
        list(Evidence).index(exposure.evidence),
        by_date(exposure.end) if exposure.end else (),
        exposure.sources,
    )


def _by_time(given: Given) -> tuple[object, ...]:
    last: ClinicalDate = given.end or given.start
    return (by_date(last), by_date(given.start), str(given.raw.get("id", "")))


def _note_end_unknown(record: Record, given: Given) -> None:
    names = ", ".join(agent.name for agent in given.drug.agents)
    record.note(
        "EXPOSURE_END_UNKNOWN",
        Severity.WARNING,
        f"{names}: the therapy is over, and nothing says since when; {given.end}, the last day it is known of, is taken"
        " as its end; a period with an end would settle it",
        given.raw,
        "status",
    )
