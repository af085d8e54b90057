"""Lesions that have coalesced stay so until they are measured apart again.

A record says once that two lesions have become one mass, and from then on measures the mass. Without this the
one that is no longer mentioned would be taken for a lesion nobody looked at. RECIST 1.1 §4.3.2.
"""

from collections.abc import Iterable
from dataclasses import replace

from fhirgate.oncology.lesion import Kind, Measurement
from fhirgate.oncology.timepoint import Timepoint


def with_merges_carried(timepoints: Iterable[Timepoint]) -> tuple[Timepoint, ...]:
    """The timepoints, by date, with a coalesced lesion told again wherever its mass is measured."""
    merged: dict[str, Measurement] = {}
    carried = []
    for timepoint in timepoints:
        told = timepoint.measurements
        implied = {
            lesion: replace(said, taken_on=told[said.merged_into].taken_on)
            for lesion, said in merged.items()
            if lesion not in told and said.merged_into in told
        }
        carried.append(replace(timepoint, measurements={**told, **implied}) if implied else timepoint)
        for lesion, said in told.items():
            if said.size is None and said.kind is Kind.MERGED and said.merged_into:
                merged[lesion] = said
            elif said.evaluable:
                merged.pop(lesion, None)
    return tuple(carried)
