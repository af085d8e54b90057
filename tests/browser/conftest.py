"""One browser for the tests of a file; a fresh profile for each, which is watched."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browser.chromium import Driver, NewContext, Watch, driver
from browser.steps import ONE_GROWS, TWO_GROW
from browser.world import World, current, world


@pytest.fixture(scope="module")
def started() -> Iterator[Driver]:
    # Not for all of a run: Playwright holds the thread's event loop as long as it is there.
    with driver() as found:
        yield found


@pytest.fixture(scope="module")
def browser(started: Driver) -> Iterator[Any]:
    with started.browser() as found:
        yield found


@pytest.fixture(scope="module")
def sites(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For tests that decide nothing."""
    with world(tmp_path_factory.mktemp("sites"), current(TWO_GROW), current(ONE_GROWS)) as found:
        yield found


@pytest.fixture
def own_sites(browser: Any, tmp_path: Path) -> Iterator[World]:
    """For a test that decides, or whose EHR fails."""
    with world(tmp_path, current(TWO_GROW), current(ONE_GROWS)) as found:
        yield found


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Of every context of the test; it fails when a page complains, or calls anybody but the two sites."""
    found = Watch(frozenset())
    yield found
    assert found.problems() == []


@pytest.fixture
def new_context(browser: Any, watch: Watch) -> Iterator[NewContext]:
    """Makes a profile without any past, for some sites."""
    with ExitStack() as stack:

        def make(sites: World, **options: Any) -> Any:
            # The certificates are of an authority that only this test run knows.
            context = browser.new_context(ignore_https_errors=True, **options)
            stack.callback(context.close)
            context.set_default_timeout(5_000)
            watch.origins |= {sites.ehr, sites.app}
            watch.over(context)
            return context

        yield make
