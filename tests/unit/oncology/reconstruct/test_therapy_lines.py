"""Lines of therapy: the worked examples and every rule as tables, and the laws that hold for any record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from case_tables import read
from hypothesis import given
from hypothesis import strategies as st
from therapy_cases import (
    AGENTS,
    DAY_OF_JUDGEMENT,
    FIRST_METASTASIS,
    FOLDER,
    Row,
    date_or_none,
    exposures,
    on_date,
)

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.policy import GapPolicy, LinesPolicy
from fhirgate.oncology.reconstruct.line_ends import END_RULES
from fhirgate.oncology.reconstruct.line_rules import RULES
from fhirgate.oncology.reconstruct.segments import segments_of
from fhirgate.oncology.reconstruct.therapy_lines import Lines, reconstruct_lines, rule_texts
from fhirgate.oncology.source import Source
from fhirgate.oncology.therapy import (
    Agent,
    Evidence,
    Exposure,
    Intent,
    LineOfTherapy,
    LocalTreatment,
    Modality,
    Segment,
    Setting,
    StopReason,
)

FILES = ("worked_examples", "rules", "ends", "segments", "merging", "partial_dates")
TABLE = [case for file in FILES for case in read(FOLDER / f"{file}.toml")]
ALWAYS = ("lines", "segments", "findings", "maintenance")


def _policy(case: Row) -> LinesPolicy:
    chosen = dict(case.get("policy", {}))
    if "gap_policy" in chosen:
        chosen["gap_policy"] = GapPolicy(chosen["gap_policy"])
    return replace(LinesPolicy(), **chosen)


def _local(row: Row) -> LocalTreatment:
    return LocalTreatment(
        id=str(row["on"]),
        started_on=on_date(row["on"]),
        modality=Modality(row.get("modality", "SBRT")),
        intent=Intent(row["intent"]) if "intent" in row else None,
    )


def _run(case: Row) -> Lines:
    index = case.get("index", FIRST_METASTASIS)
    return reconstruct_lines(
        exposures(case["given"]),
        index=on_date(index) if index != "none" else None,
        policy=_policy(case),
        as_of=case.get("as_of", DAY_OF_JUDGEMENT),
        progressions=[on_date(each) for each in case.get("progressions", ())],
        local_treatments=[_local(row) for row in case.get("local", ())],
        died_on=date_or_none(case, "died"),
    )


def _names(agents: tuple[Agent, ...]) -> str:
    return ", ".join(agent.name for agent in agents)


def _written(line: LineOfTherapy) -> str:
    """A line as the worked examples write it."""
    label = f"L{line.number}" if line.setting is Setting.PALLIATIVE else "CLoT"
    parts = [f"{label} {line.start}→{line.last_exposure}", f"{{{_names(line.agents)}}}"]
    parts += [f"subs:{_names(line.substitutions)}"] if line.substitutions else []
    parts += [line.phase.value, f"start={line.opened_by.value}", *(flag.value for flag in line.flags)]
    parts += [f"CARRIED:{_names(line.carried)}"] if line.carried else []
    return " ".join(parts)


def _cut(segment: Segment) -> str:
    return f"{segment.label} {segment.start}→{segment.end or ''}"


def _given(exposure: Exposure) -> str:
    return f"{exposure.agent.name} {exposure.start}→{exposure.end or ''}"


def _answer(case: Row, found: Lines) -> dict[str, list[str]]:
    """What a case speaks of, and always the lines themselves, segments, maintenance and findings."""
    full = {
        "lines": [_written(line) for line in found.lines],
        "segments": [_cut(each) for line in found.lines for each in line.segments],
        "findings": [each.code for each in found.findings],
        "texts": [each.text for each in found.findings],
        "rules": list(dict.fromkeys(each.rule for each in found.decisions)),
        "maintenance": [each.name for line in found.lines for each in line.maintenance],
        "evidence": [line.evidence.value for line in found.lines],
        "ends": [f"{line.end_reason} {line.end or ''}".strip() for line in found.lines],
        "sources": [str(each) for line in found.lines for each in line.sources],
        "exposures": [_given(each) for line in found.lines for each in line.exposures],
    }
    return {key: value for key, value in full.items() if key in ALWAYS or key in case}


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["id"])
def test_the_exposures_of_a_case_make_its_lines(case: dict[str, Any]) -> None:
    answer = _answer(case, _run(case))

    assert answer == {key: case.get(key, []) for key in answer}


def test_every_rule_that_advances_or_not_decides_in_some_case() -> None:
    decided = {rule for case in TABLE for rule in case.get("rules", ())}

    assert decided == {rule.name for rule in RULES}


def test_every_reason_for_the_end_of_a_line_is_that_of_some_case() -> None:
    given = {end.split()[0] for case in TABLE for end in case.get("ends", ())}

    assert given == {rule.name for rule in END_RULES}


def test_every_rule_says_what_it_is_and_where_it_stands() -> None:
    texts = rule_texts()

    advancing, ending = [rule.name for rule in RULES], [rule.name for rule in END_RULES]
    assert [each.name for each in texts] == [*advancing, "segment", *ending]
    assert all(each.says.endswith(".") and each.source for each in texts)


def test_no_exposures_make_no_lines() -> None:
    found = reconstruct_lines([], index=None, policy=LinesPolicy(), as_of=DAY_OF_JUDGEMENT)

    assert found == Lines(lines=(), findings=(), decisions=())


def test_a_finding_names_the_resource_it_is_about() -> None:
    case = next(each for each in TABLE if each["id"] == "T-partial-start")

    found = _run(case)

    assert [each.source for each in found.findings] == [Source("MedicationStatement", "1")]


def test_the_segments_of_a_line_go_on_after_z() -> None:
    days = [ClinicalDate.of(date(2024, 1, 1) + timedelta(days=number)) for number in range(1, 29)]

    found = segments_of(date(2024, 1, 1), None, days)

    assert [each.label for each in found][24:] == ["y", "z", "aa", "ab", "ac"]


DAY = date(2023, 1, 1)
A_DAY = st.integers(0, 700).map(lambda days: DAY + timedelta(days=days))


@st.composite
def _an_exposure(draw: st.DrawFn) -> Exposure:
    """Any exposure, mostly with exact dates."""
    start = draw(A_DAY)
    length = draw(st.integers(0, 200))
    kind = draw(st.sampled_from(["dose", "dose", "period", "open"]))
    end = {"dose": start, "period": start + timedelta(days=length), "open": None}[kind]
    number = draw(st.integers(0, 5))
    return Exposure(
        agent=AGENTS[draw(st.sampled_from(NAMES))],
        start=ClinicalDate.of(start),
        end=None if end is None else ClinicalDate.of(end),
        ended=end is not None and draw(st.booleans()),
        asserted_on=ClinicalDate.of(start + timedelta(days=length)) if draw(st.booleans()) else None,
        supplied_until=ClinicalDate.of(start + timedelta(days=30)) if draw(st.booleans()) else None,
        evidence=draw(st.sampled_from(Evidence)),
        stop_reason=draw(st.sampled_from([None, None, *StopReason])),
        sources=(Source("MedicationStatement", str(number)),),
    )


NAMES = (
    "osimertinib",
    "carboplatin",
    "cisplatin",
    "pemetrexed",
    "bevacizumab",
    "leuprolide",
    "letrozole",
    "palbociclib",
)
RECORD = st.lists(_an_exposure(), max_size=12)
EVENTS = st.lists(A_DAY.map(ClinicalDate.of), max_size=3)
LOCAL = st.lists(A_DAY.map(lambda day: _local({"on": day})), max_size=2)


def _lines(
    record: Sequence[Exposure],
    events: Sequence[ClinicalDate],
    local: Sequence[LocalTreatment],
    days: int = 0,
) -> Lines:
    """The lines of a record whose every date is `days` later."""
    return reconstruct_lines(
        [_later(each, days) for each in record],
        index=_shifted(ClinicalDate.of(date(2023, 3, 1)), days),
        policy=LinesPolicy(),
        as_of=date(2024, 6, 1) + timedelta(days=days),
        progressions=[_shifted(each, days) for each in events],
        local_treatments=[replace(each, started_on=_shifted(each.started_on, days)) for each in local],
    )


def _shifted(day: ClinicalDate, days: int) -> ClinicalDate:
    return ClinicalDate.of(day.earliest + timedelta(days=days))


def _later(exposure: Exposure, days: int) -> Exposure:
    dates = ("start", "end", "asserted_on", "supplied_until")
    moved = {name: _shifted(value, days) for name in dates if (value := getattr(exposure, name)) is not None}
    return replace(exposure, **moved)


@given(RECORD, EVENTS, LOCAL, st.randoms())
def test_order_and_duplicates_of_exposures_change_nothing(
    record: list[Exposure], events: list[ClinicalDate], local: list[LocalTreatment], random: Any
) -> None:
    shuffled = [*record, *record]
    random.shuffle(shuffled)

    assert _lines(shuffled, [*events[::-1], *events], local[::-1]) == _lines(record, events, local)


@given(RECORD, EVENTS, LOCAL, st.integers(-900, 900))
def test_shifting_all_dates_shifts_the_lines_and_changes_nothing_else(
    record: list[Exposure], events: list[ClinicalDate], local: list[LocalTreatment], days: int
) -> None:
    def unshifted(line: LineOfTherapy) -> LineOfTherapy:
        back = timedelta(days=days)
        return replace(
            line,
            start=line.start - back,
            last_exposure=line.last_exposure - back,
            end=line.end - back if line.end else None,
            segments=tuple(
                replace(each, start=each.start - back, end=each.end - back if each.end else None)
                for each in line.segments
            ),
            exposures=tuple(_later(each, -days) for each in line.exposures),
        )

    found = tuple(unshifted(line) for line in _lines(record, events, local, days).lines)

    assert found == _lines(record, events, local).lines


@given(RECORD, EVENTS, LOCAL)
def test_lines_follow_each_other_without_overlap_and_are_numbered(
    record: list[Exposure], events: list[ClinicalDate], local: list[LocalTreatment]
) -> None:
    lines = _lines(record, events, local).lines

    palliative = [line.number for line in lines if line.setting is Setting.PALLIATIVE]
    assert palliative == list(range(1, len(palliative) + 1))
    assert all(line.number is None for line in lines if line.setting is Setting.CURATIVE)
    assert all(before.last_exposure < after.start for before, after in pairwise(lines))
    assert all(line.start <= line.last_exposure for line in lines)


@given(RECORD, EVENTS, LOCAL)
def test_every_exposure_known_by_then_is_in_a_line(
    record: list[Exposure], events: list[ClinicalDate], local: list[LocalTreatment]
) -> None:
    known = {source for each in record if each.start.earliest <= date(2024, 6, 1) for source in each.sources}

    lines = _lines(record, events, local).lines

    assert {source for line in lines for source in line.sources} == known
