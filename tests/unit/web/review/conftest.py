"""Pages to be read."""

import pytest
import told

from fhirgate.oncology.assessment import Assessment


@pytest.fixture
def rich() -> Assessment:
    """Oligoprogression on osimertinib with everything that an assessment can hold."""
    return told.rich()


@pytest.fixture
def minimal() -> Assessment:
    """A patient of whom nothing is known."""
    return told.minimal()
