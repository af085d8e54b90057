"""What needs confirmation and is nothing definite: each signal with the datum that would settle it."""

from collections.abc import Iterator, Sequence

from fhirgate.oncology.criteria.bone_scan import BoneResponse, BoneVerdict
from fhirgate.oncology.judgement.lesion_at import LesionAt
from fhirgate.oncology.source import joined
from fhirgate.oncology.verdict import LesionStatus, Reason
from fhirgate.oncology.wording import listed


def signals_at(lesions: Sequence[LesionAt], bone: BoneVerdict | None) -> tuple[Reason, ...]:
    """The signals of one timepoint."""
    return (
        *_treated(lesions),
        *_equivocal_new(lesions),
        *_pet_only(lesions),
        *_bone(bone),
    )


def _treated(lesions: Sequence[LesionAt]) -> Iterator[Reason]:
    changing = LesionStatus.TREATED_INDETERMINATE
    found = [each for each in lesions if each.verdict.status is changing]
    if found:
        yield _reason(
            "TREATED_LESION_CHANGE",
            f"{_names(found)} changes after local treatment, which may be its effect",
            "the next scan, PET or a biopsy of the treated lesion",
            found,
        )


def _equivocal_new(lesions: Sequence[LesionAt]) -> Iterator[Reason]:
    doubtful = LesionStatus.NEW_EQUIVOCAL
    found = [each for each in lesions if each.verdict.status is doubtful and not each.pet_only]
    if found:
        yield _reason(
            "EQUIVOCAL_NEW_LESION",
            f"{_names(found)} may be new disease, not unequivocally",
            "the next scan, or another modality",
            found,
        )


def _pet_only(lesions: Sequence[LesionAt]) -> Iterator[Reason]:
    found = [
        each for each in lesions if each.pet_only and each.verdict.status is not LesionStatus.PROGRESSING
    ]
    if found:
        yield _reason(
            "PET_ONLY",
            f"{_names(found)} is suspicious on PET only",
            "CT or MRI of the site, or SULpeak of both scans",
            found,
        )


def _bone(bone: BoneVerdict | None) -> Iterator[Reason]:
    if bone is not None and bone.verdict.answer is BoneResponse.PDU:
        yield Reason(
            code="PCWG3_PDU",
            text=f"{bone.verdict.because}, unconfirmed by PCWG3",
            resolved_by="a bone scan at least six weeks later",
            sources=(bone.scan.source,),
        )


def _names(lesions: Sequence[LesionAt]) -> str:
    return listed(each.lesion.label for each in lesions)


def _reason(code: str, text: str, resolved_by: str, lesions: Sequence[LesionAt]) -> Reason:
    return Reason(
        code=code,
        text=text,
        resolved_by=resolved_by,
        sources=joined(*(each.verdict.sources for each in lesions)),
    )
