"""The cookies of one browser session, for as long as it lasts (RFC 6265)."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_BETWEEN = re.compile(r",\s*(?=[^;,=\s]+=)")
"""Between cookies that came in several headers and were joined; the comma of a date has no name after it."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True)
class Cookies:
    """Kept for the host that set them alone: a wider `Domain` is not believed."""

    _kept: dict[tuple[str, str, str], tuple[str, bool]] = field(default_factory=dict, repr=False)
    """By host, path and name: the value, and whether it wants TLS."""

    def take(self, url: str, header: str) -> None:
        """Keep what an answer sets, and forget what it takes back."""
        for each in filter(None, _BETWEEN.split(header)):
            pair, *attributes = (part.strip() for part in each.split(";"))
            name, equals, value = pair.partition("=")
            if equals:
                self._take(url, name, value, _named(attributes))

    def header(self, url: str) -> str:
        """What a request to this address carries; empty when nothing."""
        parts = urlsplit(url)
        fitting = [
            (path, f"{name}={value}")
            for (host, path, name), (value, is_secure) in self._kept.items()
            if host == parts.hostname and _is_under(parts.path or "/", path)
            # A browser takes this machine for safe.
            if not is_secure or parts.scheme == "https" or host in _LOOPBACK
        ]
        return "; ".join(pair for _, pair in sorted(fitting, key=lambda each: -len(each[0])))

    def _take(self, url: str, name: str, value: str, attributes: dict[str, str]) -> None:
        parts = urlsplit(url)
        told = attributes.get("path", "")
        path = told if told.startswith("/") else (parts.path.rpartition("/")[0] or "/")
        key = (parts.hostname or "", path, name)
        if _is_over(attributes):
            self._kept.pop(key, None)
        else:
            self._kept[key] = value, "secure" in attributes


def _named(attributes: list[str]) -> dict[str, str]:
    pairs = (each.partition("=") for each in attributes)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _is_over(attributes: dict[str, str]) -> bool:
    """Whether it is set only to be taken back: with no life, or with one that ended at the beginning of time."""
    life = attributes.get("max-age", "")
    return life.startswith("-") or life == "0" or "1970" in attributes.get("expires", "")


def _is_under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")
