"""Codes on a known lesion that nothing explains: one finding each, with the entry that would settle it (§A11)."""

from fhirgate.mapping.datatypes import Concept, Raw
from fhirgate.mapping.parse.tally import Tally
from fhirgate.oncology.finding import Severity
from fhirgate.oncology.wording import count

_GONE = ("no ", "not ", "non", "absen", "resol", "gone", "disappear", "vanish", "nicht ", "kein", "verschw")
"""Beginnings that hint at a lesion which is not there: only for the entry that is suggested, never read as such."""


def note_unknown(tally: Tally, phrase: Concept, raw: Raw, path: str, means: str = "") -> None:
    """Count a code or phrase without meaning; `means` is what its entry could say."""
    coding = next(iter(phrase.codings), None)
    words = next(iter(phrase.words), "")
    means = means or ("state.absent" if words.casefold().startswith(_GONE) else "state.present")
    coded = coding is not None and bool(coding.code)
    name = f"{coding.system}|{coding.code}" if coding is not None and coded else ""
    said = " ".join(each for each in (name, f'"{words}"' if words else "") if each) or "without any code"
    if coding is not None and coded:
        entry = f'[[code]] system = "{coding.system}" code = "{coding.code}" means = "{means}"'
    else:
        entry = f'[[code]] text = "{words}" means = "{means}"'
    tally.add(
        "UNKNOWN_LESION_CODE",
        Severity.WARNING,
        said,
        lambda number: (
            f"{said}, {count(number, 'time')} on a known lesion, is not understood and was not used;"
            f" an entry in the site's vocabulary settles it: {entry} (or another meaning; ignore if of no use)"
        ),
        raw,
        path=path,
    )
