"""Where everything is: the addresses by which this server names itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Urls:
    """All of them, from the address of the whole."""

    root: str
    """Without a slash at the end."""

    @property
    def fhir(self) -> str:
        """The FHIR base, which is also `iss` and `aud` of a launch."""
        return f"{self.root}/fhir"

    @property
    def issuer(self) -> str:
        """Of id_tokens."""
        return f"{self.root}/auth"

    @property
    def authorize(self) -> str:
        """The authorization endpoint."""
        return f"{self.issuer}/authorize"

    @property
    def token(self) -> str:
        """The token endpoint, which is also the audience of assertions."""
        return f"{self.issuer}/token"

    @property
    def revoke(self) -> str:
        """The revocation endpoint."""
        return f"{self.issuer}/revoke"

    @property
    def jwks(self) -> str:
        """Our public keys."""
        return f"{self.issuer}/jwks.json"

    @property
    def style(self) -> str:
        """Colours and sizes for apps (smart_style_url)."""
        return f"{self.root}/style.json"
