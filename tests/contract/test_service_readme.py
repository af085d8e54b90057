"""What the README says of the service is what the service does."""

import re
from pathlib import Path

from fhirgate.cli.serve import command
from fhirgate.config.settings import VARIABLES
from fhirgate.web.app import ROUTES
from fhirgate.web.openapi import template_of

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_variable_of_the_service_is_in_the_readme_with_its_usual_value() -> None:
    rows = dict(re.findall(r"^\| `(FHIRGATE_\w+)` \|(.*)$", README, re.MULTILINE))

    assert [each.name for each in VARIABLES if each.name not in rows] == []
    assert [each.name for each in VARIABLES if each.usual not in rows[each.name]] == []


def test_every_option_of_serve_is_in_the_readme() -> None:
    options = {each for option in command.params for each in option.opts}

    assert [each for each in sorted(options) if each not in README] == []


def test_every_route_is_in_the_readme() -> None:
    assert [each.rule for each in ROUTES if f"`{each.method} {template_of(each.rule)}`" not in README] == []


def test_the_image_runs_as_nobody_looks_after_itself_and_has_what_the_readme_says() -> None:
    image = (ROOT / "Dockerfile").read_text("utf-8")
    said = "gunicorn --config python:fhirgate.wsgi"

    assert "USER fhirgate" in image
    assert "HEALTHCHECK" in image
    assert image.splitlines()[-1] == 'CMD ["demo"]'
    assert said in README
    assert said.replace("gunicorn", "gunicorn fhirgate", 1) in image
