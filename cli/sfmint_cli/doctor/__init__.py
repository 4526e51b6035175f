"""`sfmint doctor`: checks a connection from its token host to its callers, and says of each fault cause and remedy.

`checks` has the order, `runner` runs it; a check reads a `Case` and returns a `Finding`. One module for each group.
"""
