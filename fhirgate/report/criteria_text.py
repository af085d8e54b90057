"""A criterion or preset as text: limits, rules in order, sources, from the same values the code runs on."""

from collections.abc import Callable, Iterable

from fhirgate.oncology import RULES_VERSION, oligometastatic, uncertainty
from fhirgate.oncology.criteria import bone_scan, irecist, lesion_status, pet, recist_1_1, target_selection
from fhirgate.oncology.millimetres import TOO_SMALL
from fhirgate.oncology.policy import DEFAULT_POLICY, parameters, sections
from fhirgate.oncology.progression import states
from fhirgate.oncology.progression.criteria import CRITERIA
from fhirgate.oncology.progression.presets import PRESETS, Preset, preset_parameters
from fhirgate.oncology.reconstruct import line_rules, therapy_lines
from fhirgate.oncology.reconstruct.line_ends import END_RULES
from fhirgate.oncology.reconstruct.segments import SEGMENT_RULE
from fhirgate.report.criteria_layout import Part, RuleText, criterion_lines, in_words
from fhirgate.report.words import ESTRO_EORTC, STATES

Parts = tuple[Part, ...]


def criteria_names() -> tuple[str, ...]:
    """Every name that `criterion_text` knows: the criteria, then the presets."""
    return tuple(criteria_overview())


def criteria_overview() -> dict[str, str]:
    """What each name stands for, in one line."""
    criteria = {name: says for name, (says, _) in _CRITERIA.items()}
    presets = {name: f"preset: {preset.says}" for name, preset in PRESETS.items() if name not in criteria}
    return criteria | presets


def criterion_text(name: str) -> str:
    """A criterion or preset in full. Upper and lower case are equal, and so are `_`, `-`, `.` and space.

    A name that is both a criterion and a preset gives both. Raises KeyError for an unknown name.
    """
    wanted = _folded(name)
    title = next((each for each in criteria_names() if _folded(each) == wanted), None)
    if title is None:
        raise KeyError(name)
    parts = (
        *(_CRITERIA[title][1]() if title in _CRITERIA else ()),
        *(_preset(PRESETS[title]) if title in PRESETS else ()),
    )
    lines = [*criterion_lines(title, parts), "", f"rules {RULES_VERSION}"]
    return "\n".join(lines) + "\n"


def _folded(name: str) -> str:
    return "".join("-" if each in "_-. " else each for each in name.strip().casefold())


def _recist() -> Parts:
    measurability = tuple(
        RuleText(
            name=each.name,
            says=each.says,
            source=each.source,
            answer="measurable" if each.answer else "not measurable",
        )
        for each in target_selection.MEASURABILITY
    )
    return (
        Part(title="Measurability at baseline", limits=target_selection.LIMITS, rules=measurability),
        Part(
            title="Choice of targets",
            notes=(
                "Roles given by the record are trusted. Where none is given, the largest measurable lesion of each"
                " organ is chosen first, then the second of each, up to"
                f" {target_selection.MOST_TARGETS} in total and {target_selection.MOST_PER_ORGAN} per organ;"
                " all lymph nodes are one organ, and so are paired organs."
                " Source: RECIST 1.1 §4.2; the order is our choice.",
                f"A target seen but too small to measure counts {TOO_SMALL} mm in the sum.",
            ),
        ),
        Part(title="Target lesions", limits=recist_1_1.LIMITS, rules=in_words(recist_1_1.TARGET)),
        Part(title="Non-target lesions", rules=in_words(recist_1_1.NON_TARGET)),
        Part(title="Overall response", rules=in_words(recist_1_1.OVERALL)),
        _best_overall(),
    )


def _best_overall() -> Part:
    policy = DEFAULT_POLICY.response
    return Part(
        title="Best overall response",
        limits={
            "confirmation of CR or PR": f"at least {policy.confirmation_days} days later",
            "NE tolerated in between": f"at most {policy.not_evaluable_between}",
            "SD as a best response": f"at least {policy.sd_min_days} days from the start",
            "a confirmed PR": "lasts until progression"
            if policy.confirmed_pr_persists
            else "is judged each time",
        },
        notes=(
            "The best category up to the first progression, given without and with confirmation. A CR that a PR"
            " follows is read as PR and flagged CR_THEN_PR_REVIEW. Source: RECIST 1.1 §4.4.3, §4.6 and table 3."
            " These limits are a policy's, shown with their defaults.",
        ),
    )


def _lesion_status() -> Parts:
    policy = DEFAULT_POLICY.lesion
    limits = {
        "progressing: over reference": f"at least × {recist_1_1.PROGRESSION_FACTOR}"
        f" and at least {recist_1_1.PROGRESSION_INCREASE} mm",
        "progressing node: short axis": f"at least {recist_1_1.NORMAL_NODE_BELOW} mm",
        "responding: over baseline": f"at most × {recist_1_1.PARTIAL_RESPONSE_FACTOR}",
        "reference": f"{policy.reference_mode} (policy)",
        "growth may be treatment effect": f"under {policy.treated_window_lung_months} months in the lung,"
        f" {policy.treated_window_other_months} elsewhere (policy)",
        "new lesion: least size": f"{policy.new_lesion_min_mm} mm (policy)"
        if policy.new_lesion_min_mm
        else "none",
    }
    rules = in_words(lesion_status.LESION_STATUS)
    return (Part(title="What one lesion does", limits=limits | pet.LIMITS, rules=rules),)


