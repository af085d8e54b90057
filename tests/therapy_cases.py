"""Exposures as the tables under `cases/therapy_lines` write them."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from case_tables import CASES

from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.source import Source
from fhirgate.oncology.therapy import Agent, Evidence, Exposure, Intent, LotRole, StopReason

FOLDER = CASES / "therapy_lines"
FIRST_METASTASIS = "2023-01-10"
DAY_OF_JUDGEMENT = date(2025, 1, 1)

Row = Mapping[str, Any]


def agents() -> dict[str, Agent]:
    """The drugs of the cases, by name."""
    table = tomllib.loads((FOLDER / "worked_examples.toml").read_text(encoding="utf-8"))["agents"]
    return {
        name: Agent(
            name=name,
            drug_class=known["class"],
            subclass=known.get("subclass", ""),
            lot_role=LotRole(known.get("role", "counts")),
            interchange_group=known.get("group", ""),
        )
        for name, known in table.items()
    }


AGENTS = agents()


def on_date(value: Any) -> ClinicalDate:
    """A date of a table: a day, or text for a month or year."""
    return ClinicalDate.parse(str(value))


def date_or_none(row: Row, key: str) -> ClinicalDate | None:
    """A date that a row may have."""
    return on_date(row[key]) if key in row else None


def exposures(rows: Iterable[Row]) -> list[Exposure]:
    """All exposures of the rows of a case."""
    return [each for row in rows for each in _of_row(row)]


def _of_row(row: Row) -> Iterator[Exposure]:
    """Doses (`on`, or `every` and `times`), or one period from `from` that is open without `to`."""
    doses = "on" in row or "every" in row
    first = row["on"] if "on" in row else row["from"]
    for number in range(row.get("times", 1)):
        start = on_date(first + timedelta(days=row["every"] * number)) if "every" in row else on_date(first)
        supplied = start.earliest + timedelta(days=row["supply"]) if "supply" in row else None
        yield Exposure(
            agent=AGENTS[row["agent"]],
            start=start,
            end=start if doses else date_or_none(row, "to"),
            ended=row.get("ended", False),
            asserted_on=date_or_none(row, "asserted"),
            supplied_until=ClinicalDate.of(supplied) if supplied else None,
            evidence=Evidence(row.get("evidence", "ADMINISTERED" if doses else "STATED")),
            intent=Intent(row["intent"]) if "intent" in row else None,
            stop_reason=StopReason(row["stopped"]) if "stopped" in row else None,
            on_hold=row.get("on_hold", False),
            fixed_duration=row.get("fixed_duration", False),
            sources=tuple(Source(*each.split("/")) for each in row.get("sources", ())),
        )
