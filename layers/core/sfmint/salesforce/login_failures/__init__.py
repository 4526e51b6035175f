"""Why a login gave no token: what a reason is, and the table of all that are known."""
