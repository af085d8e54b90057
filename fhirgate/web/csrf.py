"""That a form was sent from our own page, and from the page of this launch.

The cookie of a launch goes along with whatever any site sends us, since it must work in a frame: it proves nothing.
So every form carries a token that only who can read our page can know; it is made of the launch's secret and its id.
Browsers also say where a form comes from. With `Referrer-Policy: no-referrer` they send `Origin: null` even from our
own page, which therefore is no sign of another site.
"""

from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac

from flask import request

from fhirgate.web.problem import Problem

FIELD = "csrf"


def form_token(secret: str, launch_id: str) -> str:
    """What a form of a launch carries."""
    return hmac(secret.encode(), f"form:{launch_id}".encode(), sha256).hexdigest()


def check_form(token: str, secret: str, launch_id: str, our_origin: str) -> None:
    """Raise Problem 403 for a form that is not from our page of this launch."""
    is_ours = (
        compare_digest(token.encode(), form_token(secret, launch_id).encode())
        and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        and request.headers.get("Origin", "null") in ("null", our_origin)
    )
    if not is_ours:
        raise Problem(
            status=403,
            kind="form-not-ours",
            detail="this form was not sent from the page of this launch; nothing was done",
        )
