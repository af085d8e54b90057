"""`fhirgate demo --serve` in a process of its own: both parts answer, and both are gone when it is told to stop."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

MAIN = "mixed-response-alectinib"


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_one_command_serves_an_ehr_and_the_service_until_told_to_stop(told: int, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "fhirgate", "demo", "--serve", MAIN],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("Press Ctrl-C"):
                break
        page, link, service = re.findall(r"http://127\.0\.0\.1:\S+", said)

        assert MAIN in requests.get(page, timeout=30).text
        assert requests.get(service, timeout=30).status_code == 200
        launched = requests.get(link, timeout=30, allow_redirects=False)
        assert launched.headers["Location"].startswith(f"{service}launch?iss=")

        process.send_signal(told)
        _, complained = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, complained) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_the_options_of_serving_mean_nothing_without_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fhirgate", "demo", "--port", "1234"], capture_output=True, check=False
    )

    assert done.returncode == 2
    assert b"belong to --serve" in done.stderr
