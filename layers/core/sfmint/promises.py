"""What a store may be unable to promise. Each store declares its set; tests hold it to that, and the README prints it."""

from enum import Enum


class Promise(Enum):
    """One promise of the shared cache, in the words of the README."""

    FENCE = "a login that a flush overtakes is dropped, even if it froze while it was being published"
    REJECTIONS = "rejections are counted exactly, whoever reports them at the same instant"
    TAINT = "a leaked key can be barred for good"
    LOGIN_BUDGET = "logins are counted and limited for each Salesforce user and hour"
    AGAIN_AT_ONCE = "a connection may log in as often as its failures and rejections demand"
    ANY_SIZE = "a token of any size is kept"
    READ_AFTER_WRITE = "a read shows every write that was acknowledged before it"
