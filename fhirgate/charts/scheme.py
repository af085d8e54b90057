"""The page a picture is made for: a light one, as paper is, or a dark one."""

from collections.abc import Mapping
from enum import StrEnum

from fhirgate.charts import style


class Scheme(StrEnum):
    """Whether the paper is light or dark."""

    LIGHT = "light"
    DARK = "dark"

    @property
    def colours(self) -> Mapping[str, str]:
        """What replaces the colours of `style`; of those not named nothing does."""
        return style.DARK if self is Scheme.DARK else {}
