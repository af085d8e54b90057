"""Looks into a launch that was let in: what is stored of it, who lets its requests in, and how that fails."""

from collections.abc import Callable
from pathlib import Path

import pytest
from launch_world import (
    LaunchEhr,
    LaunchWorld,
    launching,
)

from fhirgate.ehr.launch.conversation import SmartLaunches
from fhirgate.ehr.launch.launched_server import LaunchedServer
from fhirgate.ehr.launch.session_bearer import SessionBearer
from fhirgate.errors import (
    EhrError,
)
from fhirgate.services.launches import Launch, LaunchRefused, LaunchSession, Why

OVER = "this launch is over: "


def stored(world: LaunchWorld, launch: Launch) -> LaunchSession:
    found = world.store.read_session(launch.id)
    assert found is not None
    return found


def server(world: LaunchWorld, launch: Launch, launches: SmartLaunches | None = None) -> LaunchedServer:
    return (launches or world.launches).server(stored(world, launch))


def bearer(world: LaunchWorld, launch: Launch, launches: SmartLaunches | None = None) -> SessionBearer:
    found = server(world, launch, launches).authorizer
    assert isinstance(found, SessionBearer)
    return found


def failed(act: Callable[[], object]) -> EhrError:
    with pytest.raises(EhrError) as error:
        act()
    return error.value


def refreshes(world: LaunchWorld) -> int:
    return len([each for each in world.ehr.forms if each.get("grant_type") == "refresh_token"])


def identity_refused(folder: Path, ehr: LaunchEhr) -> str:
    """Why the id_token of a launch proves nobody."""
    with launching(folder, ehr) as world, pytest.raises(LaunchRefused) as error:
        world.launched()
    assert error.value.why is Why.IDENTITY_UNPROVEN
    told = str(error.value).removeprefix("the EHR's id_token does not prove who the person is: ")
    return told.partition(". Launch again from the chart")[0]
