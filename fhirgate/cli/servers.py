"""`fhirgate servers`: the registry of EHR servers."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from fhirgate.cli.connection import SERVERS, TRACE, connected, registered
from fhirgate.cli.exit_status import ExitStatus
from fhirgate.ehr.capability import Capability
from fhirgate.ehr.rest import FhirServer
from fhirgate.ehr.search_plan import plans
from fhirgate.errors import ConfigurationError, InvalidRequest
from fhirgate.services.ehr_server import AuthKind, EhrServer


@click.group(name="servers", short_help="The registry of EHR servers.")
def command() -> None:
    """Keep the registry of EHR servers, a TOML file.

    \b
    fhirgate servers add main https://ehr.example.org/fhir/R4 --auth backend --client-id fhirgate --key key.pem
    fhirgate servers list
    fhirgate servers test main
    """


@command.command(name="list", short_help="The servers of the registry.")
@SERVERS
def list_servers(registry: Path) -> None:
    """The servers of the registry, a line each: name, base URL, how we are let in."""
    servers = registered(registry)
    width = max(map(len, servers), default=0)
    for each in servers.values():
        click.echo(f"{each.name:{width}}  {each.base_url}  {each.auth.kind}")


@command.command(short_help="Add a server.")
@click.argument("name")
@click.argument("base_url")
@click.option(
    "--auth",
    "kind",
    type=click.Choice([each.value for each in AuthKind]),
    default=AuthKind.OPEN.value,
    show_default=True,
    help="How we are let in.",
)
@click.option("--client-id", metavar="ID", help="Also the user name of basic.")
@click.option("--key", "key_file", metavar="FILE", help="Private key, or a folder of them, for backend.")
@click.option("--secret-variable", metavar="NAME", help="Environment variable that holds the secret.")
@click.option("--token-url", metavar="URL", help="Where tokens are asked for, if the server does not say.")
@click.option(
    "--token-host",
    "token_hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="A host beside the server's own that may be asked for tokens; may be repeated.",
)
@click.option(
    "--private-token-host",
    "private_token_hosts",
    multiple=True,
    metavar="HOST",
    help="One of them that is on a private network; plain http is allowed there.",
)
@click.option(
    "--audience",
    help="What the assertion is made out for, for a server that wants another than its token URL.",
)
@click.option("--secret-in-body", is_flag=True, help="Send the client secret in the form, not in a header.")
@click.option("--rate", type=click.IntRange(1, 1000), metavar="N", help="At most so many requests a second.")
@click.option("--private", is_flag=True, help="It is on a private network; plain http is allowed there.")
@SERVERS
def add(registry: Path, **asked: Any) -> None:
    """Add a server to the registry. The whole registry is checked, and stays as it was when a problem is found."""
    path = registry.expanduser()
    before = path.read_text("utf-8") if path.exists() else ""
    if before and asked["name"] in registered(path):
        raise InvalidRequest(f"the registry {path} has a server {asked['name']!r} already")
    if asked["key_file"]:
        # In the registry a relative name is relative to the registry; here it is to where we stand.
        asked["key_file"] = str(Path(asked["key_file"]).absolute())
    path.parent.mkdir(parents=True, exist_ok=True)
    separator = "\n" if before.strip() else ""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # Only for us: it says which key and which variable let us in.
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as out:
            out.write(before + separator + _table(**asked))
        try:
            registered(draft)
        except ConfigurationError as error:
            plain = asked["base_url"].lower().startswith("http://") and not asked["private"]
            hint = ["--private says that it is on site"] if plain else []
            raise ConfigurationError(f"server {asked['name']!r}", [*error.problems, *hint]) from None
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    click.echo(f"{asked['name']} added to {path}; try: fhirgate servers test {asked['name']}")


def _table(
    *,
    name: str,
    base_url: str,
    kind: str,
    rate: int | None,
    private: bool,
    **auth: str | tuple[str, ...] | bool | None,
) -> str:
    """The lines of a new server."""
    lines = [f"[servers.{_text(name)}]", f"base_url = {_text(base_url)}"]
    if private:
        lines += ['network = "private"', f"private_hosts = [{_text(_host(base_url))}]"]
    if rate is not None:
        lines.append(f"rate_per_second = {rate}")
    told = [f"{key} = {_value(value)}" for key, value in auth.items() if value not in (None, False, ())]
    if kind != AuthKind.OPEN or told:
        lines.append(f"auth = {{ {', '.join([f'kind = {_text(kind)}', *told])} }}")
    return "\n".join(lines) + "\n"


def _value(value: str | tuple[str, ...] | bool) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_text, value))}]"
    return _text(value) if isinstance(value, str) else str(value).lower()


def _text(value: str) -> str:
    """A TOML basic string, whatever is in it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'


def _host(base_url: str) -> str:
    from fhirgate.outbound.address import origin_of  # noqa: PLC0415 - only here

    try:
        return origin_of(base_url).host
    except ValueError as error:
        raise InvalidRequest(f"base_url cannot be used: {error}") from None


@command.command(name="test", short_help="Ask a server what it can do.")
@click.argument("server")
@SERVERS
@TRACE
def try_server(server: str, registry: Path, *, trace: bool) -> int:
    """Read a server's CapabilityStatement with our credentials, and say what would be asked of it."""
    with connected(registry, server, trace=trace) as ehr:
        capability = ehr.capability(ehr.visit())
        click.echo("\n".join(_said(ehr, ehr.entry, capability)))
    return ExitStatus.FINE


def _said(ehr: FhirServer, entry: EhrServer, capability: Capability) -> list[str]:
    chosen, missing = plans("", capability, entry.search_parameters)
    version = (
        "no CapabilityStatement" if capability.assumed else f"FHIR {capability.fhir_version or 'unknown'}"
    )
    lines = [f"{entry.name}: {version}, {capability.software or 'software unknown'}, {ehr.entry.auth.kind}"]
    lines += [f"  asked by {', '.join(each.whole.names)}: {each.type}" for each in chosen]
    if missing:
        lines.append(f"  not offered by patient: {', '.join(missing)}")
    return lines
