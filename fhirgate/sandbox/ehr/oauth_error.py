"""Why the token endpoint declines a request (RFC 6749 §5.2)."""

from collections.abc import Mapping


class OAuthError(Exception):
    """An error code of OAuth, and a sentence for whoever develops the client."""

    def __init__(
        self, error: str, says: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(says)
        self.error = error
        self.says = says
        self.status = status
        self.headers = dict(headers or {})


def invalid_client(says: str, *, basic: bool = False) -> OAuthError:
    """Who asks has not proved who it is."""
    headers = {"WWW-Authenticate": 'Basic realm="token"'} if basic else {}
    return OAuthError("invalid_client", says, status=401, headers=headers)
