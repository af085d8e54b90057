"""Which sightings are the same lesion.

Identity in this order: identifiers that recur within the patient; then a label where the site agrees; then
the site alone, and only if it is unique every time it is seen. Never by size. What cannot be told apart is
LESION_IDENTITY_AMBIGUOUS, never merged in silence. The order is our choice, after the identity elements of
mCODE, DICOM SR and FHIR.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from fhirgate.oncology.clinical_date import by_date
from fhirgate.oncology.finding import Finding, Severity
from fhirgate.oncology.lesion import LesionIdentity, Sighting
from fhirgate.oncology.site import Site
from fhirgate.oncology.source import joined
from fhirgate.oncology.value import value


@value
class LinkedLesion:
    """One lesion with everything said about it; `ambiguous` when it may be another one of the same site."""

    id: str
    identity: LesionIdentity
    sightings: tuple[Sighting, ...]
    ambiguous: bool = False


@value
class Linked:
    """All lesions of a chart, and what was odd in telling them apart."""

    lesions: tuple[LinkedLesion, ...]
    findings: tuple[Finding, ...]


Group = list[Sighting]


def link_lesions(sightings: Iterable[Sighting]) -> Linked:
    """Gather the sightings of each lesion.

    Lesions are in the order of first sighting, then label and id, so that input order is never meaning.
    """
    findings: list[Finding] = []
    by_identifier, loose = _by_identifier(sightings)
    labelled = [each for each in loose if each.identity.label]
    unnamed = [each for each in loose if not each.identity.label]
    groups = _by_label(by_identifier, labelled, findings)
    groups, ambiguous = _by_site(groups, unnamed, findings)
    lesions = [_lesion(group, findings) for group in groups]
    lesions += [replace(_lesion(group, findings), ambiguous=True) for group in ambiguous]
    return Linked(lesions=_named_apart(sorted(lesions, key=_first_seen)), findings=tuple(findings))


def _first_seen(lesion: LinkedLesion) -> tuple[object, ...]:
    first = lesion.sightings[0]
    return (*by_date(first.taken_on), lesion.identity.label, lesion.id, first.sources)


def _by_identifier(sightings: Iterable[Sighting]) -> tuple[list[Group], Group]:
    """Groups of sightings that share an identifier, directly or through another one; and the rest."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    loose: Group = []
    tied: Group = []
    for sighting in sightings:
        (tied if sighting.identity.identifiers else loose).append(sighting)
    identities = _identities(tied)
    for identity in identities:
        names = sorted(identity.identifiers)
        for name in names:
            parent.setdefault(name, name)
        first = root(names[0])
        for name in names[1:]:
            parent[root(name)] = first
    home = {id(identity): root(min(identity.identifiers)) for identity in identities}
    groups: dict[str, Group] = defaultdict(list)
    for sighting in tied:
        groups[home[id(sighting.identity)]].append(sighting)
    return list(groups.values()), loose


def _by_label(groups: list[Group], labelled: Group, findings: list[Finding]) -> list[Group]:
    """Join labelled sightings with each other, and with the one lesion of that label at a compatible site.

    Sites most precisely given come first, so that one without side or organ finds the lesion it can only be;
    where it could be several it stays apart.
    """
    if not labelled:
        return groups
    labels = _partitioned(
        labelled, lambda each: (each.identity.label.casefold(), *_place_of(each.identity.site))
    )
    placed: list[Group] = [list(group) for group in groups]
    labelled_so: dict[str, list[Group]] = defaultdict(list)
    for each in placed:
        labelled_so[_label_of(each)].append(each)
    for _, group in sorted(
        labels.items(), key=lambda item: (_vagueness(item[1][0].identity.site), str(item[0]))
    ):
        site, label = group[0].identity.site, group[0].identity.label
        known = labelled_so[label.casefold()]
        homes = [each for each in known if _compatible(_site_of(each), site)]
        home = homes[0] if len(homes) == 1 else None
        vague = home is not None and _vagueness(_site_of(home)) < _vagueness(site)
        if vague or (site.organ is None and len({each.taken_on for each in group}) > 1):
            findings.append(_linked_by_label(label, group))
        _put(placed, home, group)
        if home is None:
            known.append(group)
    return placed


def _place_of(site: Site) -> tuple[object, ...]:
    return (site.organ, site.laterality, site.diffuse)


def _vagueness(site: Site) -> tuple[bool, bool]:
    return (site.organ is None, site.laterality is None)


def _compatible(known: Site, site: Site) -> bool:
    """Whether two sites of one label can be one place: nothing that both name differs."""
    both = zip(_place_of(known), _place_of(site), strict=True)
    return all(one == other or one is None or other is None for one, other in both)


def _put(placed: list[Group], home: Group | None, group: Group) -> None:
    if home is None:
        placed.append(group)
    else:
        home.extend(group)


def _linked_by_label(label: str, group: Group) -> Finding:
    return Finding(
        code="LESION_LINKED_BY_LABEL",
        severity=Severity.WARNING,
        text=f"lesion {label!r} is followed by its label alone: the record names no identifier and no full site"
        " with it",
        source=group[0].sources[0] if group[0].sources else None,
    )


