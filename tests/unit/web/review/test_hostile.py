"""A record, an EHR and a person who write markup into everything: all of it is shown, none of it works."""

import re
from dataclasses import replace

import pytest
from markup import Element, read
from review_page import html
from reviewed import decided, drawn, follow_up, launch, renamed

from fhirgate.oncology.assessment import Assessment
from fhirgate.services.assessment_jobs import WriteBack, WriteState
from fhirgate.services.decisions import Act, Decision, Reason
from fhirgate.services.drawings import Drawn
from fhirgate.services.fetch_record import Asked

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><script>alert(1)</script>",
    "</title><svg/onload=alert(1)>",
    "<!--",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "&lt;b&gt;&#60;b&#62;",
)


def poisoned(rich: Assessment, text: str) -> Drawn:
    record = renamed(rich, text)
    patient = {
        "resourceType": "Patient",
        "id": "p-1",
        "name": [{"text": text}],
        "gender": text,
        "identifier": [{"value": text, "type": {"text": text}}],
    }
    return drawn(
        record,
        replace(record, preset=text),
        follow_up=replace(follow_up(record), title=text, evidence_for=(text,), limits=(text,)),
        launch=launch(banner=True, server=text),
        resources=(patient, {"resourceType": text}),
        asked=(Asked(type=text, parameters=(text,), status=403, count=0, refused=text),),
        decided_before=decided(by=text, comment=text, lesions=(text,)),
        written=WriteBack(state=WriteState.GIVEN_UP, why=text),
        person={"name": [{"text": text}]},
        digest=text,
    )


def shape(page: Element) -> list[tuple[str, tuple[str, ...]]]:
    """Names of elements and attributes, without what they hold."""
    return [(each.name, tuple(each.attributes)) for each in page.all()]


def entered(text: str) -> Decision:
    return Decision(act=Act.DISMISS, preset="DEFAULT", shown="x", reason=Reason.OTHER, comment=text)


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_every_text_changes_nothing_of_the_page(rich: Assessment, attack: str) -> None:
    def rendered(text: str) -> Element:
        return read(html(poisoned(rich, text), notice=text, entered=entered(text)))

    attacked = rendered(attack)

    assert shape(attacked) == shape(rendered("harmless"))
    assert attacked.text.count(attack) > 20


def test_what_was_entered_comes_back_as_text(rich: Assessment) -> None:
    found = read(html(poisoned(rich, "x"), entered=entered("</textarea>\n<b>bold</b>")))

    assert found.one("textarea", id="dismiss-comment").text == "</textarea> <b>bold</b>"


def test_words_of_ten_thousand_characters_bring_a_page_of_bounded_size(rich: Assessment) -> None:
    long = {"resourceType": "Patient", "id": "p-1", "name": [{"text": "W" * 10_000}]}
    page = html(drawn(rich, launch=launch(banner=True), resources=(long,)))

    assert "WWW" in page
    assert not re.search("W{200}", page)
