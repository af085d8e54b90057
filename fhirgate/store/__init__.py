"""What fhirgate concluded, what it still owes to others, and what it was asked to do, in SQLite or PostgreSQL.

It fills in the ports of `services` and knows no FHIR beyond which elements of a resource change when nothing was
concluded anew (`content`). SQLAlchemy Core only; the tables in `tables` and the migrations are held equal by a test.

Decisions
- Results are the exact bytes composed, in a table that only grows; beside it stands one narrow row per resource
  that says which version is current and that searches run over.
- Writers of results go one after the other, by one locked row, on PostgreSQL as SQLite does anyway. So numbers have
  no gaps, what becomes visible later is also numbered later, and a reader who pages by `recorded_at` misses nothing.
  Rejected: database sequences, which leave gaps and number a slow transaction before a fast one that is seen first.
- A worker leases a channel, not a message. SKIP LOCKED over messages cannot keep their order: the second worker
  skips the first ones that are locked and takes the ones behind them. A channel is a log with a cursor.
- SQLite commits with synchronous=FULL: losing power must not take back an event number that a registry has seen.
  With batches it costs nothing that was measured.
- Launches out of an EHR hold tokens and say whose chart is open, so they alone are sealed, under keys that are not in
  the database (`sealing`). Results are not: who may read the database may read what was concluded.
- Driver errors end in `engine` and leave their text behind: PostgreSQL quotes rows in them.
"""
