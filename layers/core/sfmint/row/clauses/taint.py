"""When a key may be tainted: the list has room, and the way fits the row, whose token is this key's or another's."""

from sfmint.row.conditional_write import AnyOf, Compare, Contains, FewerThan, Missing, Named
from sfmint.salesforce.connection import MOST_TAINTED_KEYS


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


def room_left(key_id: str) -> Named:
    """Return that the list of tainted keys does not grow past its most."""
    no_list = Named("none_tainted", "no key is tainted yet", Missing("tainted_keys"))
    again = Named("tainted_already", "the key is on the list, so it grows no longer", Contains("tainted_keys", key_id))
    short = Named("list_short", "there is room for another", FewerThan("tainted_keys", MOST_TAINTED_KEYS))
    why = "a row whose list grew for ever would one day take no more writes, and end every login"
    return Named("room_left", why, AnyOf(no_list, again, short))