def _by_site(groups: list[Group], unnamed: Group, findings: list[Finding]) -> tuple[list[Group], list[Group]]:
    """Join sightings that carry only a site, where that site is unique each time; else keep them apart."""
    if not unnamed:
        return groups, []
    placed = groups
    ambiguous: list[Group] = []
    sites = _partitioned(unnamed, lambda each: _exact_place_of(each.identity.site))
    known: dict[Hashable, list[Group]] = defaultdict(list)
    for each in placed:
        known[_exact_place_of(_site_of(each))].append(each)
    for place, group in sorted(sites.items(), key=lambda item: str(item[0])):
        site = group[0].identity.site
        homes = known.get(place, [])
        home = homes[0] if homes else []
        if site.organ is None or _seen_twice([*home, *group]) or len(homes) > 1:
            ambiguous.extend([each] for each in group)
            findings.append(_ambiguous(site, group))
            continue
        _put(placed, home or None, group)
        if homes or len({each.taken_on for each in group}) > 1:
            findings.append(_linked_by_site(site, group))
    return placed, ambiguous


def _exact_place_of(site: Site) -> tuple[object, ...]:
    return (*_place_of(site), site.detail.casefold())


def _seen_twice(group: Group) -> bool:
    """Whether one reader gives two different sizes at this site on one day: then it holds two lesions."""
    sizes: dict[Hashable, set[object]] = defaultdict(set)
    for each in group:
        for axis, size in (("long", each.long_axis), ("short", each.short_axis)):
            if size is not None:
                sizes[(each.taken_on, each.reader, each.study, axis)].add(size)
    return any(len(found) > 1 for found in sizes.values())


def _linked_by_site(site: Site, group: Group) -> Finding:
    return Finding(
        code="LESION_LINKED_BY_SITE",
        severity=Severity.WARNING,
        text=f"{site}: the record gives no lesion identifier; its sightings are taken as one lesion because the"
        " site is unique each time",
        source=group[0].sources[0] if group[0].sources else None,
    )


def _ambiguous(site: Site, group: Group) -> Finding:
    dates = ", ".join(sorted({str(each.taken_on) for each in group}))
    return Finding(
        code="LESION_IDENTITY_AMBIGUOUS",
        severity=Severity.ERROR,
        text=f"{site} ({dates}): several lesions share this site and nothing tells them apart;"
        " a tracking identifier or a BodyStructure for each would",
        source=group[0].sources[0] if group[0].sources else None,
    )


def _partitioned(sightings: Group, key: Callable[[Sighting], Hashable]) -> dict[Hashable, Group]:
    parts: dict[Hashable, Group] = defaultdict(list)
    for each in sightings:
        parts[key(each)].append(each)
    return parts


def _label_of(group: Group) -> str:
    return min((each.identity.label.casefold() for each in group if each.identity.label), default="")


def _site_of(group: Sequence[Sighting]) -> Site:
    """The site most precisely given; an identified lesion's own word goes before an observation's."""
    return min(_identities(group), key=_precision).site


def _identities(group: Sequence[Sighting]) -> list[LesionIdentity]:
    """What is said of who the lesion is; sightings that refer to one resource share one identity."""
    return list({id(each.identity): each.identity for each in group}.values())


def _precision(identity: LesionIdentity) -> tuple[object, ...]:
    site = identity.site
    return (
        site.organ is None,
        not identity.sources,
        site.laterality is None,
        -len(site.detail),
        str(site),
        identity.label,
    )


def _lesion(group: Group, findings: list[Finding]) -> LinkedLesion:
    ordered = tuple(
        sorted(group, key=lambda each: (*by_date(each.taken_on), each.sources, str(each.long_axis)))
    )
    said = _identities(ordered)
    site = _site_of(ordered)
    organs = {each.site.organ for each in said} - {None}
    identity = LesionIdentity(
        identifiers=frozenset().union(*[each.identifiers for each in said]),
        label=min((each.label for each in said if each.label), default=""),
        site=site,
        primary=any(each.primary for each in said),
        condition=min((each.condition for each in said if each.condition), default=""),
        sources=joined(*[each.sources for each in said]),
    )
    if len(organs) > 1:
        findings.append(
            Finding(
                code="LESION_SITE_CONFLICT",
                severity=Severity.WARNING,
                text=f"lesion {identity.label or site} is given the sites {', '.join(sorted(map(str, organs)))};"
                f" {site.organ} is used",
                source=ordered[0].sources[0] if ordered[0].sources else None,
            )
        )
    return LinkedLesion(id=_id_of(identity), identity=identity, sightings=ordered)


def _id_of(identity: LesionIdentity) -> str:
    """A short name: the BodyStructure's own id, else another identifier, else the label, else the site."""
    structures = sorted(each for each in identity.identifiers if "BodyStructure/" in each)
    if structures:
        return structures[0].rsplit("BodyStructure/", 1)[1]
    if identity.identifiers:
        return min(identity.identifiers)
    return identity.label or str(identity.site).replace(" ", "-")


def _named_apart(lesions: Sequence[LinkedLesion]) -> tuple[LinkedLesion, ...]:
    """Lesions with ids made unique by a number where two would be the same."""
    taken: dict[str, int] = {}
    named = []
    for lesion in lesions:
        taken[lesion.id] = number = taken.get(lesion.id, 0) + 1
        named.append(lesion if number == 1 else replace(lesion, id=f"{lesion.id}-{number}"))
    return tuple(named)
