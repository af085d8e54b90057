"""A clinician launches us out of the EHR: the conversation of SMART App Launch 2.2.0, without any web framework.

    launches = SmartLaunches(entries, outbound, environment, store, callback="https://fhirgate.example.org/callback")
    begun = launches.begin_from_ehr(iss, launch, browser)        # -> send the browser to begun.url
    launch = launches.finish(server, parameters, browser)        # what came back to .../callback/{server}
    records = launches.records(launch.id, browser)               # the EHR, read as this clinician

`browser` is a secret that only a cookie of one browser session holds; nothing of it but its digest is kept.

Decisions
- An `iss` is never called: it only chooses an entry of the registry, and the entry's own address is called (`issuers`).
- `state` has 256 bits. Whoever brings one uses it up, also when the browser session is another or the EHR tells of an
  error: a state that went astray is of no use to anybody.
- A pending launch carries the endpoints it began with; its code goes to that token endpoint, whatever came since.
- Against the mix-up of issuers (RFC 9700 §4.4) each server has a redirect URI of its own, and `iss` of RFC 9207 is
  checked where it comes. PKCE does not help there: a server that was taken over knows the challenge.
- PKCE with S256 always, for confidential clients too. The verifier never leaves the process but to the token endpoint.
- A code is sent once. When the answer is lost the launch is over: a code sent twice makes a server revoke its tokens.
- A wrong id_token ends the launch; a missing one leaves it without a person, which is told.
- A refresh happens once for all threads and processes, under a lease in the store. What the server does not send
  again (scope, patient and the rest of the context, refresh token) is kept.
- Nothing the other side wrote (error_description, claims) reaches an exception or a page as it is.
"""
