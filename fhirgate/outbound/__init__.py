"""The only way out to the network. It knows HTTP and how calls fail; it knows nothing of FHIR's resources.

    outbound = Outbound(trace=sink)                              # client.py; one per process, shared by threads
    destination = Destination(name="main", base_url="https://ehr.example.org/fhir/R4")       # destination.py
    answer = outbound.get(destination, "Patient/1", headers={"Authorization": ...})    # Answer, answer.py
    answer = outbound.send(destination, Call(method="POST", url="Observation/_search", body=form, repeatable=True))
    answer.status, answer.header("ETag"), answer.json, answer.body, answer.url, answer.elapsed_seconds

A URL is relative to the destination's base, or absolute on its origin; nothing else is ever called, so a destination
is one origin (an authorization server elsewhere is a second one). What a call returns is an `Answer` with a 2xx
status, or with one named in `Call.expected`; `ANY_STATUS` takes them all. Everything else is an `EhrError`
(fhirgate/errors.py) whose message names the call without ids, values or patient data.

Decisions
- No `requests.Session`: its cookies, environment proxies, netrc and followed redirects are what must not happen. So
  HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE are ignored: where a site has a proxy, the guard could no longer see
  which address is dialled. Redirects are never followed.
- The guard sits where the socket is made: a host is resolved once per connection, every address of the answer is
  judged, and one of those very addresses is dialled, while TLS checks the certificate against the host name. A DNS
  that changes its answer has nothing to change.
- Plain http and private addresses only for hosts a destination names in `private_hosts`; no other switch.
- One deadline covers everything: waiting for our own limits, DNS, TLS, every try, the waits between, and the body.
- Only repeatable calls are tried again (GET, HEAD, PUT, DELETE, or `repeatable=True`); else the error says whether the
  request may have arrived (`reached`). Give `repeatable=False` to a PUT with If-Match: after a lost reply the second
  would fail on the version the first made.
- Time, chance and DNS come in by `Surroundings`, so that tests do not wait.
"""
