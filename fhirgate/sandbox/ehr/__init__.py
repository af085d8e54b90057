"""A simulated EHR in memory: a FHIR R4 server over given records, SMART authorization in front of it, and a page.

The demo starts it and tests launch from it. It is as strict as a real EHR is allowed to be, and stricter than public
test launchers: no call without a token, each scope held to its types, interactions and patient, each code, launch and
assertion good for once, S256 demanded, no consent without a click. What goes wrong goes wrong by name (`failures`).

It may import mapping, for its check of what is written; nothing but the command line may start it. One table
(`table`) makes the routes, the search parameters, the CapabilityStatement and the scopes. Nothing is kept: all of it
is gone when it stops. It speaks plain HTTP and knows no user; for the demonstration of synthetic patients only.
"""
