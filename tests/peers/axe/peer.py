"""axe-core in a page: every rule it has, best practice too."""

import os
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PROVISION = HERE / "provision.sh"
RECIPE = ("provision.sh", "package.json")
RUN = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations'], iframes: false});
  return {
    rules: found.passes.length,
    violations: found.violations.flatMap(rule => rule.nodes.map(node =>
      `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary}`)),
  };
}"""
LEAST_RULES = 10
"""So many rules fit even the smallest page; fewer passed means that axe did not see it."""


def require_axe() -> Path:
    """Where it is installed; without it the test is skipped, and fails in CI."""
    where = Path(os.environ.get("FHIRGATE_PEERS") or Path.home() / ".cache/fhirgate-peers") / "axe"
    stamp = where / "provisioned"
    version = sha256(b"".join((HERE / name).read_bytes() for name in RECIPE)).hexdigest()
    if not stamp.exists() or stamp.read_text().strip() != version:
        reason = f"PAGES NOT JUDGED: axe-core is not in {where}, or of an older recipe: run {PROVISION}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return where


@cache
def _script(where: Path) -> str:
    return (where / "node_modules/axe-core/axe.min.js").read_text("utf-8")


def violations(frame: Any) -> list[str]:
    """What axe finds wrong in a document of Playwright, a page or a frame of one."""
    # The debugger's way in: the page's own policy allows no script, and stays in force.
    frame.evaluate(_script(require_axe()))
    found = frame.evaluate(RUN)
    assert found["rules"] >= LEAST_RULES, "axe did not see the page"
    return list(found["violations"])
