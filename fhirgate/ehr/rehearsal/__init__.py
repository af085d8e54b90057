"""A launch as a clinician would make it, made by a script, and told step by step like an examination (`ehr.doctor`).

The launch itself is that of `ehr.launch`; only the browser and the person in front of it are played here. Nothing is
written to the server, and the tokens are handed back at the end.

Decisions
- The browser goes to the server's own origin and to the hosts its registry entry lists, and nowhere else: a page
  that leads elsewhere needs a person.
- It knows cookies, redirects and plain forms, no script. It presses what does not refuse, unless told otherwise.
- The redirect URI is never called: the browser stops in front of it, so nothing needs to listen there.
- Of a page only its shape is told: whether it has a form, and the names of fields. Its text may speak of a patient.
- What a refused launch left unsaid is read from the token answer by the same functions that refused it.
"""
