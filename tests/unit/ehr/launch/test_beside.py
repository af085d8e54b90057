"""What an EHR offers beside the record: the person's own resource, and its style, which is hostile."""

from pathlib import Path
from typing import Any

import pytest
from launch_world import BASE, BROWSER, OTHER_BROWSER, LaunchEhr, as_json, launching

from fhirgate.errors import EhrUnavailable

STYLE = "https://ehr.example.org/style.json"


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (as_json({"resourceType": "Practitioner", "id": "7"}), {"resourceType": "Practitioner", "id": "7"}),
        (as_json({"resourceType": "Patient", "id": "7"}), None),
        (as_json([]), None),
        (as_json({}, 403), None),
        (as_json({}, 404), None),
    ],
)
def test_the_person_is_read_where_that_is_granted(answer: Any, found: Any, tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(fails={"/Practitioner/7": [answer]})) as world:
        launch = world.launched()

        assert world.launches.person(launch.id, BROWSER) == found
    assert world.ehr.asked("/Practitioner/7") == [f"GET {BASE}/Practitioner/7"]
    assert world.ehr.headers[-1]["Authorization"].startswith("Bearer access-")


def test_a_server_that_fails_to_tell_of_the_person_says_so(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(fails={"/Practitioner/7": [as_json({}, 503)] * 9})) as world:
        launch = world.launched()

        with pytest.raises(EhrUnavailable):
            world.launches.person(launch.id, BROWSER)


@pytest.mark.parametrize("claims", [{"fhirUser": None}, {"fhirUser": "https://x.example.org/Practitioner/1"}])
def test_a_person_who_is_not_on_the_server_is_not_asked_for(claims: dict[str, Any], tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(claims=claims)) as world:
        launch = world.launched()
        calls = len(world.ehr.calls)

        assert world.launches.person(launch.id, BROWSER) is None
        assert len(world.ehr.calls) == calls


def test_an_unknown_person_is_nobody(tmp_path: Path) -> None:
    with launching(tmp_path, LaunchEhr(token={"id_token": None})) as world:
        launch = world.launched()

        assert world.launches.person(launch.id, BROWSER) is None
        assert world.launches.person(launch.id, OTHER_BROWSER) is None


def style(folder: Path, answer: Any, url: str = STYLE) -> Any:
    ehr = LaunchEhr(context={"patient": "p1", "smart_style_url": url}, fails={"/style.json": [answer] * 9})
    with launching(folder, ehr) as world:
        launch = world.launched()
        found = world.launches.style(launch.id, BROWSER)
        assert world.launches.style(launch.id, OTHER_BROWSER) == {}
    assert [each for each in ehr.headers[-1] if each == "Authorization"] == []
    return found


def test_a_style_is_read_without_a_token_and_by_the_names_of_the_guide(tmp_path: Path) -> None:
    said = {
        "color_background": "#fff",
        "color_text": 7,
        "font_family_body": "",
        "dim_font_size": "x" * 201,
        "own": "red",
    }

    assert style(tmp_path, as_json(said)) == {"color_background": "#fff"}


@pytest.mark.parametrize(
    "answer",
    [
        as_json([]),
        as_json({}, 404),
        as_json({"x": "y" * (64 << 10)}),
        (200, {"Content-Type": "text/css"}, "a{}"),
    ],
)
def test_a_style_that_cannot_be_read_is_none(answer: Any, tmp_path: Path) -> None:
    assert style(tmp_path, answer) == {}


@pytest.mark.parametrize("url", ["https://evil.example.org/style.json", "http://169.254.169.254/style.json"])
def test_a_style_of_another_host_is_not_asked_for(url: str, tmp_path: Path) -> None:
    ehr = LaunchEhr(context={"patient": "p1", "smart_style_url": url})
    with launching(tmp_path, ehr) as world:
        assert world.launches.style(world.launched().id, BROWSER) == {}
    assert ehr.asked("/style.json") == []


def test_an_ehr_without_a_style_is_not_asked_for_one(tmp_path: Path) -> None:
    with launching(tmp_path) as world:
        assert world.launches.style(world.launched().id, BROWSER) == {}
