"""The seventeen states, as rules in order: the first that holds decides.

The states, their order and the words are our choice; limits come from the preset, sources stand at each rule.
"""

from fhirgate.oncology.criteria.rule import Rule
from fhirgate.oncology.oligometastatic import MOST_METASTASES
from fhirgate.oncology.progression.criteria import failed
from fhirgate.oncology.progression.picture import Picture
from fhirgate.oncology.verdict import State
from fhirgate.oncology.wording import count, listed

NAME = "progression state"
SOURCE = "our choice"


def _pattern(picture: Picture) -> str:
    known = len(picture.growing) + len(picture.controlled)
    parts = []
    if picture.growing:
        verb = "progresses" if len(picture.growing) == 1 else "progress"
        parts.append(f"{len(picture.growing)} of {known} evaluable known lesions {verb}")
    if picture.new:
        parts.append(count(len(picture.new), "new lesion"))
    if picture.situation.bone_lesions:
        parts.append(f"{picture.situation.bone_lesions} new bone lesions by PCWG3")
    if picture.situation.diffuse_progressing:
        parts.append(f"new or growing {listed(picture.situation.diffuse_progressing)}")
    if not parts:
        return f"none of {count(known, 'evaluable known lesion')} progresses"
    names = listed(each.label for each in (*picture.growing, *picture.new))
    return listed(parts) + (f" ({names})" if names else "")


def _with_therapy(picture: Picture) -> str:
    line = picture.situation.line
    return f"{_pattern(picture)}; {line.because or 'therapy ' + line.status.value}"


def _residual(picture: Picture) -> str:
    return f"{_pattern(picture)}; {count(len(picture.visible), 'metastasis', 'metastases')} visible"


