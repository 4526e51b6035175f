"""When one more login may be made in this hour."""

from sfmint.row.conditional_write import AnyOf, Compare, Missing, Named


def budget_left(limit: int) -> Named:
    """Return the condition of `budget`.

    Args:
        limit: logins that one Salesforce user may cost an hour.
    """
    first_login = Named("first_login", "it is the first login of the hour", Missing("logins"))
    under_limit = Named("under_limit", "the hour's budget is not spent", Compare("logins", "<", limit))
    return Named(
        "budget_left",
        "Salesforce locks a user out after 3,600 logins an hour; sfmint stops long before",
        AnyOf(first_login, under_limit),
    )
