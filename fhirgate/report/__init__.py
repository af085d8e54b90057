"""An assessment in other words than FHIR: JSON with its schema, a story for the terminal, the criteria as text, and the
page a clinician decides on.

May import `oncology` and the standard library; `review` tells what else it stands on. Nothing here judges, prints or
reads a clock: an `Assessment` goes in, plain values or text come out, so the command line, the page and population runs
say the same.

Decisions
- Lengths leave as exact decimal strings, because JSON numbers are floats in most readers.
- The schema is written by hand for people and compared with the code's own closed sets by a test.
- The text of a criterion is made from the limits and rules the code runs on, never typed again.
- Words from a record are stripped of control characters before they reach a terminal.
"""
