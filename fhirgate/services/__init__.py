"""Use cases, one sentence each. What they need from outside is handed in; they open no connection themselves."""
