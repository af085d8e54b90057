"""Radiotherapy: what was irradiated, how, with what dose; and whether it was stereotactic.

mCODE's required techniques have no code for stereotactic radiotherapy. Without explicit evidence it is inferred
for external beams of at most 5 fractions with a biologically effective dose n·d·(1 + d/10) of at least 50 Gy
(fhir-contracts §A5-1; the threshold is ours and awaits a clinician's yes). Brachytherapy never is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from fhirgate.mapping.code_tables import table
from fhirgate.mapping.datatypes import SNOMED, Raw, codings, item, items, number, quantity, text, words
from fhirgate.mapping.parse.body_structure import is_volume
from fhirgate.mapping.parse.identity import Identities
from fhirgate.mapping.parse.record import Record
from fhirgate.mapping.sites import site_of
from fhirgate.mapping.therapy_codes import meaning, means_in_words
from fhirgate.oncology.lesion import LesionIdentity
from fhirgate.oncology.site import UNKNOWN_SITE, Site
from fhirgate.oncology.therapy import Modality

MOST_FRACTIONS = 5
"""Most fractions of stereotactic body radiotherapy (CPT 77373, 77435; §A5-1)."""
LEAST_BED = Decimal(50)
"""Least biologically effective dose of an inferred stereotactic course [Gy, alpha/beta 10]; our choice."""
COURSE, PHASE, PLAN = "1217123003", "1222565005", "1255724003"
"""SNOMED CT: course, treatment phase and treatment plan of radiotherapy (mCODE, CodeX RT)."""

_MII_APPLICATIONS = "mii-cs-onko-strahlentherapie-applikationsart"
_SYSTEMIC = "M"
"""First letter of MII's applications of radionuclides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One irradiated volume: where, how, how much."""

    modality: Modality = Modality.RADIOTHERAPY
    lesion: LesionIdentity | None = None
    site: Site = UNKNOWN_SITE
    external: bool = False
    dose: Decimal | None = None
    """Total dose [Gy]."""
    fractions: int | None = None
    uniform: bool = True
    inferred: bool = False

    @property
    def bed(self) -> Decimal | None:
        """Biologically effective dose of equal fractions [Gy, alpha/beta 10]; None when it cannot be told."""
        if self.dose is None or not self.fractions or not self.uniform:
            return None
        return self.dose * (1 + self.dose / self.fractions / 10)

    @property
    def text(self) -> str:
        """Dose and fractions in words, as far as known."""
        if self.dose is None:
            return ""
        gray = f"{self.dose.normalize():f} Gy"
        return (
            f"{gray} in {self.fractions} fraction{'s' if self.fractions != 1 else ''}"
            if self.fractions
            else gray
        )


def fields_of(raw: Raw, modality: Modality, record: Record, identities: Identities) -> tuple[Field, ...]:
    """The irradiated volumes of a radiotherapy; one without a place when the record names none.

    `modality` is what the procedure's code says. Empty when the whole is a systemic radionuclide therapy.
    """
    found = [*_mii_fields(raw), *_volumes(raw, modality, record, identities)]
    if not found:
        if is_radionuclide(raw):
            return ()
        found = [_whole(raw, modality)]
    return tuple(_judged(field) for field in found)


def is_part_of_course(raw: Raw) -> bool:
    """Whether it is a phase or plan: a part of what the course summary tells as a whole."""
    return any(each.system == SNOMED and each.code in (PHASE, PLAN) for each in codings(raw.get("code")))


def is_course(raw: Raw) -> bool:
    """Whether it sums up a whole course."""
    return any(each.system == SNOMED and each.code == COURSE for each in codings(raw.get("code")))


def is_radionuclide(raw: Raw) -> bool:
    """Whether it is a systemic radionuclide therapy: a radiopharmaceutical, no local treatment."""
    if applications(raw):
        return all(_is_systemic(code) for code, _ in applications(raw))
    kinds = [each.code for pair in _pairs(raw) for each in codings(pair)]
    return any(code in table("therapy")["beam"]["radionuclide"] for code in kinds)


def applications(raw: Raw) -> tuple[tuple[str, str], ...]:
    """MII: (application, kind of radiation) of every irradiation of a Procedure."""
    return tuple(
        (_mii_code(each, "Applikationsart"), _mii_code(each, "Strahlenart"))
        for each in items(raw, "extension")
        if str(each.get("url", "")).endswith("strahlentherapie-bestrahlung")
    )


def _judged(field: Field) -> Field:
    """The field as stereotactic, when its dose can be nothing else."""
    bed = field.bed
    if field.modality is not Modality.RADIOTHERAPY or not field.external or bed is None:
        return field
    if field.fractions is None or field.fractions > MOST_FRACTIONS or bed < LEAST_BED:
        return field
    return replace(field, modality=Modality.SBRT, inferred=True)


def _whole(raw: Raw, modality: Modality) -> Field:
    """A radiotherapy that names no volume: modality and technique of the whole."""
    return _beamed(raw, Field(modality=modality, fractions=_sessions(raw)))


