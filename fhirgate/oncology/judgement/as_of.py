"""What was known at a date: each fact once; facts dated later are set aside and reported, never used."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TypeVar

from fhirgate.oncology.chart import Chart
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.source import Source
from fhirgate.oncology.wording import count

Fact = TypeVar("Fact")


def known_by(chart: Chart, as_of: date) -> tuple[Chart, tuple[Finding, ...]]:
    """The chart with each fact once, without what is surely dated after `as_of`; a finding for each kind set aside."""
    today = ClinicalDate.of(as_of)
    findings: list[Finding] = []

    def kept(
        facts: tuple[Fact, ...],
        noun: str,
        dated: Callable[[Fact], ClinicalDate | None],
        source: Callable[[Fact], Source | None],
    ) -> tuple[Fact, ...]:
        unique = _each_once(facts, source)
        later = [each for each in unique if _after(dated(each), today)]
        if not later:
            return unique
        first = min((source(each) for each in later), key=str)
        findings.append(_set_aside(len(later), noun, first))
        return tuple(each for each in unique if not _after(dated(each), today))

    known = replace(
        chart,
        diagnoses=kept(chart.diagnoses, "diagnosis", lambda f: f.dated, lambda f: f.source),
        sightings=kept(
            chart.sightings, "lesion observation", lambda f: f.taken_on, lambda f: _first(f.sources)
        ),
        studies=kept(chart.studies, "imaging study", lambda f: f.taken_on, lambda f: _first(f.sources)),
        exposures=kept(chart.exposures, "exposure", lambda f: f.start, lambda f: _first(f.sources)),
        local_treatments=kept(
            chart.local_treatments, "local treatment", lambda f: f.started_on, lambda f: _first(f.sources)
        ),
        courses=kept(chart.courses, "disease status", lambda f: f.stated_on, lambda f: f.source),
        spreads=kept(chart.spreads, "statement on metastases", lambda f: f.stated_on, lambda f: f.source),
        bone_scans=kept(chart.bone_scans, "bone scan", lambda f: f.taken_on, lambda f: f.source),
        supporting=kept(chart.supporting, "supporting fact", lambda f: f.on, lambda f: f.source),
    )
    return known, tuple(findings)


def _each_once(facts: tuple[Fact, ...], source: Callable[[Fact], Source | None]) -> tuple[Fact, ...]:
    """The facts without repetitions; to hash each whole is asked only where a resource gives more than one."""
    if len({source(each) for each in facts}) == len(facts):
        return facts
    return tuple(dict.fromkeys(facts))


def _after(dated: ClinicalDate | None, today: ClinicalDate) -> bool:
    return dated is not None and dated.surely_after(today)


def _first(sources: Iterable[Source]) -> Source | None:
    found: Iterator[Source] = iter(sources)
    return next(found, None)


_PLURALS = {
    "diagnosis": "diagnoses",
    "imaging study": "imaging studies",
    "disease status": "disease statuses",
}


def _set_aside(number: int, noun: str, source: Source | None) -> Finding:
    plural = _PLURALS.get(noun, "statements on metastases" if noun.startswith("statement") else "")
    return Finding(
        code="DATED_AFTER_AS_OF",
        severity=Severity.WARNING,
        # Without the day: else a planned therapy would be a new sentence on every day before it starts.
        text=f"{count(number, noun, plural)} dated after the date of judgement, set aside; if the date is wrong,"
        " correct it at the source",
        source=source,
    )
