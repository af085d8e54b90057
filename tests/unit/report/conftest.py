"""The assessments that reports are made from."""

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


@pytest.fixture
def stable() -> Assessment:
    """The rich patient before anything grew."""
    return told.stable()
