"""A progress bar, where somebody watches and the work is long."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

LONG_READ = 5_000_000
"""Bytes that take more than a moment to read."""
MANY_PATIENTS = 20


@contextmanager
def progress(label: str, length: int, worth: int) -> Iterator[Callable[[int], None]]:
    """A function that moves the bar on; it does nothing below `worth` or when stderr is no terminal."""
    if length < worth or not sys.stderr.isatty():
        yield _nothing
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


def _nothing(_steps: int) -> None:
    pass