def _volumes(raw: Raw, modality: Modality, record: Record, identities: Identities) -> Iterator[Field]:
    """mCODE and CodeX: the doses delivered to volumes."""
    doses = [each for each in items(raw, "extension") if _ends(each, "dose-delivered-to-volume")]
    if not doses or is_radionuclide(raw):
        return
    base = _beamed(raw, Field(modality=modality))
    for dose in doses:
        parts = {_tail(each): each for each in items(dose, "extension")}
        fractions = number(parts.get("fractionsDelivered", {}).get("valueUnsignedInt"))
        target = item(parts.get("volume", {}), "valueReference")
        identity = identities.structure(target, raw) if target else None
        yield replace(
            base,
            lesion=identity if identity is not None and _is_lesion(target, raw, record) else None,
            site=identity.site if identity is not None else Site(),
            dose=_gray(parts.get("totalDoseDelivered", {}).get("valueQuantity")),
            fractions=int(fractions)
            if fractions is not None
            else (_sessions(raw) if len(doses) == 1 else None),
            uniform=parts.get("codexrt-radiotherapy-uniform-fractionation", {}).get("valueBoolean")
            is not False,
        )


def _beamed(raw: Raw, field: Field) -> Field:
    """The field with what modality and technique say: stereotactic by words, external beam, brachytherapy."""
    pairs = list(_pairs(raw))
    if means_in_words("modality_words", [each for pair in pairs for each in words(pair)]) == "SBRT":
        return replace(field, modality=Modality.SBRT)
    if any(meaning("modality", codings(pair)) == "SBRT" for pair in pairs):
        return replace(field, modality=Modality.SBRT)
    codes = {each.code for pair in (*pairs, item(raw, "code")) for each in codings(pair)}
    beam = table("therapy")["beam"]
    external = not codes.isdisjoint(beam["external"])
    inside = not codes.isdisjoint(beam["brachytherapy"])
    if inside and not external and field.modality is Modality.RADIOTHERAPY:
        return replace(field, modality=Modality.BRACHYTHERAPY)
    return replace(field, external=external and not inside)


def _pairs(raw: Raw) -> Iterator[Raw]:
    """Concepts of modality and technique."""
    for each in items(raw, "extension"):
        nested = items(each, "extension") if _ends(each, "modality-and-technique") else (each,)
        for one in nested:
            if _ends(one, "radiotherapy-modality") or _ends(one, "radiotherapy-technique"):
                yield item(one, "valueCodeableConcept")


def _is_lesion(target: Raw, raw: Raw, record: Record) -> bool:
    """Whether the irradiated volume is the tumour itself, not a planning volume around it.

    One that is not here is taken for a planning volume: mCODE has no other, and a course has several of them.
    """
    found = record.resolve(target, raw)
    if found is None:
        return False
    kinds = {each.code for each in codings(found.get("morphology"))}
    return not is_volume(found) and kinds.isdisjoint(table("therapy")["beam"]["volumes"])


def _mii_fields(raw: Raw) -> Iterator[Field]:
    """MII: every "Bestrahlung" with target area, side, application and dose."""
    for each in items(raw, "extension"):
        if str(each.get("url", "")).endswith("strahlentherapie-bestrahlung"):
            application = _mii_code(each, "Applikationsart")
            if not _is_systemic(application):
                yield _mii_field(each, application)


def _mii_field(raw: Raw, application: str) -> Field:
    means = meaning("application", codings(_mii_part(raw, "Applikationsart")))
    inside = application.startswith(("K", "I"))
    modality = Modality[means] if means else Modality.BRACHYTHERAPY if inside else Modality.RADIOTHERAPY
    dose, single = (_gray(_mii_part(raw, name, "valueQuantity")) for name in ("Gesamtdosis", "Einzeldosis"))
    count = dose / single if dose and single else None
    area = table("therapy")["target_area"].get(_mii_code(raw, "Zielgebiet"), "")
    return Field(
        modality=modality,
        site=site_of(
            phrases=(area,) if area else (), laterality=(_mii_part(raw, "Zielgebiet_Lateralitaet"),)
        ),
        external=application.startswith("P"),
        dose=dose,
        fractions=int(count) if count is not None and count == int(count) else None,
    )


def _mii_part(raw: Raw, name: str, element: str = "valueCodeableConcept") -> Raw:
    return next((item(each, element) for each in items(raw, "extension") if each.get("url") == name), {})


def _mii_code(raw: Raw, name: str) -> str:
    return next((each.code for each in codings(_mii_part(raw, name))), "")


def _is_systemic(application: str) -> bool:
    return application.startswith(_SYSTEMIC) and application != "MSIRT"


def _sessions(raw: Raw) -> int | None:
    """Sessions of the course, which are its fractions when nothing else is said."""
    for each in items(raw, "extension"):
        if _ends(each, "radiotherapy-sessions"):
            found = number(each.get("valueUnsignedInt"))
            return int(found) if found is not None else None
    return None


def _gray(value: object) -> Decimal | None:
    """A dose in Gray."""
    found = quantity(value)
    if found is None:
        return None
    unit = found.unit.casefold()
    return found.value / 100 if unit == "cgy" else found.value if unit == "gy" else None


def _ends(extension: Raw, name: str) -> bool:
    return text(extension, "url").endswith(name)


def _tail(extension: Raw) -> str:
    return text(extension, "url").rsplit("/", 1)[-1]
