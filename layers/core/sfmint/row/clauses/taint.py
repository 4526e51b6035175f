"""Which of the two ways to taint a key fits the row: its token is this key's, or another's."""

from sfmint.row.conditional_write import AnyOf, Compare, Missing, Named


def minted_by(key_id: str) -> Named:
    """Return that the row's token is this key's, and goes with it."""
    return Named(
        "minted_by_key", "the token that goes must be the one that this key minted", Compare("key_id", "=", key_id)
    )


def not_minted_by(key_id: str) -> Named:
    """Return that the row's token is another key's, or that there is none, and that it stays."""
    no_key = Named("no_key", "no key minted what stands there", Missing("key_id"))
    another_key = Named("another_key", "another key minted the token", Compare("key_id", "<>", key_id))
    return Named("minted_by_another", "the token that stays must not be this key's", AnyOf(no_key, another_key))
