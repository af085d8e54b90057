"""Drugs by their names in text: which agents a printed name holds, whatever stands around them.

"pembrolizumab 100 MG/4ML Injection [Keytruda]", "fam-trastuzumab deruxtecan-nxki" and "Doxorubicinhydrochlorid"
all hold one agent. The longest name at a place wins, so that a conjugate is never its naked antibody; words
around a name (salts, strengths, four-letter biosimilar suffixes) match nothing and so change nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

Words = tuple[str, ...]


def words_of(name: str) -> Words:
    """The words of a name as they are compared: case and punctuation do not matter.

    >>> words_of("Fam-Trastuzumab deruxtecan-NXKI")
    ('fam', 'trastuzumab', 'deruxtecan', 'nxki')
    """
    return tuple("".join(char if char.isalnum() else " " for char in name.casefold()).split())


class NameIndex:
    """Agents by the words of their names."""

    def __init__(self, names: Iterable[tuple[str, Words]], salts: Iterable[str] = ()) -> None:
        """`names` are (name, agents); the same name may come with several groups of agents."""
        self._salts = tuple(sorted(salts, key=len, reverse=True))
        self._by_words: dict[Words, Words] = {}
        self._by_first: dict[str, list[Words]] = defaultdict(list)
        for name, agents in names:
            for words in _spellings(name):
                self._add(words, agents)
        self._sort()

    @property
    def names(self) -> Mapping[Words, Words]:
        """Agents by the words of each name, as they are compared."""
        return self._by_words

    def under(self, names: Mapping[str, Words]) -> "NameIndex":
        """These names with others on top, which win."""
        own = {words_of(name): agents for name, agents in names.items()}
        found = NameIndex((), self._salts)
        for words, agents in {**self._by_words, **own}.items():
            found._add(words, agents)
        found._sort()
        return found

    def find(self, text: str) -> tuple[tuple[Words, Words], ...]:
        """The names a text holds, each as (its words, its agents), in the order of the text."""
        words = words_of(text)
        found = []
        at = 0
        while at < len(words):
            name = self._at(words, at)
            if name:
                found.append((name, self._by_words[name]))
            at += max(len(name), 1)
        return tuple(found)

    def _sort(self) -> None:
        """The longest name at a place is tried first."""
        for spellings in self._by_first.values():
            spellings.sort(key=len, reverse=True)

    def _add(self, words: Words, agents: Words) -> None:
        known = self._by_words.get(words)
        if known is None:
            self._by_first[words[0]].append(words)
            self._by_words[words] = agents
        else:
            self._by_words[words] = tuple(dict.fromkeys(known + agents))

    def _at(self, words: Words, at: int) -> Words:
        """The longest name that starts at this word; empty when there is none."""
        for name in self._by_first.get(words[at], ()):
            if words[at : at + len(name)] == name:
                return name
        bare = self._without_salt(words[at])
        return (bare,) if (bare,) in self._by_words else ()

    def _without_salt(self, word: str) -> str:
        for end in self._salts:
            if word.endswith(end) or word.endswith(end + "e"):
                return (
                    word.removesuffix("e").removesuffix(end)
                    if word.endswith(end + "e")
                    else word[: -len(end)]
                )
        return word


def _spellings(name: str) -> Iterable[Words]:
    """The words of a name, and its German form: the same without the final e ("Gemcitabin")."""
    words = words_of(name)
    yield words
    if len(words) == 1 and len(name) > 6 and name.endswith("e"):
        yield (words[0][:-1],)
