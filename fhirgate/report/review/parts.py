"""The parts of the review page, in the order in which they are read."""

from dataclasses import dataclass, field
from enum import StrEnum


class Tone(StrEnum):
    """What a state is in one glance; a page draws each with a shape of its own."""

    START = "start"
    """Nothing to compare with."""
    HELD = "held"
    """Under control."""
    FEW = "few"
    """Progression in few places."""
    WIDE = "wide"
    """Progression in many places."""
    OPEN = "open"
    """Not settled."""


class Mark(StrEnum):
    """The shape beside what a lesion does."""

    UP = "up"
    NEW = "new"
    PERHAPS_NEW = "perhaps-new"
    UNSURE = "unsure"
    TREATED = "treated"
    MISSING = "missing"
    STEADY = "steady"
    DOWN = "down"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """Whose page it is. Every field is empty where the record does not say."""

    name: str = field(default="", repr=False)
    born: str = field(default="", repr=False)
    """Date of birth as precisely as recorded, and the age on the day of judgement where it is certain."""
    sex: str = ""
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What each is called, and its value."""
    deceased: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """What could not be judged, and the datum that would settle it."""

    code: str
    text: str
    resolved_by: str
    dates: str = ""
    """The timepoints it concerns, in words; empty when it concerns none."""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The state to act on, and why it is that."""

    state: str
    code: str
    tone: Tone
    because: str
    """One sentence with the numbers that decide."""
    therapy: str
    """Line, agents and day, or that there is none; empty without imaging."""
    imaging: str
    """Date of the imaging it rests on; empty without any."""
    age: str
    """How old that imaging is on the day of judgement."""
    stale: str
    """That it is too old to act on; empty when it is not."""
    qualifiers: tuple[str, ...] = ()
    lesions: tuple[str, ...] = ()
    """Those that decide, with their numbers."""
    open_points: tuple[str, ...] = ()
    """What is open now, each with what would settle it."""
    classification: str = ""
    """ESTRO/EORTC class in words; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionRow:
    """One lesion now. Texts are empty where there is nothing to say."""

    label: str
    site: str
    role: str
    status: str
    mark: Mark
    urgent: bool
    """Whether it progresses, is new or is not settled."""
    size: str
    reference: str
    reference_on: str
    change_mm: str
    change_percent: str
    because: str
    notes: tuple[str, ...]
    first_seen: str
    treatments: tuple[str, ...]
    sources: tuple[str, ...]
    """`Observation/7/_history/2`: the resources its verdict rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeCell:
    """What one timepoint says of one lesion."""

    text: str = ""
    status: str = ""
    mark: Mark | None = None
    is_reference: bool = False
    """Whether the latest size is compared with this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SizesRow:
    """One lesion, or one conclusion, over all timepoints shown."""

    name: str
    cells: tuple[SizeCell, ...]
    is_conclusion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Sizes [mm] over time: what the picture shows, as a table."""

    dates: tuple[str, ...]
    rows: tuple[SizesRow, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Something of a day, in words."""

    date: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyRow:
    """One line of therapy."""

    number: str
    agents: str
    start: str
    end: str
    notes: tuple[str, ...]
    is_current: bool
    """Whether the state is judged on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimepointRow:
    """One earlier or present timepoint."""

    date: str
    state: str
    code: str
    tone: Tone
    because: str
    therapy: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How it came to where the patient stands."""

    diagnoses: tuple[Dated, ...]
    lines: tuple[TherapyRow, ...]
    local: tuple[Dated, ...]
    response: tuple[str, ...]
    milestones: tuple[str, ...]
    timepoints: tuple[TimepointRow, ...]
    """The latest first."""
    earlier: str
    """How many timepoints are not told; empty when all are."""
    supporting: tuple[Dated, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRow:
    """One search or read of the record."""

    what: str
    brought: int
    how: str
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Findings of one kind."""

    severity: str
    code: str
    number: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the judgement rests on, and what it lacks."""

    resources: tuple[tuple[str, int], ...]
    """How many of each type were read."""
    total: str
    asked: tuple[AskedRow, ...]
    incomplete: str
    """That something did not come; empty when all did."""
    lost: str
    """Which types the EHR did not let be read; empty when none."""
    launch: tuple[str, ...]
    """What the launch itself found odd."""
    open_points: tuple[OpenPoint, ...]
    open_left_out: str
    notes: tuple[Note, ...]
    findings: str
    """How many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """How sure one label is, given measurement error alone."""

    label: str
    text: str
    low: int
    high: int
    """Whole percents, for drawing."""
    is_called: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRow:
    """What one preset concludes."""

    name: str
    says: str
    state: str
    tone: Tone
    why: tuple[str, ...]
    is_shown: bool
    differs: bool
    """Whether its state is another one than that shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalPart:
    """What could be done next: a proposal, never an order."""

    title: str
    activities: tuple[tuple[str, str], ...]
    """What, and in which words."""
    evidence_for: tuple[str, ...]
    evidence_against: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One box or row of a form."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """What a person can decide, with what must come back unchanged."""

    shown: str
    preset: str
    lesions: tuple[Choice, ...]
    """Empty where the proposal is about no lesion: then nothing can be amended."""
    therapies: tuple[Choice, ...]
    reasons: tuple[Choice, ...]
    longest_comment: int
    signs_as: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTaken:
    """A decision that stands, or stood on an earlier version of what is shown."""

    what: str
    by: str = field(repr=False)
    at: str
    reason: str
    comment: str = field(repr=False)
    lesions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPart:
    """What can be decided, or has been; exactly one of `form`, `taken` and `why_not` is there."""

    form: DecisionForm | None = None
    taken: DecisionTaken | None = None
    why_not: str = ""
    before: DecisionTaken | None = None
    """On an earlier version of this proposal; what is shown has changed since."""
    written: str = ""
    """How far the results have come on their way to the EHR; empty where nothing is written."""
    copies: tuple[str, ...] = ()
    """What became of each resource there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foot:
    """By what and for whom the page was drawn."""

    as_of: str
    preset: str
    rules: str
    policy: str
    reader: str
    signed_in: str = field(repr=False)
    """Who decides here, in words."""
    server: str
    ends_at: str
    """When this sign-in is over at the latest [UTC]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """The whole page."""

    banner: Banner | None
    """None: the EHR shows the patient already, or nothing is known of what it shows."""
    headline: Headline
    picture: str
    """The picture in words."""
    lesions: tuple[LesionRow, ...]
    lesions_left_out: str
    sizes: Sizes | None
    course: Course
    basis: Basis
    chances: tuple[Chance, ...]
    chances_limits: str
    presets: tuple[PresetRow, ...]
    proposal: ProposalPart | None
    no_proposal: str
    """Why there is none; empty when there is one."""
    decision: DecisionPart
    foot: Foot
    not_validated: str
