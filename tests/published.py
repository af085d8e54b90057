"""The published examples of tests/data/published, and what the parser makes of them, in words.

Run as a script it rewrites the snapshot: `python tests/published.py`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from fhirgate.mapping.parse.chart import parse_charts
from fhirgate.oncology.chart import Chart
from fhirgate.oncology.lesion import LesionIdentity, Sighting
from fhirgate.oncology.source import Sources

ROOT = Path(__file__).parent / "data" / "published"
SNAPSHOT = ROOT / "snapshot.txt"
FOLDERS = (
    "mcode",
    "codex-rt",
    "mii-onko",
    "ctma",
    "dicom-sr",
    "ihe-imr",
    "fhir-r4",
    "balp",
    "subscriptions-backport",
)
FACTS = (
    "diagnoses",
    "sightings",
    "studies",
    "exposures",
    "local_treatments",
    "courses",
    "spreads",
    "bone_scans",
    "supporting",
)


def files(folder: str) -> list[Path]:
    """The JSON files of a folder, in order of name."""
    return sorted((ROOT / folder).glob("*.json"))


def read(path: Path) -> Any:
    """The content of a file, numbers exact."""
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def snapshot(folder: str) -> list[str]:
    """The lines of one folder: patients in words, then files as counts."""
    lines = [f"# {folder}"]
    for chart in parse_charts([read(path) for path in files(folder)]):
        lines += ["", *in_words(chart)]
    lines.append("")
    return lines + [f"{path.name}: {in_numbers(parse_charts([read(path)]))}" for path in files(folder)]


def in_numbers(charts: Iterable[Chart]) -> str:
    """How many facts of each kind and findings of each code: `diagnoses 1, CONDITION_UNDATED 1`."""
    counts: Counter[str] = Counter()
    findings: Counter[str] = Counter()
    for chart in charts:
        counts.update({kind: len(getattr(chart, kind)) for kind in FACTS})
        findings.update(finding.code for finding in chart.findings)
    said = [f"{kind} {counts[kind]}" for kind in FACTS if counts[kind]]
    return ", ".join(said + [f"{code} {count}" for code, count in sorted(findings.items())]) or "-"


def in_words(chart: Chart) -> Iterator[str]:
    """One line per fact and finding, as a reader of the chart would put it."""
    patient = chart.patient
    born = f", born {patient.born_on}" if patient.born_on else ""
    yield f"patient {patient.id}{born}{f', died {patient.died_on}' if patient.dead else ''}"
    for each in chart.diagnoses:
        marks = [] if each.active else ["not active"]
        marks += ["provisional"] if each.provisional else []
        marks += [each.diffuse.value] if each.diffuse else []
        marks += [f"of {each.of_primary}"] if each.of_primary else []
        yield _line(
            f"  {each.kind} {each.dated}", each.tumour, str(each.site), *marks, "<-", str(each.source)
        )
    for study in chart.studies:
        kind = "report" if study.is_report else "study"
        yield _line(f"  {kind} {study.taken_on}", study.modality, *study.body, "<-", _of(study.sources))
    for sighting in chart.sightings:
        yield _line(f"  sighting {sighting.taken_on}", *_seen(sighting), "<-", _of(sighting.sources))
    for exposure in chart.exposures:
        dates = f"{exposure.start} to {exposure.end or 'open'}"
        marks = [each.value for each in (exposure.intent, exposure.stop_reason) if each]
        yield _line(
            f"  {exposure.agent.name} {dates}", exposure.evidence, *marks, "<-", _of(exposure.sources)
        )
    for treatment in chart.local_treatments:
        lesions = [_lesion(each) for each in treatment.lesions]
        where = ", ".join(lesions) or str(treatment.site)
        yield _line(f"  {treatment.modality} {treatment.started_on}", where, "<-", _of(treatment.sources))
    for course in chart.courses:
        parts = ", ".join(f"{place} {code}" for place, code in course.compartments)
        yield _line(f"  course {course.stated_on}", course.course, parts, "<-", str(course.source))
    for spread in chart.spreads:
        where = str(spread.site or spread.diffuse or "")
        yield _line(f"  spread {spread.stated_on}", spread.spread, where, "<-", str(spread.source))
    for scan in chart.bone_scans:
        yield _line(f"  bone scan {scan.taken_on}", f"{scan.new_lesions} new", "<-", str(scan.source))
    for fact in chart.supporting:
        lesions = [_lesion(each) for each in fact.lesions]
        yield _line(f"  {fact.kind} {fact.on}", fact.text, *lesions, "<-", str(fact.source))
    codes = Counter((str(finding.severity), finding.code) for finding in chart.findings)
    for (severity, code), count in sorted(codes.items()):
        yield f"  {severity} {code} {count}"


def _line(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _of(sources: Sources) -> str:
    return ", ".join(map(str, sources))


def _lesion(identity: LesionIdentity) -> str:
    name = identity.label or ", ".join(sorted(identity.identifiers))
    return f"[{name} {identity.site}]" if name else f"[{identity.site}]"


def _seen(sighting: Sighting) -> Iterator[str]:
    yield _lesion(sighting.identity)
    if sighting.long_axis is not None:
        yield f"long {sighting.long_axis}"
    if sighting.short_axis is not None:
        yield f"short {sighting.short_axis}"
    for each in (sighting.kind, sighting.change, sighting.role):
        yield each.value if each else ""
    yield sighting.modality


def main() -> None:
    """Rewrite the snapshot."""
    text = "\n\n".join("\n".join(snapshot(folder)) for folder in FOLDERS)
    SNAPSHOT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
