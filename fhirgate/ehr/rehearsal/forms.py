"""Forms of a page, as a person without script meets them: fields, choices and buttons."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_REFUSES = re.compile(
    r"\b(?:abort|abbrechen|ablehnen|back|cancel|decline|deny|disallow|no|refuse|reject)\b", re.IGNORECASE
)
_CHOSEN = ("radio", "checkbox")
_NEVER_SENT = ("image", "reset", "button", "file")
_WITH_TEXT = ("button", "textarea", "option")


@dataclass(slots=True, kw_only=True)
class Field:
    """One name of a form, with what it holds before anybody touches it."""

    name: str
    kind: str
    value: str = field(default="", repr=False)
    choices: list[str] = field(default_factory=list, repr=False)
    """Of radio buttons and lists; empty for free text."""
    is_on: bool = True
    """Whether it is sent as it is."""
    is_required: bool = False

    @property
    def is_for_a_person(self) -> bool:
        """Whether a person sees it."""
        return self.kind != "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """What sends a form."""

    name: str
    value: str = field(repr=False)
    label: str = field(repr=False)
    action: str = field(default="", repr=False)
    """Where it sends the form; empty: as the form says."""

    @property
    def refuses(self) -> bool:
        """Whether it looks like a no."""
        return bool(_REFUSES.search(f"{self.value} {self.label}".replace("_", " ")))

    def is_called(self, text: str) -> bool:
        """Whether a person would call it so."""
        return text.casefold() in (self.value.casefold(), self.label.casefold())


@dataclass(slots=True, kw_only=True)
class Form:
    """One form of a page."""

    action: str = field(repr=False)
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    @property
    def shape(self) -> tuple[str, ...]:
        """What tells it from the form of another page."""
        return (*self.fields, *(each.name for each in self.buttons))


def forms_of(html: str) -> list[Form]:
    """The forms of a page that can be sent, in its order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [each for each in reader.forms if each.buttons]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._list: Field | None = None
        self._open: tuple[str, dict[str, str]] | None = None
        """The button, text area or option whose text is being read."""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(action=told.get("action", ""), method=told.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None or "disabled" in told:
            return
        if tag == "input":
            _read_input(self._form, told)
        elif tag == "select" and told.get("name"):
            self._list = Field(name=told["name"], kind="select", is_required="required" in told)
            self._form.fields[self._list.name] = self._list
        elif tag in _WITH_TEXT:
            self._close()
            self._open, self._words = (tag, told), []

    def handle_endtag(self, tag: str) -> None:
        if tag in (*_WITH_TEXT, "select", "form"):
            self._close()
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._list = None

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def _close(self) -> None:
        """What has its text now belongs to the form."""
        opened, self._open = self._open, None
        if opened is None or self._form is None:
            return
        (tag, told), text = opened, " ".join("".join(self._words).split())
        if tag == "button" and told.get("type", "submit") == "submit":
            self._form.buttons.append(_button(told, text))
        elif tag == "textarea" and told.get("name"):
            self._form.fields[told["name"]] = Field(name=told["name"], kind=tag, value=text)
        elif tag == "option" and self._list is not None:
            _add_option(self._list, told.get("value", text), is_selected="selected" in told)


def _read_input(form: Form, told: dict[str, str]) -> None:
    kind, name = told.get("type", "text").lower(), told.get("name", "")
    if kind == "submit":
        form.buttons.append(_button(told, told.get("value", "")))
    elif name and kind in _CHOSEN:
        known = form.fields.setdefault(name, Field(name=name, kind=kind, is_on=False))
        known.choices.append(told.get("value", "on"))
        known.is_required |= "required" in told
        if "checked" in told:
            known.value, known.is_on = known.choices[-1], True
    elif name and kind not in _NEVER_SENT:
        required = "required" in told
        form.fields[name] = Field(name=name, kind=kind, value=told.get("value", ""), is_required=required)


def _add_option(chosen: Field, value: str, *, is_selected: bool) -> None:
    if is_selected or not chosen.choices:
        chosen.value = value
    chosen.choices.append(value)


def _button(told: dict[str, str], label: str) -> Button:
    return Button(
        name=told.get("name", ""), value=told.get("value", ""), label=label, action=told.get("formaction", "")
    )


def missing(form: Form) -> Iterator[str]:
    """Names of the fields that a browser would not send the form without."""
    for each in form.fields.values():
        if each.is_required and (not each.is_on or not each.value):
            yield each.name
