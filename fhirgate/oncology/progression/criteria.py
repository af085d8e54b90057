"""What a preset asks beyond the count, and the reason code when it is not met."""

from collections.abc import Callable
from dataclasses import dataclass

from fhirgate.oncology.progression.picture import Picture
from fhirgate.oncology.progression.situation import LesionInPlay, in_scope
from fhirgate.oncology.wording import count, listed, mm


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of a preset beyond the count: its reason code when it fails."""

    code: str
    says: str
    fails: Callable[[Picture], bool]
    text: Callable[[Picture], str]


def _organs(picture: Picture) -> set[str]:
    return {each.organ or each.id for each in picture.counted}


def _too_large(picture: Picture) -> tuple[LesionInPlay, ...]:
    cap = picture.preset.size_cap
    return tuple(
        each for each in picture.counted if cap is not None and each.size is not None and each.size > cap
    )


def _less_than(days: int | None, least: int | None) -> bool:
    return days is not None and least is not None and days < least


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "NO_LESION_IN_SCOPE",
        "At least one progressing lesion lies in the scope of the preset.",
        lambda p: p.total == 0,
        lambda p: f"no progressing lesion is {p.preset.scope}",
    ),
    Criterion(
        "NEW_LESIONS_NOT_ALLOWED",
        "No new lesion, where the preset does not count them.",
        lambda p: not p.preset.new_lesions_counted and bool(in_scope(p.new, p.preset)),
        lambda p: f"{count(len(p.new), 'new lesion')}, which {p.preset.name} does not allow",
    ),
    Criterion(
        "ORGANS_EXCEEDED",
        "Progressing lesions in no more organs than the preset allows.",
        lambda p: p.preset.max_organs is not None and len(_organs(p)) > p.preset.max_organs,
        lambda p: f"progression in {count(len(_organs(p)), 'organ')}, at most {p.preset.max_organs} allowed",
    ),
    Criterion(
        "SIZE_CAP",
        "Each progressing lesion at most as large as the preset allows.",
        lambda p: bool(_too_large(p)),
        lambda p: f"{listed(f'{e.label} {mm(e.size)}' for e in _too_large(p))} over {mm(p.preset.size_cap)}",
    ),
    Criterion(
        "MAJORITY_NOT_CONTROLLED",
        "More known lesions controlled than progressing, where the preset asks for it.",
        lambda p: p.preset.majority_controlled and len(p.controlled) <= len(in_scope(p.growing, p.preset)),
        lambda p: (
            f"{len(p.controlled)} controlled against {len(in_scope(p.growing, p.preset))} progressing:"
            " no majority is controlled"
        ),
    ),
    Criterion(
        "THERAPY_CLASS",
        "The systemic therapy is of the class the preset asks for.",
        lambda p: not p.preset.therapy.fits(p.situation.line.agents, p.situation.line.number),
        lambda p: f"{p.preset.name} asks for {p.preset.therapy.says}",
    ),
    Criterion(
        "TOO_EARLY_ON_LINE",
        "Long enough on the line for the progression to be progression on it.",
        lambda p: _less_than(p.situation.line.days, p.preset.min_days_on_line),
        lambda p: f"{p.situation.line.days} days on the line, at least {p.preset.min_days_on_line} needed",
    ),
    Criterion(
        "PRIOR_CONTROL_TOO_SHORT",
        "Disease controlled on the line for as long as the preset asks.",
        lambda p: _less_than(p.situation.line.days, p.preset.prior_control_days),
        lambda p: (
            f"progression after {p.situation.line.days} days on the line,"
            f" {p.preset.name} asks for control of at least {p.preset.prior_control_days}"
        ),
    ),
    Criterion(
        "PRIOR_RT_TO_LESION",
        "No earlier radiotherapy to a progressing lesion, where the preset forbids it.",
        lambda p: not p.preset.prior_radiotherapy_allowed and any(e.irradiated for e in p.counted),
        lambda p: f"{listed(e.label for e in p.counted if e.irradiated)} irradiated before",
    ),
)


def failed(picture: Picture) -> tuple[Criterion, ...]:
    """The criteria of the preset that the picture does not meet."""
    return tuple(each for each in CRITERIA if each.fails(picture))
