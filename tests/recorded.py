"""What a server hears at its socket: a WSGI application around another that keeps each request and its answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

from fhirgate.sandbox.ehr.serve import Running

Wsgi = Callable[[Any, Any], Iterable[bytes]]
Instead = tuple[int, dict[str, str], bytes | Iterable[bytes]]
"""Status, headers and content: at once, or piece by piece."""


@dataclass(kw_only=True)
class Request:
    """One, and the status it was answered with."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes
    status: int = 0

    @property
    def form(self) -> dict[str, str]:
        """A body that is one, in which nothing is said twice."""
        pairs = parse_qsl(self.body.decode(), strict_parsing=True)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)


@dataclass
class Recorder:
    """In front of an application; `instead` answers in its place where it wants to."""

    app: Wsgi
    heard: list[Request] = field(default_factory=list)
    instead: Callable[[Request], Instead | None] = lambda _: None

    def __call__(self, environ: Any, respond: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        request = Request(
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            query=parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True),
            headers={
                name.removeprefix("HTTP_").replace("_", "-").title(): value
                for name, value in environ.items()
                if name.startswith("HTTP_")
            },
            body=body,
        )
        self.heard.append(request)
        answer = self.instead(request)
        if answer is not None:
            request.status, headers, content = answer
            length = {"Content-Length": str(len(content))} if isinstance(content, bytes) else {}
            respond(f"{answer[0]} So", list({**headers, **length}.items()))
            return [content] if isinstance(content, bytes) else content

        def told(status: str, headers: Any, *more: Any) -> Any:
            request.status = int(status[:3])
            return respond(status, headers, *more)

        return self.app(environ, told)

    def at(self, end: str) -> list[Request]:
        """Those whose path ends so."""
        return [each for each in self.heard if each.path.endswith(end)]


def before(sandbox: Running) -> Recorder:
    """Stands in front of a sandbox from now on."""
    server = sandbox._server
    recorder = server.application = Recorder(server.application)
    return recorder
