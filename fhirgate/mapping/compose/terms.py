"""A concept of ours: its code, what people read, and what it means exactly."""

from dataclasses import dataclass

from fhirgate.mapping.canonical import CODES_VERSION
from fhirgate.mapping.compose.elements import Json, coding


@dataclass(frozen=True, slots=True)
class Term:
    """One concept of one of our code systems."""

    code: str
    display: str
    definition: str

    def coding(self, system: str) -> Json:
        """The concept as a Coding of a system of ours."""
        return coding(system, self.code, self.display, CODES_VERSION)
