"""Under which conditions each write is carried out: every clause with its name and the reason for it."""
