"""What works between us and one server of the registry, and what does not: line by line, with a remedy.

Every check asks as little as it can, and by the same code that fetches a record, so that what is told here is what
an assessment would meet. Nothing is written to the server.

Decisions
- A check is a named value in one ordered list (`checks`). It names the earlier checks it stands on; when one of them
  did not hold, it is told as not tried, and why.
- A request is shown by its shape alone: no id, no value, no header. What a server says in free text is not shown.
- Everything together has one deadline. A call is tried twice at most: whoever examines wants to see the failure.
"""
