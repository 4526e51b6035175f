"""Changes of a connection's key: what `sfmint rotate` asks the stack's function for, and how it waits."""
