"""Whose page it is, told only where the EHR asks for it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from fhirgate.mapping.datatypes import is_object
from fhirgate.mapping.parse.person import PersonFacts, display_name, patient_facts
from fhirgate.oncology.clinical_date import ClinicalDate
from fhirgate.oncology.wording import count
from fhirgate.report.columns import plain
from fhirgate.report.review.parts import Banner
from fhirgate.services.fetch_record import Fetched
from fhirgate.services.launches import Launch

UNNAMED = "Someone the EHR does not name"
LONGEST = 160
"""Characters of a banner's text; a longer one would push the page off the screen."""


def banner(launch: Launch, fetched: Fetched, as_of: date) -> Banner | None:
    """The patient of the launch; None unless the EHR says that a banner is needed."""
    if launch.context.need_patient_banner is not True:
        return None
    facts = patient_facts(_patient(launch, fetched), as_of)
    return Banner(
        name=_short(facts.name),
        born=_born(facts, as_of),
        sex=_short(facts.sex),
        identifiers=tuple((_short(label), _short(value)) for label, value in facts.identifiers),
        deceased=_deceased(facts),
    )


def _short(text: str) -> str:
    safe = plain(text)
    return safe if len(safe) <= LONGEST else f"{safe[: LONGEST - 1]}…"


def _patient(launch: Launch, fetched: Fetched) -> Any:
    """The resource of the launch's own patient, never of another one that came along."""
    return next(
        (
            raw
            for raw, _ in fetched.resources
            if is_object(raw)
            and raw.get("resourceType") == "Patient"
            and raw.get("id") == launch.context.patient
        ),
        None,
    )


def _born(facts: PersonFacts, as_of: date) -> str:
    born = facts.born_on
    if born is None:
        return ""
    at = facts.died_on.earliest if facts.died_on else as_of
    # A day is needed on both ends, or the age is a guess.
    is_known = born.is_day and not (facts.deceased and (facts.died_on is None or not facts.died_on.is_day))
    return f"{born} ({_age(born, at)})" if is_known and born.earliest <= at else str(born)


def _age(born: ClinicalDate, at: date) -> str:
    day = born.earliest
    return count(at.year - day.year - ((at.month, at.day) < (day.month, day.day)), "year")


def _deceased(facts: PersonFacts) -> str:
    if not facts.deceased:
        return ""
    return f"deceased {facts.died_on}" if facts.died_on else "deceased"


def signed_in(launch: Launch, person: Mapping[str, Any] | None, as_of: date) -> str:
    """Who looks at the page: a name, else the kind of user, else that the EHR does not say."""
    name = _short(display_name(person, as_of))
    if name or launch.user is None:
        return name or UNNAMED
    return f"{launch.user.type} without a name" if launch.user.type else UNNAMED
