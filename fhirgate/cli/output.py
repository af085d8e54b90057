"""Where results go: standard output, a folder with a file each, and pictures."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

import click

from fhirgate.cli.file_names import FileNames
from fhirgate.cli.formats import Format, Judged, encoder, pretty


def write_all(
    judged: Iterable[Judged], chosen: Format, folder: Path | None, fhir_version: str = "4.0"
) -> Iterator[Judged]:
    """Write every assessment, each before the next one is asked for, and hand it on."""
    if folder is not None:
        return _into_folder(judged, chosen, folder, fhir_version)
    return _to_stdout(judged, chosen, fhir_version)


def draw_all(judged: Iterable[Judged], picture: Path) -> Iterator[Judged]:
    """Draw every assessment and hand it on.

    The first two are looked at before the first is drawn: where there are several, each file is named for its
    patient and preset, and `picture` itself is not written.
    """
    # The renderer takes a while to import, and a page of memory.
    from fhirgate.charts.render import render_png, render_svg  # noqa: PLC0415

    names = FileNames()
    several, each_of = _several(judged)
    for each in each_of:
        path = picture
        if several:
            assessment = each.assessment
            name = names.of(assessment.patient.id)
            path = picture.with_stem(f"{picture.stem}-{name}-{assessment.preset}")
        if picture.suffix.lower() == ".png":
            write_whole(path, render_png(each.assessment))
        else:
            write_whole(path, render_svg(each.assessment).encode())
        yield each


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is never seen half written, not even after a crash.

    The draft is a file that was not there: a link that somebody else laid in its place is never followed.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    draft.unlink(missing_ok=True)
    try:
        draft.touch(exist_ok=False)
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _into_folder(
    judged: Iterable[Judged], chosen: Format, folder: Path, fhir_version: str
) -> Iterator[Judged]:
    """A file for each patient and preset; their paths are printed."""
    folder.mkdir(parents=True, exist_ok=True)
    encode = encoder(chosen, to_terminal=False, fhir_version=fhir_version)
    names = FileNames()
    for each in judged:
        name = names.of(each.assessment.patient.id)
        path = folder / f"{name}.{each.assessment.preset}{chosen.suffix}"
        content = encode(each)
        write_whole(path, (pretty(content) if chosen is Format.FHIR else content) + b"\n")
        click.echo(click.format_filename(path))
        yield each


def _to_stdout(judged: Iterable[Judged], chosen: Format, fhir_version: str) -> Iterator[Judged]:
    """Text one after the other; JSON as an array, and Bundles as NDJSON, where there are several."""
    encode = encoder(chosen, to_terminal=True, fhir_version=fhir_version)
    several, each_of = _several(judged)
    opening, between, closing = b"", b"\n\n" if chosen is Format.TEXT else b"\n", b"\n"
    if several and chosen is Format.JSON:
        opening, between, closing = b"[\n", b",\n", b"\n]\n"
    before = opening
    for each in each_of:
        content = encode(each)
        if chosen is Format.FHIR and not several:
            content = pretty(content)
        _print(before + content)
        before = between
        yield each
    if before is between:
        _print(closing)


def _several(judged: Iterable[Judged]) -> tuple[bool, Iterator[Judged]]:
    rest = iter(judged)
    first = list(islice(rest, 2))
    return len(first) > 1, chain(first, rest)


def _print(content: bytes) -> None:
    click.echo(content, nl=False)
