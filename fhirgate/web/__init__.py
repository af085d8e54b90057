"""The service over HTTP: routes, who may use them, and how failures are told.

May import services and below; never `ehr`, `store` or `config`: what it needs is handed in as a `gate.Gate`.

Decisions
- A route is a row of a table (`route.Route`): rule, who may call, view, and what the OpenAPI document says of it. A
  route that does not say who may call cannot be written, so none is open by oversight.
- `/v1` speaks JSON and problem details (RFC 9457). Bodies are checked by marshmallow, all problems told at once.
- No patient in a URL, a log line or a label; patients stand in bodies alone.
- TLS ends in front of us. There is no session and no cookie here, so nothing that a browser could be made to send.
"""
