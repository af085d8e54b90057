"""A site that is neither the EHR nor ours, and what it would have our pages do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from browser.tls_front import tls_front
from browser.world import World, listening
from flask import Flask, Response

THIRD = "127.0.0.2"


@contextmanager
def third_site(sites: World, body: str) -> Iterator[str]:
    """Where it is; it has one page."""
    app = Flask("third")
    text = f"<!doctype html><title>x</title><link rel=icon href=data:,>{body}"
    app.add_url_rule("/", view_func=lambda: Response(text))
    with tls_front(THIRD, sites.signer.context(THIRD)) as front, listening(app) as front.behind:
        yield front.origin


@contextmanager
def another_form(
    sites: World, page: Any, ending: str, *, knows_token: bool, button: str = ""
) -> Iterator[str]:
    """Where a form is that looks like ours with this end of its address; it may even hold its token."""
    ours = page.locator(f"form[action$='{ending}']").first
    fields = ours.locator("input[type=hidden]").evaluate_all(
        "all => all.map(each => [each.name, each.value])"
    )
    hidden = "".join(
        f'<input type=hidden name="{name}" value="{value}">'
        for name, value in fields
        if knows_token or name != "csrf"
    )
    where = ours.evaluate("each => each.action")
    with third_site(
        sites, f'<form method=post action="{where}">{hidden}<button {button}>Win</button></form>'
    ) as third:
        yield third
