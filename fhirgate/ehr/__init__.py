"""Towards the systems that hold the record: files today, EHR servers beside them.

What leaves this room is JSON as received: plain dicts with exact numbers, unread and unjudged. It knows FHIR's
containers (Bundle, NDJSON) and nothing of what is inside a resource, but for our own results: what a server holds of
them is compared with what we say.

Decisions
- What cannot be read is a value (`Unreadable`) and not an exception: one bad file must not hide the others.
- A JSON object that names a key twice is refused: which of the two is the size of the lesion would be a guess.
"""
