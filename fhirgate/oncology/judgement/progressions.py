"""Which timepoints are progression events, and their dates, whatever preset is asked.

Progression is dated at the earliest image of the timepoint that shows it (trial convention), that by a new lesion
at the first image of the lesion (RECIST 1.1 §4.3.5), that by bone scans at the first of the two scans (PCWG3), and
a progression confirmed by iRECIST at the first unconfirmed one of its block (Seymour 2017).
"""

from fhirgate.oncology.clinical_date import ClinicalDate, by_date
from fhirgate.oncology.criteria.irecist import IVerdict
from fhirgate.oncology.judgement.situations import Followed
from fhirgate.oncology.policy import StatePolicy
from fhirgate.oncology.progression.picture import Picture
from fhirgate.oncology.progression.presets import DEFAULT
from fhirgate.oncology.progression.situation import Situation
from fhirgate.oncology.timepoint import Timepoint


def progressed_on(
    situation: Situation,
    timepoint: Timepoint,
    followed: Followed,
    irecist: IVerdict | None,
    policy: StatePolicy,
) -> ClinicalDate | None:
    """The date of the progression a timepoint shows; None when it shows none, or only an unconfirmed one.

    First metastases are no progression, and where something stops the judgement nothing is said.
    """
    picture = Picture(situation=situation, preset=DEFAULT, policy=policy)
    if situation.stops or picture.first or not picture.definite or picture.held_for_ici:
        return None
    if irecist is not None and irecist.progressed_on is not None:
        return irecist.progressed_on
    active = {each.id for each in (*picture.growing, *picture.new)}
    since = {each.lesion.id: each.novelty.since for each in followed.lesions if each.novelty is not None}
    shown = [
        since.get(lesion, measurement.taken_on)
        for lesion, measurement in timepoint.measurements.items()
        if lesion in active
    ]
    bones = followed.bones.verdict.progressed_on if followed.bones else None
    return min((*shown, *([bones] if bones else [])), key=by_date, default=timepoint.date)


def cause_of(situation: Situation, policy: StatePolicy) -> str:
    """What a progression consists in, in words."""
    picture = Picture(situation=situation, preset=DEFAULT, policy=policy)
    found = {
        "growth of " + ", ".join(each.label for each in picture.growing): bool(picture.growing),
        "new " + ", ".join(each.label for each in picture.new): bool(picture.new),
        "sum of diameters": situation.sum_progressed and not picture.growing,
        f"{situation.bone_lesions} new bone lesions (PCWG3)": bool(situation.bone_lesions),
        ", ".join(situation.diffuse_progressing): bool(situation.diffuse_progressing),
    }
    return "; ".join(words for words, holds in found.items() if holds)
