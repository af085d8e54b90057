"""Every way in which lesions that were not evaluated can have gone: each progressing or stable.

Lesions alike in all that the preset asks are interchangeable, so only their number is varied, and only as far as
the state can still change. This keeps the number of cases small for a record with many unseen lesions.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from fhirgate.oncology.progression.presets import Preset, Scope
from fhirgate.oncology.progression.situation import LesionInPlay
from fhirgate.oncology.verdict import LesionStatus

Alike = tuple[bool, bool, bool]
MOST_CASES = 2000
"""More ways than this are not all tried: a record of dozens of unseen lesions in many organs."""


def both_ways(
    lesions: tuple[LesionInPlay, ...], preset: Preset, day: date
) -> Iterator[tuple[LesionInPlay, ...]]:
    """The lesions with every status the unseen ones can have, the mildest case first."""
    groups = _groups(lesions, preset)
    sizes = [len(group) for group in groups]
    mild = tuple(_assumed(each, grows=False) if each.status is LesionStatus.NE else each for each in lesions)
    position_of = {each.id: position for position, each in enumerate(lesions)}
    most = preset.cap_on(day) + 2
    shares = list(islice(_shares(sizes, most), MOST_CASES + 1))
    for share in shares if len(shares) <= MOST_CASES else _extremes(sizes, most):
        case = list(mild)
        for group, growing in zip(groups, share, strict=True):
            for each in group[:growing]:
                case[position_of[each.id]] = _assumed(each, grows=True)
        yield tuple(case)


def _groups(lesions: Sequence[LesionInPlay], preset: Preset) -> list[list[LesionInPlay]]:
    """The unseen lesions that can change the state, those alike together.

    Of lesions out of scope one is enough: it makes the difference between none and any. Where the preset limits
    the organs, those with most unseen lesions are enough: one more than allowed.
    """
    counted = {_organ(each) for each in lesions if each.active and not _out_of_scope(each, preset)}
    found: dict[Alike, dict[str, list[LesionInPlay]]] = defaultdict(lambda: defaultdict(list))
    for each in lesions:
        if each.status is LesionStatus.NE:
            apart = _out_of_scope(each, preset)
            irradiated = each.irradiated and not apart and not preset.prior_radiotherapy_allowed
            adds_organ = preset.max_organs is not None and not apart and _organ(each) not in counted
            found[each.new, apart, irradiated][_organ(each) if adds_organ else ""].append(each)
    groups = []
    for (_, apart, _), organs in found.items():
        groups += [organs.pop("")[: 1 if apart else None]] if "" in organs else []
        groups += sorted(organs.values(), key=len, reverse=True)[: 1 + (preset.max_organs or 0)]
    return groups


def _organ(lesion: LesionInPlay) -> str:
    return lesion.organ or lesion.id


def _out_of_scope(lesion: LesionInPlay, preset: Preset) -> bool:
    return lesion.cns and preset.scope is Scope.EXTRACRANIAL


def _shares(sizes: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """Every number of growing lesions for each group, together at most `most`; none growing first."""
    if not sizes:
        yield ()
        return
    for first in range(min(sizes[0], most) + 1):
        for rest in _shares(sizes[1:], most - first):
            yield (first, *rest)


def _extremes(sizes: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """None growing, then more and more: in the first groups only, and spread over all groups.

    More growth never lowers a state, so between the ends lies no state that neither shows that it is open.
    """
    for total in range(most + 1):
        deep, wide, left = [0] * len(sizes), [0] * len(sizes), total
        for number, size in enumerate(sizes):
            deep[number] = min(size, left)
            left -= deep[number]
        for _ in range(total):
            room = (number for number, size in enumerate(sizes) if wide[number] < size)
            wide[min(room, key=lambda number: wide[number])] += 1
        yield tuple(deep)
        yield tuple(wide)


def _assumed(lesion: LesionInPlay, *, grows: bool) -> LesionInPlay:
    if lesion.new:
        return replace(lesion, status=LesionStatus.NEW if grows else LesionStatus.ABSENT, visible=grows)
    return replace(lesion, status=LesionStatus.PROGRESSING if grows else LesionStatus.STABLE)
