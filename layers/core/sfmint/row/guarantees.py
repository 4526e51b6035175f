"""What a store may be unable to promise. Each store declares its set; tests hold it to that, and docs/promises.md lists it."""

from enum import Enum


class Guarantee(Enum):
    """One guarantee of the shared cache that not every store keeps, in the words of docs/promises.md."""

    TAINT = "a leaked key can be barred on the row"
    LOGIN_BUDGET = "logins are counted and limited for each Salesforce user and hour"
    AGAIN_AT_ONCE = "however often a token is rejected or flushed, its successor is minted at once"
    ANY_SIZE = "a token of any size is kept"
    READ_AFTER_WRITE = "every read shows each write that was acknowledged before it"
