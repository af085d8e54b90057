"""Failures in plain words for a person in front of a page: what happened, and what to do next."""

from dataclasses import dataclass, replace

from fhirgate.errors import Category, FhirgateError
from fhirgate.services.job_ports import NoAnswer
from fhirgate.services.launches import LaunchRefused, Why

_AGAIN = "Open fhirgate again from the patient's chart."
_OPERATOR = "Tell those who look after fhirgate at your site, with the number below."


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a page says of a failure."""

    heading: str
    says: str
    advice: str
    is_whole: bool = False
    """Whether the failure's own words would add nothing."""


WHY = {
    Why.UNKNOWN_ISSUER: Words(
        heading="This EHR is not known here",
        says="fhirgate was opened by an EHR that is not set up to open it; nothing was asked of that EHR.",
        advice=_OPERATOR,
    ),
    Why.MALFORMED: Words(
        heading="This launch cannot be read",
        says="fhirgate was opened in a way that an EHR does not open it.",
        advice=_AGAIN,
    ),
    Why.UNKNOWN_STATE: Words(
        heading="This launch is used up",
        says="It was finished before, took longer than ten minutes, or was not begun here.",
        advice=_AGAIN,
        is_whole=True,
    ),
    Why.OTHER_BROWSER: Words(
        heading="The browser did not keep our cookie",
        says="This launch was begun in another browser, or this one lost what it was given to remember it by.",
        advice="Open fhirgate in a window of its own.",
        is_whole=True,
    ),
    Why.OTHER_ISSUER: Words(
        heading="The answer came from somebody else",
        says="Another server answered than the one that was asked; its answer was not used.",
        advice=f"{_AGAIN} If it happens again, tell those who look after fhirgate at your site.",
    ),
    Why.REGISTRATION_CHANGED: Words(
        heading="The setup changed meanwhile",
        says="How fhirgate is set up for this EHR was changed while the launch was under way.",
        advice=_AGAIN,
    ),
    Why.DENIED: Words(
        heading="Access was not given",
        says="You declined, or the EHR does not let you use fhirgate with this patient.",
        advice=f"If you did not mean to decline: {_AGAIN[0].lower()}{_AGAIN[1:]}",
    ),
    Why.AUTHORIZATION_FAILED: Words(
        heading="The EHR did not let fhirgate in",
        says="Its login told of an error.",
        advice=f"{_AGAIN} If it happens again, tell those who look after fhirgate at your site.",
    ),
    Why.NOTHING_GRANTED: Words(
        heading="Nothing may be read",
        says="The EHR let fhirgate in, but gave it no right to read anything of the patient's record.",
        advice="Open fhirgate again and allow it to read the record, or ask those who look after the EHR to allow it.",
    ),
    Why.NO_PATIENT: Words(
        heading="No patient was chosen",
        says="The EHR let fhirgate in, but did not say for which patient.",
        advice="Open a patient's chart, and fhirgate from there.",
        is_whole=True,
    ),
    Why.IDENTITY_UNPROVEN: Words(
        heading="It is not certain who you are",
        says="What the EHR said about your identity could not be verified, so nothing was shown.",
        advice=_OPERATOR,
    ),
    Why.UNSUPPORTED: Words(
        heading="This EHR cannot open fhirgate",
        says="It does not offer what a launch needs.",
        advice=_OPERATOR,
    ),
}
NO_COOKIE = Words(
    heading="This browser keeps no cookie of ours here",
    says="fhirgate needs one to know that the answer of your EHR comes back to you and to nobody else. Inside another"
    " page, browsers often do not allow it; in a window of its own they do.",
    advice="Open fhirgate in a window of its own.",
)
_LATER = "Wait a moment, then load this page again."
CATEGORY = {
    Category.CONFIGURATION: Words(
        heading="fhirgate is not set up right",
        says="Something of its setup cannot be used.",
        advice=_OPERATOR,
    ),
    Category.INVALID: Words(
        heading="That cannot be done",
        says="What was asked for cannot be done as it was asked.",
        advice=_AGAIN,
    ),
    Category.NOT_FOUND: Words(
        heading="There is nothing here",
        says="What was asked for is not there, or this launch does not reach it.",
        advice=_AGAIN,
    ),
    Category.CONFLICT: Words(
        heading="Something changed meanwhile",
        says="What you saw is not what there is now; nothing was done.",
        advice="Load the page again and look at it anew.",
    ),
    Category.TRANSIENT: Words(
        heading="The EHR does not answer",
        says="It could not be reached, or failed; nothing is shown rather than half a record, and nothing was decided.",
        advice=_LATER,
    ),
    Category.THROTTLED: Words(
        heading="Too much at once", says="The EHR, or fhirgate for it, asks for a pause.", advice=_LATER
    ),
    Category.SECURITY: Words(
        heading="The EHR does not let fhirgate read",
        says="It did not accept this launch any more, or it could not be proven that it is the EHR.",
        advice=_AGAIN,
    ),
    Category.PROCESSING: Words(
        heading="The EHR declined",
        says="It understood what fhirgate asked for, and did not do it.",
        advice=f"{_AGAIN} If it happens again, tell those who look after fhirgate at your site.",
    ),
    Category.STRUCTURE: Words(
        heading="The EHR's answer cannot be read",
        says="It answered with something that is no FHIR.",
        advice=_OPERATOR,
    ),
    Category.NO_STORE: Words(
        heading="fhirgate cannot remember now",
        says="Its own database does not answer; nothing was decided or lost.",
        advice=_LATER,
    ),
}
_STATUS = {
    403: Words(
        heading="This form was not sent from our page",
        says="It came from another place or another launch; nothing was done.",
        advice="Go back to the page, load it again, and decide there.",
        is_whole=True,
    ),
    404: Words(
        heading="There is nothing here",
        says="No page of fhirgate has this address.",
        advice=_AGAIN,
        is_whole=True,
    ),
    405: Words(
        heading="That is not how this page works",
        says="This address was called in a way that it does not answer.",
        advice=_AGAIN,
        is_whole=True,
    ),
    413: Words(
        heading="That is too much",
        says="What was sent is longer than any form of ours; nothing was done.",
        advice="Go back, and write a shorter comment.",
        is_whole=True,
    ),
    429: Words(
        heading="Too much at once",
        says="More launches are begun than fhirgate takes on.",
        advice=_LATER,
        is_whole=True,
    ),
    500: Words(
        heading="An error in fhirgate",
        says="It failed, and its log says where.",
        advice=_OPERATOR,
        is_whole=True,
    ),
    503: Words(
        heading="fhirgate is busy",
        says="As many pages wait for their EHR as can wait.",
        advice=_LATER,
        is_whole=True,
    ),
}
_KIND = {
    "no-launches": Words(
        heading="No EHR can open fhirgate here",
        says="No server of the registry is set up for launches; this service answers programs only.",
        advice="Give the entry of your EHR a launch table, as the README says, and start fhirgate again.",
    ),
    NoAnswer.FAULT: _STATUS[500],
}
_OTHER = Words(
    heading="That did not work", says="The request could not be answered; nothing was done.", advice=_AGAIN
)


def words_of(error: FhirgateError) -> Words:
    """A failure that somebody can act on."""
    return WHY[error.why] if isinstance(error, LaunchRefused) else CATEGORY[error.category]


def used_up(words: Words) -> Words:
    """The same where loading the page again would meet what can be used once only."""
    return replace(words, advice=_AGAIN) if words.advice == _LATER else words


def words_of_problem(status: int, kind: str) -> Words:
    """A request that came to nothing."""
    return _KIND.get(kind) or _STATUS.get(status) or _OTHER
