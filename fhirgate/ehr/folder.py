"""A patient's record from files: one FHIR JSON file, NDJSON, a folder of them, or standard input.

NDJSON (https://github.com/ndjson/ndjson-spec) is read line by line, and told from JSON by what is in it.
"""

import os
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from fhirgate.ehr.containers import Item, Pages, Unreadable, take_apart

SUFFIXES = (".json", ".ndjson", ".jsonl")
"""Files of a folder that are read, in any case of letters; hidden files are not."""
MOST_BYTES = 1 << 30
"""The largest single JSON text read at once; NDJSON has no limit but that of its lines."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_HEAD = 64
Progress = Callable[[int], None]


def _unseen(_bytes: int) -> None:
    pass


def read_source(source: str, stdin: BinaryIO, progress: Progress = _unseen) -> Iterator[Item]:
    """Every resource of a source in a stable order, and what of it could not be read.

    `source` is a file, a folder (read with its subfolders) or `-` for `stdin`; `progress` is told the bytes read.
    """
    pages = Pages()
    if source == "-":
        yield from read_stream(stdin, "standard input", pages, progress)
    elif os.path.isdir(source):
        yield from _read_folder(Path(source), pages, progress)
    else:
        yield from _read_file(Path(source), source, pages, progress)
    yield from pages.missing()


def size_of(source: str) -> int:
    """The bytes of a source, as far as they can be known before it is read."""
    if source == "-":
        return 0
    files = files_in(Path(source)) if os.path.isdir(source) else [Path(source)]
    return sum(path.stat().st_size for path in files if path.is_file())


def files_in(folder: Path, closed: Callable[[OSError], None] | None = None) -> list[Path]:
    """The FHIR files of a folder and its subfolders, in order of their paths; `closed` is told what is barred.

    Links are followed, each real folder and file once, so that a link to a folder above ends nothing but itself.
    """
    found: dict[str, Path] = {}
    entered = {os.path.realpath(folder)}
    for place, folders, names in os.walk(folder, onerror=closed, followlinks=True):
        folders[:] = [each for each in sorted(folders) if not each.startswith(".")]
        real = {each: os.path.realpath(os.path.join(place, each)) for each in folders}
        folders[:] = [each for each in folders if real[each] not in entered]
        entered.update(real[each] for each in folders)
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                path = Path(place, name)
                found.setdefault(os.path.realpath(path), path)
    return sorted(found.values())


def read_stream(stream: BinaryIO, where: str, pages: Pages, progress: Progress = _unseen) -> Iterator[Item]:
    """Every resource of one open file: JSON, or NDJSON of which a bad line loses only itself."""
    lines = _numbered_lines(stream, progress)
    first = next(lines, (1, b""))
    if first[1].startswith(_UTF16) or b"\0" in first[1][:_HEAD]:
        yield Unreadable(where=where, why="UTF-16 or not text at all; expected JSON in UTF-8")
        return
    following = list(_up_to_content(lines))
    if not first[1].strip():
        yield Unreadable(where=where, why="empty")
    elif following and _is_line_of_its_own(first[1], following[-1][1]):
        yield from _read_lines(chain([first], following, lines), where, pages)
    else:
        rest = stream.read(MOST_BYTES)
        progress(len(rest))
        blank_before = b"\n" * (first[0] - 1)
        text = b"".join([blank_before, *(line for _, line in (first, *following)), rest])
        yield from _read_text(text, where, pages)


def _read_folder(folder: Path, pages: Pages, progress: Progress) -> Iterator[Item]:
    barred: list[OSError] = []
    files = files_in(folder, barred.append)
    for error in barred:
        yield Unreadable(where=_shown(Path(error.filename)), why=f"cannot be opened: {error.strerror}")
    if not files:
        yield Unreadable(where=str(folder), why=f"no file named *{', *'.join(SUFFIXES)} in this folder")
    for path in files:
        if path.exists() and not path.is_file():
            yield Unreadable(where=_shown(path.relative_to(folder)), why="not a file; a pipe would never end")
            continue
        yield from _read_file(path, _shown(path.relative_to(folder)), pages, progress)


def _shown(path: Path) -> str:
    """A path in words that can be written: file names are bytes, and not always UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _read_file(path: Path, where: str, pages: Pages, progress: Progress) -> Iterator[Item]:
    try:
        with path.open("rb") as stream:
            yield from read_stream(stream, where, pages, progress)
    except OSError as error:
        yield Unreadable(where=where, why=f"cannot be opened: {error.strerror}")


def _read_text(text: bytes, where: str, pages: Pages) -> Iterator[Item]:
    if len(text) > MOST_BYTES:
        yield Unreadable(where=where, why=f"over {MOST_BYTES >> 20} MiB in one JSON text; use NDJSON instead")
        return
    yield from take_apart(text, where, pages)


def _read_lines(lines: Iterator[tuple[int, bytes]], where: str, pages: Pages) -> Iterator[Item]:
    for number, line in lines:
        if line.strip():
            yield from _read_text(line.rstrip(), f"{where}, line {number}", pages)


def _is_line_of_its_own(line: bytes, following: bytes) -> bool:
    """Whether the first two lines can only be NDJSON: inside one JSON text no line could start like that."""
    return line.lstrip()[:1] == b"{" and line.rstrip()[-1:] not in b"{[,:" and following.lstrip()[:1] == b"{"


def _up_to_content(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Lines up to the first that is not blank, that one included."""
    for number, line in lines:
        yield number, line
        if line.strip():
            return


def _numbered_lines(stream: BinaryIO, progress: Progress) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers, those before the first that is not blank left out."""
    begun = False
    number = 0
    while line := stream.readline(MOST_BYTES + 1):
        progress(len(line))
        number += 1
        line = line.removeprefix(_UTF8_MARK) if number == 1 else line
        begun = begun or bool(line.strip())
        if begun:
            yield number, line
