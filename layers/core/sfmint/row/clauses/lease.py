"""When a lease is mine: what its holder writes is refused as soon as it is not."""

from sfmint.row.conditional_write import AllOf, Compare, Contains, Named, Not
from sfmint.row.decisions import Lease


def mine(lease: Lease) -> AllOf:
    """Return that nobody else was granted the lease, and that I have not given it back."""
    fence_mine = Named(
        "fence_mine",
        "no lease was granted since, and nothing was flushed or tainted",
        Compare("fence", "=", lease.fence),
    )
    owner_mine = Named(
        "owner_mine",
        "the lease was not given back meanwhile, and is nobody else's with the same number",
        Compare("lease_owner", "=", lease.attempt.me),
    )
    return AllOf(fence_mine, owner_mine)


def untainted(key_id: str) -> Named:
    """Return that a key was not barred."""
    return Named(
        "key_untainted",
        "a key that leaked neither logs in nor publishes",
        Not(Contains("tainted_keys", key_id)),
    )
