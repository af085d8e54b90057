"""A private PostgreSQL cluster: in a folder of its own, on a free port, never as root, gone with the process.

It listens on 127.0.0.1 with a password, as a site's own would. `provision.sh` brings the programs.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROLE = "fhirgate"
READY_WITHIN = 60


class CannotRun(Exception):
    """Why there is no PostgreSQL to test with."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server that runs."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes]

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{ROLE}:{self.password}@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        # SIGINT asks PostgreSQL to end now, whoever is connected.
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(*, durable: bool = False) -> Cluster:
    """Start one; ready when it returns. Raises CannotRun.

    Only a benchmark needs it `durable`: tests kill its clients, never the server or the machine.
    """
    programs = _programs()
    as_user = _as_user()
    folder = Path(tempfile.mkdtemp(prefix="fhirgate-postgres-"))
    try:
        return _start(programs, as_user, folder, durable=durable)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _start(programs: Path, as_user: list[str], folder: Path, *, durable: bool) -> Cluster:
    password = secrets.token_urlsafe(24)
    (folder / "password").write_text(password)
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        for path in (folder, folder / "password"):
            os.chown(path, account.pw_uid, account.pw_gid)
    data = folder / "data"
    made = subprocess.run(
        [
            *as_user,
            programs / "initdb",
            "--no-sync",
            *("--pgdata", data, "--username", ROLE, "--pwfile", folder / "password"),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise CannotRun(f"initdb failed: {made.stderr.strip()}")
    port = _free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "shared_buffers": "128MB",
        "max_connections": 60,
        "fsync": "on" if durable else "off",
        # Not what tests expect to be: another zone than ours shows an instant that lost its own.
        "timezone": "Asia/Kathmandu",
    }
    settings = [f"--{name}={value}" for name, value in options.items()]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*as_user, programs / "postgres", "-D", data, *settings],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    cluster = Cluster(folder, port, password, process)
    _wait(cluster, programs)
    return cluster


def _programs() -> Path:
    """The folder of the newest version installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    if not found and on_path:
        found = [Path(on_path).resolve()]
    if not found:
        raise CannotRun("PostgreSQL is not installed; run tests/peers/postgres/provision.sh")
    return found[-1].parent


def _as_user() -> list[str]:
    """The command that lowers the rights of root, and lets the server die with us whatever kills us."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        if os.geteuid() == 0:
            raise CannotRun("setpriv (util-linux) is needed: PostgreSQL does not run as root")
        return []
    dies_with_us = [setpriv, "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return dies_with_us
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise CannotRun("there is no user postgres to run it as") from None
    return [*dies_with_us, "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _wait(cluster: Cluster, programs: Path) -> None:
    ask = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(cluster.port), "-U", ROLE]
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and cluster.process.poll() is None:
        if subprocess.run(ask, check=False).returncode == 0:
            return
        time.sleep(0.1)
    log = (cluster.folder / "log").read_text(errors="replace")
    cluster.stop()
    raise CannotRun(f"PostgreSQL did not come up: {log[-2000:]}")
