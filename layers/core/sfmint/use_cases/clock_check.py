"""Compare this machine's clock with AWS's and Salesforce's: a clock that is far off logs nobody in."""

from typing import Literal

from sfmint import clock_skew
from sfmint.errors import CacheUnavailable
from sfmint.ports import Dated, Ports
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint.telemetry import ClockOff


def require(ports: Ports, connection: str) -> None:
    """Tell of a clock that is off.

    Raises:
        CacheUnavailable: it is so far off that nobody is logged in.
    """
    behind_s = compare(ports, connection, "store")
    if abs(behind_s) > clock_skew.MINTS_WITHIN_S:
        raise CacheUnavailable(
            f"A login is due, but {clock_skew.in_words(behind_s, "AWS's")}.",
            remedy="Call again: another execution environment may answer. Inside Lambda the clock is AWS's.",
        )


def compare(ports: Ports, connection: str, other: Literal["store", "Salesforce"]) -> float:
    """Return by how many seconds this clock was behind the other's when that last answered, and tell of it."""
    dated: Dated = ports.store if other == "store" else ports.endpoint
    behind_s = dated.behind_s() or 0.0
    if abs(behind_s) > clock_skew.AGREES_WITHIN_S:
        ports.telemetry.emit(ClockOff(connection=connection, behind_s=round(behind_s), compared_with=other))
    return behind_s


def told(ports: Ports, connection: str, failed: LoginFailed) -> LoginFailed:
    """Return a failed login with a word on a clock that is off: whatever the answer says, look there first."""
    behind_s = compare(ports, connection, "Salesforce")
    word = clock_skew.in_words(behind_s)
    if abs(behind_s) <= clock_skew.AGREES_WITHIN_S or word in failed.detail:
        return failed
    detail = f"{failed.detail}; {word}" if failed.detail else word
    return LoginFailed(failed.reason, detail=detail, said=failed.said, retry_after_s=failed.retry_after_s)
