"""Diagnoses, lines of therapy and local treatments in words."""

from collections.abc import Sequence

from fhirgate.oncology.diagnosis import Diagnosis
from fhirgate.oncology.site import UNKNOWN_SITE
from fhirgate.oncology.therapy import Evidence, LineOfTherapy, LocalTreatment, Segment
from fhirgate.oncology.timepoint import Lesion
from fhirgate.oncology.wording import listed
from fhirgate.report.columns import wrapped
from fhirgate.report.story_lesions import name_of
from fhirgate.report.words import END_REASONS, EVIDENCE, LINE_FLAGS, MODALITIES, PHASES


def diagnoses(found: Sequence[Diagnosis], width: int) -> list[str]:
    """Each diagnosis with its date and kind."""
    lines: list[str] = []
    for each in found:
        date = str(each.dated or "undated")
        lines += wrapped(diagnosis_words(each), width, f"{date:10}  {each.kind.value:9}  ", " " * 23)
    return lines


def diagnosis_words(diagnosis: Diagnosis) -> str:
    """What it is and where, and whether it is over."""
    site = "" if diagnosis.site == UNKNOWN_SITE else str(diagnosis.site)
    words = [diagnosis.text or diagnosis.code or "no text", f"({site})" if site else ""]
    words.append("" if diagnosis.active else "— not active")
    return " ".join(filter(None, words))


def lines_of_therapy(lines: Sequence[LineOfTherapy], width: int) -> list[str]:
    """Each line with its dates, agents, segments and end."""
    told: list[str] = []
    for each in lines:
        number = "–" if each.number is None else str(each.number)
        until = str(each.end) if each.end else "ongoing"
        told += wrapped(_line(each), width, f"{number:>2}  {each.start} → {until:10}  ", " " * 29)
    return told


def _line(line: LineOfTherapy) -> str:
    return "; ".join([agents_words(line), *line_notes(line)])


def agents_words(line: LineOfTherapy) -> str:
    """The agents of a line, and what they were exchanged with."""
    agents = " + ".join(agent.name for agent in line.agents)
    exchanged = (
        f" (exchanged with {listed(a.name for a in line.substitutions)})" if line.substitutions else ""
    )
    return agents + exchanged


def line_notes(line: LineOfTherapy) -> list[str]:
    """What must be known of a line beside its agents and dates."""
    notes = [
        "" if line.number else f"{line.setting.value} intent",
        _phase(line),
        f"{listed(agent.name for agent in line.carried)} carried on" if line.carried else "",
        _segments(line.segments),
        END_REASONS[line.end_reason] if line.end else f"last known {line.last_exposure}",
        *(LINE_FLAGS[flag] for flag in line.flags),
        EVIDENCE[line.evidence] if line.evidence is not Evidence.ADMINISTERED else "",
    ]
    return list(filter(None, notes))


def _phase(line: LineOfTherapy) -> str:
    drugs = " + ".join(agent.name for agent in line.maintenance)
    return f"{PHASES[line.phase]} {drugs}".strip()


def _segments(segments: Sequence[Segment]) -> str:
    if not segments:
        return ""
    parts = (f"{s.label} until {s.end}" if s.end else f"{s.label} since {s.start}" for s in segments)
    return f"segments {listed(parts)}"


def local_treatments(lesions: Sequence[Lesion], width: int) -> list[str]:
    """Each local treatment once, with the lesions it was given to."""
    told: list[str] = []
    for treatment, names in treated(lesions):
        text = treatment_words(treatment, f" of {listed(names)}")
        told += wrapped(text, width, f"    {treatment.started_on!s:10}  ", " " * 16)
    return told


def treated(lesions: Sequence[Lesion]) -> list[tuple[LocalTreatment, list[str]]]:
    """The local treatments by date, each with the names of the lesions it was given to."""
    found: dict[str, tuple[LocalTreatment, list[str]]] = {}
    for lesion in lesions:
        for each in lesion.local_treatments:
            found.setdefault(each.id, (each, []))[1].append(name_of(lesion))
    return sorted(found.values(), key=lambda pair: (pair[0].started_on.earliest, pair[0].id))


def treatment_words(treatment: LocalTreatment, of: str = "") -> str:
    """What was done, `of` which lesions, and whether that was inferred."""
    inferred = " (inferred from dose and fractions)" if treatment.inferred else ""
    return f"{MODALITIES[treatment.modality]}{of}{inferred}"
