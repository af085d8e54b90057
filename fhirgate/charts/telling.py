"""The picture in words: its title, and a description for those who cannot see it."""

from fhirgate.charts.labels import clean, shortened, wrapped
from fhirgate.charts.style import LEFT, PLOT, RIGHT
from fhirgate.charts.trajectory import Emphasis, Trajectory
from fhirgate.charts.words import QUALIFIERS, state_words
from fhirgate.oncology.assessment import Assessment
from fhirgate.oncology.wording import count, listed

_ROOM = LEFT + PLOT + RIGHT
_MOST = 4


def title(assessment: Assessment) -> str:
    """Who, and where the patient stands."""
    patient = shortened(clean(assessment.patient.id), 260)
    return f"Patient {patient}: {state_words(assessment.current.state)}"


def subtitle(assessment: Assessment) -> list[str]:
    """When it was judged and by what, and why."""
    current, assessed = assessment.current, assessment.current.assessed
    parts = [
        f"as of {assessment.as_of}",
        f"last imaging {assessed.timepoint.date}" if assessed else "no imaging",
        f"preset {clean(assessment.preset)}",
        f"numbers of {clean(str(assessment.reader))}" if assessment.reader else "",
    ]
    first = wrapped(" · ".join(part for part in parts if part), _ROOM, 1, size=13)
    because = assessed.state.because if assessed else "; ".join(each.text for each in current.reasons)
    said = [clean(because)] if because else []
    said += [QUALIFIERS[each] for each in current.qualifiers]
    return first + wrapped(" · ".join(said), _ROOM, 3, size=13)


def description(assessment: Assessment, drawn: list[Trajectory]) -> str:
    """Two or three sentences with the state, the lesions that do something, and the therapy."""
    current = assessment.current
    assessed = current.assessed
    when = f" at the imaging of {assessed.timepoint.date}" if assessed else ", without imaging"
    sentences = [f"{state_words(current.state)}{when}, as of {assessment.as_of}."]
    sentences.append(f"{count(len(drawn), 'lesion')} over {count(len(assessment.timepoints), 'timepoint')}")
    for emphasis, word in (
        (Emphasis.GROWING, "progressing"),
        (Emphasis.NEW, "new"),
        (Emphasis.TREATED, "treated"),
    ):
        names = [each.name for each in drawn if each.emphasis is emphasis]
        if names:
            shown = [*names[:_MOST], *([f"{len(names) - _MOST} more"] if len(names) > _MOST else [])]
            sentences[-1] += f"; {word}: {listed(shown)}"
    sentences[-1] += "."
    if assessment.lines:
        line = assessment.lines[-1]
        agents = listed([clean(agent.name) for agent in line.agents])
        until = f" until {line.end}" if line.end else ", ongoing"
        sentences.append(f"Last line of therapy: {agents} from {line.start}{until}.")
    return " ".join(sentences)
