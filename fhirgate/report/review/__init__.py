"""The page a clinician decides on, as texts: what stands where, and nothing of how it is marked up.

May import `report`, `services` and `mapping.parse.person` beside `oncology`. A `Drawn` goes in, a `ReviewView` comes
out; `web` puts it into HTML.

Decisions
- Values hold texts that are ready to be read and small closed sets for what is drawn by shape or colour. No HTML, no
  address, no clock.
- Every text that a record can have written is on one line and without control or direction characters. Markup in it
  is left as it is: who puts it into HTML escapes it.
- Nothing is worded twice: sentences come from the core or are those of the story in the terminal.
"""