def _states() -> Parts:
    return (
        Part(
            title=f"The {len(STATES)} states", limits={state.value: words for state, words in STATES.items()}
        ),
        Part(
            title="Which state",
            rules=in_words(states.STATES),
            notes=(
                "A lesion that was not evaluated is tried both ways, progressing and stable; where the states"
                " differ, the answer is INDETERMINATE with reason COVERAGE.",
            ),
        ),
        _beyond_the_count(),
    )


def _beyond_the_count() -> Part:
    """What a preset asks beyond the count, with the reason code of each."""
    return Part(
        title="Asked beyond the count: each that fails is a reason for LIMITED_PROGRESSION",
        limits={each.code: each.says for each in CRITERIA},
    )


def _estro_eortc() -> Parts:
    rules = tuple(
        RuleText(name=answer.value, says=f"{says[0].upper()}{says[1:]}.", answer=ESTRO_EORTC[answer])
        for answer, says in oligometastatic.class_definitions()
    )
    return (
        Part(
            title="Class of oligometastatic disease",
            intro=(f"Source: {oligometastatic.SOURCE}.",),
            limits=oligometastatic.LIMITS,
            rules=rules,
        ),
    )


def _uncertainty() -> Parts:
    limits = {
        "spread of a measurement, one reader": f"{uncertainty.SAME_READER * 100:.3g} % of the size",
        "spread of a measurement, other readers": f"{uncertainty.OTHER_READER * 100:.3g} % of the size",
        "least spread": f"{uncertainty.LEAST_SPREAD} mm",
        "technique differs, or slices over 5 mm": f"spread × {uncertainty.TECHNIQUE_FACTOR}",
        "too small to measure": f"{TOO_SMALL} mm, spread {uncertainty.TOO_SMALL_SPREAD} mm",
        "spread of PET uptake": f"{uncertainty.UPTAKE_SPREAD * 100:.3g} %",
        "low confidence": f"label less probable than {DEFAULT_POLICY.state.low_confidence_below} (policy)",
    }
    notes = (
        "Each size is its true value plus normal error; a nadir is the lowest of several noisy values and is"
        " corrected for that. The chances that single lesions have truly grown give the chance of each label."
        " Where a lesion leaves a label open, bounds are given instead of one number.",
        "Sources: Yoon, Eur J Cancer 2016; Oxnard, J Clin Oncol 2011; Lodge, J Nucl Med 2017.",
        uncertainty.LIMITS_OF_THE_MODEL,
    )
    return (Part(title="How sure a label is, given measurement error alone", limits=limits, notes=notes),)


def _lines() -> Parts:
    return (
        Part(
            title="When a drug belongs to the line and when it opens a new one",
            limits=_parameters("lines"),
            rules=in_words(line_rules.RULES),
            notes=("The days are a policy's, shown with their defaults.",),
        ),
        Part(title="Segments of a line", rules=_unanswered([SEGMENT_RULE])),
        Part(title="Why a line ended", rules=_unanswered(END_RULES)),
        Part(
            title="On or off therapy: days of cover and grace by kind of drug", limits=_parameters("therapy")
        ),
    )


def _unanswered(rules: Iterable[therapy_lines.RuleText]) -> tuple[RuleText, ...]:
    """Rules whose name is their answer."""
    return tuple(RuleText(name=each.name, says=each.says, source=each.source) for each in rules)


def _policy() -> Parts:
    """Every parameter of a site's policy with its default."""
    return tuple(Part(title=f"[{name}]", limits=_parameters(name)) for name in sections())


def _parameters(section: str) -> dict[str, str]:
    values = getattr(DEFAULT_POLICY, section)
    return {each: _value(getattr(values, each)) for each in parameters(sections()[section])}


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _preset(preset: Preset) -> Parts:
    return (
        Part(
            title=f"Preset {preset.name}",
            intro=(preset.says, f"Source: {preset.source}."),
            limits=preset_parameters(preset),
            notes=(
                "What a growing lesion is stands in LESION-STATUS, for every preset alike. Whether a lesion is"
                " amenable to local therapy is not judged here: a radiation oncologist decides it.",
            ),
        ),
        _beyond_the_count(),
    )


_CRITERIA: dict[str, tuple[str, Callable[[], Parts]]] = {
    "RECIST-1.1": ("target, non-target and overall response from the sum of diameters", _recist),
    "IRECIST": (
        "response on a checkpoint inhibitor, where progression is first unconfirmed",
        lambda: (Part(title=irecist.NAME, limits=irecist.LIMITS, rules=in_words(irecist.RULES)),),
    ),
    "PERCIST": (
        "PET response by SULpeak",
        lambda: (Part(title=pet.NAME, limits=pet.LIMITS, rules=in_words(pet.UPTAKE)),),
    ),
    "PCWG3": (
        "progression on bone scans by the number of new lesions",
        lambda: (Part(title=bone_scan.NAME, limits=bone_scan.LIMITS, rules=in_words(bone_scan.RULES)),),
    ),
    "LESION-STATUS": ("what a single lesion does", _lesion_status),
    "STATES": ("the progression states and which one holds", _states),
    "ESTRO_EORTC": ("class of oligometastatic disease; also a preset", _estro_eortc),
    "LINES": ("lines of therapy and when a new one begins", _lines),
    "UNCERTAINTY": ("how sure a label is, given measurement error", _uncertainty),
    "POLICY": ("every choice that is a site's to make, with its default", _policy),
}
