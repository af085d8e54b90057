"""`fhirgate criteria`: what a criterion or preset asks for, from the values the code runs on."""

import click

from fhirgate.errors import UnknownResource
from fhirgate.report.criteria_text import criteria_names, criteria_overview, criterion_text


@click.command(name="criteria", short_help="Print what a criterion or preset asks for.")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """Print a criterion or preset: its limits, its rules in order, and its sources.

    Without NAME, what there is, a line each.

    \b
    fhirgate criteria
    fhirgate criteria recist-1.1
    fhirgate criteria HALT
    """
    if name is None:
        overview = criteria_overview()
        width = max(map(len, overview))
        click.echo("\n".join(f"{each:{width}}  {says}" for each, says in overview.items()))
        return
    try:
        click.echo(criterion_text(name), nl=False)
    except KeyError:
        raise UnknownResource(
            f"no criterion or preset {name!r}; there are {', '.join(criteria_names())}"
        ) from None
