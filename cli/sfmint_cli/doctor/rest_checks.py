"""Does the org take the token on its REST API, and has it requests left?"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.rest import VERSIONS, Refused, Unanswered, get

_FEW = 0.1  # of a day's requests

type Examine = Callable[[Case], Finding]


def _told(examine: Examine) -> Examine:
    """Return a check that tells of a refusal by the tables of refusals."""

    @wraps(examine)
    def run(case: Case) -> Finding:
        try:
            return examine(case)
        except Refused as error:
            refusal = error.refusal
            cause = f"{refusal.meaning.cause} Salesforce answered {refusal.quoted}."
            return Finding.fault(cause, refusal.meaning.remedy)
        except Unanswered:
            return Finding.fault(
                f"{case.token.instance_url} gave no whole answer to a REST request.",
                "Look for a proxy or firewall between this machine and that host; if there is none, run doctor again.",
            )

    return run


@_told
def versions(case: Case) -> Finding:
    """Ask for the versions, which needs no rights, and keep the newest."""
    case.version = f"v{max(_numbers(get(case, VERSIONS))):.1f}"
    return Finding.ok(f"{case.token.instance_url} offers its REST API up to {case.version}.")


@_told
def rest(case: Case) -> Finding:
    """Ask for the org's limits, which needs a token that is good for REST."""
    case.limits = _object(get(case, f"{VERSIONS}{case.version}/limits"))
    return Finding.ok("The org takes the token.")


def api_limit(case: Case) -> Finding:
    """Look how many of the day's requests are left."""
    day = case.limits.get("DailyApiRequests")
    left, most = (day.get("Remaining"), day.get("Max")) if isinstance(day, dict) else (None, None)
    if not isinstance(left, int) or not isinstance(most, int) or most <= 0:
        return Finding.not_checked("The org does not say how many requests are left.")
    remedy = "Look in Setup, under Company Information and API Usage, who sends them, or buy more."
    if left <= 0:
        return Finding.fault(f"All {most} requests of the org's day are used up.", remedy)
    if left < most * _FEW:
        return Finding.warning(f"Only {left} of the org's {most} requests a day are left.", remedy)
    return Finding.ok(f"{left} of {most} requests a day are left.")


def _numbers(listed: Any) -> Iterable[float]:
    found = [
        float(entry["version"])
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict) and _is_version(entry.get("version"))
    ]
    if not found:
        raise Unanswered
    return found


def _is_version(text: object) -> bool:
    whole, _, rest = text.partition(".") if isinstance(text, str) else ("", "", "")
    return len(whole) <= 3 and whole.isascii() and whole.isdigit() and rest == "0"  # noqa: PLR2004 - hundreds of versions


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unanswered
    return value
