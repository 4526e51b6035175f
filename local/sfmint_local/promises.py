"""What sfmint promises, each in one sentence: the model in the tests and the soak check the same promises.

The model looks inside: it sees each write of the row, in every order of a few calls. The soak looks from outside, at real
processes under load: it sees what callers get, what the org has issued, and what was done.
"""

from enum import Enum
from typing import Final

AGAIN_S: Final = 120.0  # known and accepted: for how long a session that is handed out again may be served past its end
APART_S: Final = 60.0  # between two rejections, at least
WINDOW_S: Final = 600.0  # in which rejections are counted
REJECTIONS: Final = 3  # in a window, at most


class Promise(Enum):
    """One promise, in a sentence."""

    # Checked by both.
    ANSWER = "everybody gets a token, or an error that has a cause"
    TRUE_END = "no token is served past its true end"
    TRUST = "no token is served that was dropped longer ago than memory is trusted"
    REPORTED = "nobody is answered a token that they have reported"
    FENCE = "the row never goes back to an older token"
    ONE_LOGIN = "a lease is good for one login"
    BUDGET = "no hour has more logins than its budget"
    END = "every call comes to an end in time"

    # Checked by the model: they need a look inside.
    FENCED_OUT = "an environment that was fenced out writes nothing"
    NAMED = "a token on the row says which key minted it"
    AGAIN = "the row's own session is never published as a new one"
    LOGINS = "it costs as many logins as the scenario says"
    LEASE = "only its holder or an operator ends a lease before its time"
    OUTDATED = "no token of credentials from before a flush is published"
    ROOM = "the list of tainted keys never grows past its most"
    TAINTED = "a tainted key takes no lease, and the row holds no token of it"
    REJECTED = "a rejected token comes back only after ten minutes, and only if Salesforce hands it out again"
    SUCCESSOR = "a rejection drops the rejected token only"
    ONCE = "a token is rejected once"
    BREAKER = "rejections come a minute apart, and three in ten minutes"
    HEALING = "whatever has happened, a newcomer is served a minute later"

    # Checked by the soak: they need real tokens, real answers and real logs.
    ISSUED = "every token was issued by Salesforce"
    OWN_USER = "a connection's token is its own user's"
    SAID_END = "no token is said to live longer than it does"
    CONSISTENT = "an answer agrees with its token"
    HIDDEN = "a token stands in its own field and nowhere else, and no secret in a log line"
