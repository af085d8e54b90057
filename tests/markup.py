"""A page as a browser reads it: elements with their attributes, text and place; unbalanced markup is an error."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "input", "img", "source", "br"})


@dataclass
class Element:
    """One element; `text` is all that it shows, white space folded."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: "Element | None" = None
    children: list["Element"] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def all(self, tag: str = "", /, **attributes: str) -> list["Element"]:
        """Elements below, in the order of the page; `of` asks for a class."""
        of = attributes.pop("of", "")
        return [
            each
            for each in self.below()
            if tag in ("", each.name)
            and (not of or of in each.get("class").split())
            and all(each.get(key) == value for key, value in attributes.items())
        ]

    def one(self, tag: str = "", /, **attributes: str) -> "Element":
        (found,) = self.all(tag, **attributes)
        return found

    def below(self) -> Iterator["Element"]:
        for each in self.children:
            yield each
            yield from each.below()

    def above(self) -> Iterator["Element"]:
        if self.parent is not None:
            yield self.parent
            yield from self.parent.above()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.open[-1])
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        closed = self.open.pop()
        assert closed.name == tag, f"{closed.name} is closed by {tag}"

    def handle_data(self, data: str) -> None:
        for each in self.open:
            each.words.append(data)


def read(page: str) -> Element:
    """The page as one element without a name."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], [each.name for each in reader.open]
    return reader.root
