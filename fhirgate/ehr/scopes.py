"""SMART scopes: what is asked of a server, what it granted, and the difference in words.

Version 1 says `system/Observation.read`, version 2 `system/Observation.rs`; both are read, and compared as the same
letters. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

LETTERS = "cruds"
"""Create, read, update, delete, search: in the only order version 2 allows."""
_WORDS = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}
_V1 = {"read": "rs", "write": "cud", "*": LETTERS}
_SCOPE = re.compile(
    r"(?P<context>patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]{2,39})"
    r"\.(?:(?P<v1>read|write|\*)|(?P<v2>(?=[cruds])c?r?u?d?s?)(?:\?(?P<query>\S+))?)"
)
_WORD = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class Version(StrEnum):
    """How scopes are written."""

    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Access to the resources of one type."""

    context: str = "system"
    """`system`, `user` or `patient`."""
    type: str
    """A resource type, or `*` for all."""
    letters: str
    """Of `LETTERS`, in that order."""
    query: str = ""
    """Narrows it to what a search with these parameters finds; only version 2 can say that."""

    def __str__(self) -> str:
        return f"{self.context}/{self.type}.{self.letters}" + (f"?{self.query}" if self.query else "")

    def words(self, version: Version) -> Iterator[str]:
        """As it is written in a request."""
        if version is Version.V2:
            yield str(self)
            return
        if set(self.letters) & set("rs"):
            yield f"{self.context}/{self.type}.read"
        if set(self.letters) & set("cud"):
            yield f"{self.context}/{self.type}.write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """A set of scopes, in the order they were named."""

    clinical: tuple[Scope, ...] = ()
    others: tuple[str, ...] = ()
    """Such as `launch` and `openid`, and what could not be read."""

    @classmethod
    def of(cls, text: str) -> Self:
        """From the words of a request, a token answer or a registry entry."""
        clinical: list[Scope] = []
        others: list[str] = []
        for word in dict.fromkeys(text.split()):
            found = _SCOPE.fullmatch(word)
            if found is None:
                others.append(word)
                continue
            letters = found["v2"] or _V1[found["v1"]]
            clinical.append(
                Scope(
                    context=found["context"],
                    type=found["type"],
                    letters=letters,
                    query=found["query"] or "",
                )
            )
        return cls(clinical=tuple(clinical), others=tuple(others))

    @classmethod
    def for_types(cls, types: Iterable[str], letters: str = "rs", context: str = "system") -> Self:
        """The same access to several types."""
        ordered = "".join(each for each in LETTERS if each in letters)
        return cls(
            clinical=tuple(
                Scope(context=context, type=each, letters=ordered) for each in dict.fromkeys(types)
            )
        )

    def plus(self, more: "Scopes") -> "Scopes":
        """Both together; the letters for one type are said in one scope."""
        letters: dict[tuple[str, str, str], str] = {}
        for each in (*self.clinical, *more.clinical):
            of = (each.context, each.type, each.query)
            letters[of] = letters.get(of, "") + each.letters
        return Scopes(
            clinical=tuple(
                Scope(
                    context=context,
                    type=kind,
                    letters="".join(each for each in LETTERS if each in held),
                    query=query,
                )
                for (context, kind, query), held in letters.items()
            ),
            others=tuple(dict.fromkeys((*self.others, *more.others))),
        )

    def __bool__(self) -> bool:
        return bool(self.clinical or self.others)

    def __str__(self) -> str:
        return self.text(Version.V2)

    def text(self, version: Version) -> str:
        """As a request says it; a narrowing query is left out of version 1, which asks for more then."""
        words = [word for each in self.clinical for word in each.words(version)]
        return " ".join(dict.fromkeys([*words, *self.others]))

    def missing_from(self, granted: "Scopes") -> "Scopes":
        """What of these scopes is not covered by those granted; `offline_access` and the like by name."""
        lacking = ((each, granted.lacks(each)) for each in self.clinical)
        return Scopes(
            clinical=tuple(
                Scope(context=each.context, type=each.type, letters=letters, query=each.query)
                for each, letters in lacking
                if letters
            ),
            others=tuple(each for each in self.others if each not in granted.others),
        )

    def lacks(self, wanted: Scope) -> str:
        """The letters of one scope that these do not give."""
        held = {
            letter
            for each in self.clinical
            if each.context == wanted.context
            and each.type in ("*", wanted.type)
            and each.query in ("", wanted.query)
            for letter in each.letters
        }
        return "".join(each for each in wanted.letters if each not in held)

    def in_words(self) -> str:
        """For a human: `Observation: read, search; ImagingStudy: search`."""
        told = [
            f"{'all types' if each.type == '*' else each.type}"
            + (f" ({each.context})" if each.context != "system" else "")
            + (" within a filter" if each.query else "")
            + ": "
            + ", ".join(_WORDS[letter] for letter in each.letters)
            for each in self.clinical
        ]
        return "; ".join([*told, *(each for each in self.others if _WORD.fullmatch(each))])


def version_for(capabilities: Iterable[str], scopes_supported: Iterable[str] = ()) -> Version:
    """How to write scopes for a server, from its smart-configuration: version 2 where it says that it reads it."""
    said = set(capabilities)
    if "permission-v2" in said:
        return Version.V2
    if "permission-v1" in said:
        return Version.V1
    known = (_SCOPE.fullmatch(each) for each in scopes_supported)
    return Version.V2 if any(each is not None and each["v2"] for each in known) else Version.V1
