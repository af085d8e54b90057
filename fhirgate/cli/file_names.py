"""File names made from patient ids, which come from a record and may be anything."""

import re
from hashlib import sha256

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST = 80
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices, whatever follows the dot."""


class FileNames:
    """One file name for each patient; never a path, and never the same for two, in any case of letters."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, patient: str) -> str:
        """The name for a patient, without suffix; the id itself where that is safe."""
        if patient not in self._given:
            name = _safe(patient)
            while name.casefold() in self._taken:
                name = _marked(name, f"{patient} {name}")
            self._taken.add(name.casefold())
            self._given[patient] = name
        return self._given[patient]


def _safe(patient: str) -> str:
    name = _UNSAFE.sub("_", patient).strip(".")[:_LONGEST]
    if name and name == patient and not _DEVICES.fullmatch(name):
        return name
    return _marked(name, patient)


def _marked(name: str, patient: str) -> str:
    """The name with a mark of the whole id, so that two ids that look alike as names stay apart."""
    return f"{name or 'patient'}-{sha256(patient.encode('utf-8', 'backslashreplace')).hexdigest()[:10]}"
