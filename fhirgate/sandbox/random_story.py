"""Stories drawn at random, for laws and benchmarks: plausible courses, and the odd things records hold."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from fhirgate.sandbox.story import PLACES, Cancer, Given, Local, Scan, SeenLesion, Story

DETAILS = (
    "segment II",
    "segment IV",
    "segment VI",
    "segment VIII",
    "upper lobe",
    "lower lobe",
    "mediastinal",
    "hilar",
)
DRUGS = ("osimertinib", "alectinib", "sunitinib", "pembrolizumab", "nivolumab", "letrozole")
FIRST_SCAN = date(2022, 1, 10)


def random_story(seed: int, *, lesions: int = 0, scans: int = 0) -> Story:
    """One synthetic patient; the same seed gives the same patient. `lesions` and `scans` 0: drawn."""
    draw = Random(seed)  # noqa: S311 - nothing secret is drawn here
    days = _scan_days(draw, scans or draw.randint(2, 6))
    known = [_lesion(draw, number + 1, len(days)) for number in range(lesions or draw.randint(1, 12))]
    treated = [
        each for each in known if len(days) > 1 and not each.readings.startswith("-") and draw.random() < 0.1
    ]
    return Story(
        slug=f"random-{seed}",
        title="A random course",
        tells="Drawn at random.",
        dialect="plain",
        as_of=(days[-1] + timedelta(days=14)).isoformat(),
        born="1960-01-01",
        sex=draw.choice(("female", "male")),
        cancers=(
            Cancer(kind=draw.choice(("lung", "breast", "kidney", "colon")), on="2021-12-20"),
            Cancer(kind="metastasis liver", on=days[0].isoformat()),
        ),
        scans=tuple(Scan(on=day.isoformat()) for day in days),
        lesions=tuple(known),
        given=_drugs(draw, days),
        local=tuple(
            Local(
                kind="SBRT",
                on=(days[-2] + timedelta(days=20)).isoformat(),
                lesion=each.label,
                fractions=5,
                dose=Decimal(50),
            )
            for each in treated[:2]
        ),
    )


def _scan_days(draw: Random, number: int) -> list[date]:
    days = [FIRST_SCAN]
    while len(days) < number:
        days.append(days[-1] + timedelta(days=draw.randint(35, 120)))
    return days


def _lesion(draw: Random, number: int, scans: int) -> SeenLesion:
    place = draw.choice(tuple(PLACES))
    appears = draw.randint(1, scans - 1) if scans > 1 and draw.random() < 0.12 else 0
    role = "new" if appears else draw.choice(("target", "nonTarget", "nonTarget"))
    bone = place == "bone"
    size = draw.randint(100, 500)
    readings = []
    for position in range(scans):
        if position < appears:
            readings.append("-")
            continue
        readings.append(_reading(draw, size, bone=bone))
        size = max(40, size + draw.choice((-60, -30, -10, 0, 0, 5, 20, 60, 110)))
    return SeenLesion(
        label=f"L{number:02d}",
        place=place,
        role=role,
        detail=f"{draw.choice(DETAILS)} {number}",
        readings=" ".join(readings),
    )


def _reading(draw: Random, tenths: int, *, bone: bool) -> str:
    """A size with one decimal, or now and then a word."""
    if bone:
        return draw.choice(("P", "P", "P", "P", "U"))
    odd = draw.random()
    if odd < 0.03:
        return "NE"
    if odd < 0.05:
        return "A"
    if odd < 0.07:
        return "TSM"
    return f"{tenths // 10}.{tenths % 10}" if tenths % 10 else f"{tenths // 10}"


def _drugs(draw: Random, days: list[date]) -> tuple[Given, ...]:
    start = days[0] + timedelta(days=draw.randint(5, 25))
    first = draw.choice(DRUGS)
    if draw.random() < 0.3:
        return (
            Given(
                drug=first, start=start.isoformat(), every=21, times=20, carried_by="MedicationAdministration"
            ),
        )
    if draw.random() < 0.3 and len(days) > 2:
        second = draw.choice([each for each in DRUGS if each != first])
        change = days[len(days) // 2] + timedelta(days=7)
        return (
            Given(
                drug=first,
                start=start.isoformat(),
                end=(change - timedelta(days=1)).isoformat(),
                stopped_for="progression",
            ),
            Given(drug=second, start=change.isoformat()),
        )
    return (Given(drug=first, start=start.isoformat()),)
