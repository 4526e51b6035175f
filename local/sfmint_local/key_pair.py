"""A connection's key and certificate, made as an operator makes them: with `sfmint keys new`."""

import time

from sfmint_setup.key_pair import KeyPair


def new_key_pair(name: str) -> KeyPair:
    """Return a new key of 2048 bits and its certificate, both good for a year from now."""
    return KeyPair.new(name, bits=2048, days=365, now=time.time())
