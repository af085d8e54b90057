"""What the person in front of the browser does with a page: which form, what is filled in, which button."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fhirgate.ehr.rehearsal.browser import Page, Step, sent
from fhirgate.ehr.rehearsal.forms import Button, Field, Form, forms_of, missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What was said of pages beforehand."""

    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Values by the names of fields, for every page that has them."""
    press: str = ""
    """Value or label of the button to press where there is one; empty: the first that does not refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A form that is on its way."""

    step: Step
    shape: tuple[str, ...]
    filled: tuple[str, ...]
    """Names of the fields that were filled in."""
    asks: bool
    """Whether a person has to fill in something."""
    as_told: bool
    """Whether the button is the one that was named beforehand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """Why a page cannot be answered."""

    missing: tuple[str, ...] = ()
    """Names of fields that have to be filled in."""
    no_choice: tuple[str, ...] = ()
    """Names of fields whose given value is none of the choices."""
    only_refuses: bool = False
    no_form: bool = False


def answered(page: Page, manner: Manner) -> Pressed | Stuck:
    """What becomes of a page."""
    forms = forms_of(page.html)
    if not forms:
        return Stuck(no_form=True)
    form, button = _chosen(forms, manner)
    if button is None:
        return Stuck(only_refuses=True)
    filled = tuple(name for name in form.fields if name in manner.fields)
    wrong = tuple(name for name in filled if not _fill(form.fields[name], manner.fields[name]))
    if wrong:
        return Stuck(no_choice=wrong)
    lacking = tuple(missing(form))
    # A button that refuses is pressed without filling in anything.
    if lacking and not button.refuses:
        return Stuck(missing=lacking)
    pairs = [(each.name, each.value) for each in form.fields.values() if each.is_on]
    if button.name:
        pairs.append((button.name, button.value))
    return Pressed(
        step=sent(page, button.action or form.action, form.method, pairs),
        shape=form.shape,
        filled=filled,
        asks=any(each.is_for_a_person for each in form.fields.values()),
        as_told=bool(manner.press) and button.is_called(manner.press),
    )


def _chosen(forms: list[Form], manner: Manner) -> tuple[Form, Button | None]:
    """The form and the button: by the name that was given, by the fields that are known, else the first."""
    if manner.press:
        for form in forms:
            for button in form.buttons:
                if button.is_called(manner.press):
                    return form, button
    form = max(forms, key=lambda each: len(manner.fields.keys() & each.fields.keys()))
    return form, next((each for each in form.buttons if not each.refuses), None)


def _fill(one: Field, value: str) -> bool:
    """Whether the value can be had there."""
    if one.choices and value not in one.choices:
        return False
    one.value, one.is_on = value, True
    return True
