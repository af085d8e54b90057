"""`fhirgate keys`: make the keys we sign with, and publish their public parts."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from fhirgate.cli.output import write_whole
from fhirgate.ehr.keys import Algorithm, jwks, load_keys, new_key, save_key


@click.group(
    name="keys", short_help="Make and publish the keys for servers that want SMART Backend Services."
)
def command() -> None:
    """Make the keys that fhirgate signs with, and publish their public parts.

    \b
    fhirgate keys generate --alg ES384 --out keys
    fhirgate keys publish keys > jwks.json
    """


@command.command(short_help="Make a key.")
@click.option(
    "--alg",
    "algorithm",
    type=click.Choice([each.value for each in Algorithm]),
    default=Algorithm.ES384.value,
    show_default=True,
    help="What it signs with; SMART servers take both, older ones RS384.",
)
@click.option(
    "--out",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder of keys; what is there stays.",
)
def generate(algorithm: str, folder: Path) -> None:
    """Make a key: the private part as PEM, which only you can read, and the public part as JWK beside it.

    To change keys, make another in the same folder and publish again: all of the folder are published, and the
    newest signs once it has been published for an hour. Remove an old one when no server needs it.
    """
    key = new_key(Algorithm(algorithm), datetime.now(UTC))
    path = save_key(key, folder)
    public = path.with_suffix(".jwk.json")
    write_whole(public, json.dumps(key.public_jwk(), indent=2).encode() + b"\n")
    click.echo(f"{path}\n{public}")


@command.command(short_help="Print the public parts as a JWK set.")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, path_type=Path))
def publish(folder: Path) -> None:
    """Print the public parts of all keys of a folder as a JWK set, the newest first.

    Serve it by https at the address that is registered with the servers.
    """
    click.echo(json.dumps(jwks(load_keys(folder)), indent=2))