STATES: tuple[Rule[Picture, State], ...] = (
    Rule(
        "stopped",
        "Something essential is missing or contradictory: nothing may be said.",
        SOURCE,
        lambda p: bool(p.situation.stops),
        State.INDETERMINATE,
        lambda p: listed(reason.text for reason in p.situation.stops),
    ),
    Rule(
        "never-metastatic",
        "Metastases were never documented.",
        SOURCE,
        lambda p: not p.situation.history.metastases_ever and not p.situation.diffuse,
        State.NO_METASTATIC_DISEASE,
        lambda p: "imaging shows no metastasis, and none was ever documented",
    ),
    Rule(
        "first-metastases-many",
        "First metastases, more than five or diffuse.",
        "ESTRO-ASTRO consensus, Lievens 2020",
        lambda p: p.first and (len(p.visible) > MOST_METASTASES or bool(p.situation.diffuse)),
        State.POLYMETASTATIC_NEW,
        lambda p: (
            f"first metastases: {len(p.visible)}"
            + (f", with {listed(p.situation.diffuse)}" if p.situation.diffuse else "")
        ),
    ),
    Rule(
        "first-metastases-undated-primary",
        "First metastases, but it cannot be told whether within six months of the primary.",
        SOURCE,
        lambda p: p.first and p.situation.history.synchronous is None,
        State.INDETERMINATE,
        lambda p: f"first metastases: {len(p.visible)}, date of the primary diagnosis unknown",
    ),
    Rule(
        "first-metastases-synchronous",
        "One to five first metastases up to six months after the primary.",
        "ESTRO/EORTC consensus, Guckenberger 2020",
        lambda p: p.first and p.situation.history.synchronous is True,
        State.OLIGOMETASTATIC_SYNCHRONOUS,
        lambda p: f"first metastases: {len(p.visible)}, within six months of the primary",
    ),
    Rule(
        "first-metastases-on-therapy",
        "One to five first metastases, later than six months after the primary, on therapy.",
        "ESTRO/EORTC consensus, Guckenberger 2020",
        lambda p: p.first and p.on,
        State.OLIGOPROGRESSION,
        lambda p: f"first metastases: {len(p.visible)}, on therapy ({p.situation.line.because})",
    ),
    Rule(
        "first-metastases-off-therapy",
        "One to five first metastases, later than six months after the primary, off therapy.",
        "ESTRO/EORTC consensus, Guckenberger 2020",
        lambda p: p.first and p.off,
        State.OLIGORECURRENCE,
        lambda p: f"first metastases: {len(p.visible)}, off therapy ({p.situation.line.because})",
    ),
    Rule(
        "first-metastases-therapy-unknown",
        "First metastases, therapy unknown.",
        SOURCE,
        lambda p: p.first,
        State.INDETERMINATE,
        _with_therapy,
    ),
    Rule(
        "none-visible-on-therapy",
        "No visible disease, on therapy.",
        SOURCE,
        lambda p: p.gone and p.on,
        State.COMPLETE_RESPONSE,
        lambda p: f"no metastasis visible; {p.situation.line.because}",
    ),
    Rule(
        "none-visible-off-therapy",
        "No visible disease, off therapy.",
        SOURCE,
        lambda p: p.gone and p.off,
        State.NED,
        lambda p: f"no metastasis visible; {p.situation.line.because}",
    ),
    Rule(
        "none-visible-therapy-unknown",
        "No visible disease, therapy unknown.",
        SOURCE,
        lambda p: p.gone,
        State.INDETERMINATE,
        lambda p: f"no metastasis visible; {p.situation.line.because}",
    ),
    Rule(
        "nothing-to-compare",
        "Metastatic disease, but no earlier timepoint to compare with.",
        SOURCE,
        lambda p: not p.situation.comparator,
        State.BASELINE,
        lambda p: f"{count(len(p.visible), 'metastasis', 'metastases')} visible, no earlier timepoint",
    ),
    Rule(
        "signal-only",
        "Nothing definite, but something that needs confirmation.",
        SOURCE,
        lambda p: not p.definite and bool(p.situation.signals),
        State.PROGRESSION_UNCONFIRMED,
        lambda p: listed(reason.text for reason in p.situation.signals),
    ),
    Rule(
        "no-progression-therapy-unknown",
        "No progression, therapy unknown.",
        SOURCE,
        lambda p: not p.definite and not p.on and not p.off,
        State.INDETERMINATE,
        _with_therapy,
    ),
    Rule(
        "no-progression-off-therapy",
        "Visible disease without progression, off therapy.",
        SOURCE,
        lambda p: not p.definite and p.off,
        State.OFF_THERAPY_STABLE,
        _with_therapy,
    ),
    Rule(
        "few-residual",
        "One to five residual metastases without progression, long enough on therapy.",
        "duration: Gomez, Lancet Oncol 2016; number: ESTRO-ASTRO consensus, Lievens 2020",
        lambda p: not p.definite and p.few_residual,
        State.OLIGOPERSISTENCE,
        lambda p: (
            f"{_residual(p)}, {'partial response' if p.situation.sum_partial else 'stable disease'}"
            f" after {p.situation.line.days} days on the line"
        ),
    ),
    Rule(
        "no-progression-shrunk",
        "No progression, and the sum is at most 70 % of the line baseline.",
        "RECIST 1.1 §4.3.1",
        lambda p: not p.definite and p.situation.sum_partial,
        State.PARTIAL_RESPONSE,
        _residual,
    ),
    Rule(
        "no-progression",
        "No progression on therapy.",
        SOURCE,
        lambda p: not p.definite,
        State.STABLE_DISEASE,
        _residual,
    ),
    Rule(
        "ici-first-follow-up",
        "Progression at the first follow-up on a checkpoint inhibitor waits for its confirmation.",
        "iRECIST, Seymour 2017; 77 % of pseudo-progression is seen at the first follow-up",
        lambda p: p.held_for_ici,
        State.PROGRESSION_UNCONFIRMED,
        lambda p: f"{_pattern(p)}, at the first follow-up on a checkpoint inhibitor",
    ),
    Rule(
        "progression-therapy-unknown",
        "Progression, therapy unknown.",
        SOURCE,
        lambda p: not p.on and not p.off,
        State.INDETERMINATE,
        _with_therapy,
    ),
    Rule(
        "recurrence-systemic",
        "Off therapy, diffuse or more lesions than the preset allows.",
        "ESTRO/EORTC consensus, Guckenberger 2020",
        lambda p: p.off and (bool(p.situation.diffuse) or p.over_cap),
        State.SYSTEMIC_RECURRENCE,
        _with_therapy,
    ),
    Rule(
        "recurrence-few",
        "Off therapy, no more lesions than the preset allows.",
        "ESTRO/EORTC consensus, Guckenberger 2020",
        lambda p: p.off,
        State.OLIGORECURRENCE,
        _with_therapy,
    ),
    Rule(
        "progression-diffuse",
        "On therapy, diffuse disease: never a matter of few lesions.",
        "our choice, in line with the exclusions of the trials",
        lambda p: bool(p.situation.diffuse),
        State.SYSTEMIC_PROGRESSION,
        lambda p: f"{_pattern(p)}; diffuse: {listed(p.situation.diffuse)}",
    ),
    Rule(
        "progression-over-cap",
        "On therapy, more progressing and new lesions than the preset allows.",
        "the preset",
        lambda p: p.over_cap,
        State.SYSTEMIC_PROGRESSION,
        lambda p: f"{_pattern(p)}: {p.total} is over the limit of {p.cap}",
    ),
    Rule(
        "progression-limited",
        "On therapy, within the limit, but another criterion of the preset fails.",
        "the preset",
        lambda p: bool(failed(p)),
        State.LIMITED_PROGRESSION,
        lambda p: f"{_pattern(p)}; {listed(each.text(p) for each in failed(p))}",
    ),
    Rule(
        "oligoprogression",
        "On therapy, progression within the limit, every criterion of the preset met.",
        "the preset",
        lambda p: True,
        State.OLIGOPROGRESSION,
        lambda p: f"{_pattern(p)}; {count(len(p.controlled), 'lesion')} controlled, limit {p.cap}",
    ),
)
