"""What does the stack itself say of the connection: its row, its secret as the functions read it, its logins?"""

from typing import Any

from sfmint.row.rejections import REJECT_LIMIT
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.words import first_step
from sfmint_cli.keeper import ask
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Failed

# What depends on the place from which Salesforce is asked.
_OF_NETWORK = frozenset({"ip_restricted", "no_answer", "proxy_login", "unreachable", "untrusted_tls"})
_MANY = 0.5  # of the hour's logins


def row(case: Case) -> Finding:
    """Ask the keeper what stands on the connection's row."""
    said = case.keeper.status()
    case.build = _text(said.get("build"))
    rows = said.get("connections")
    found = rows.get(case.name) if isinstance(rows, dict) else None
    if not isinstance(found, dict):
        return Finding.not_checked("The keeper says nothing of the connection.", "Deploy the stack anew: make deploy")
    case.row = found
    if "error" in found:
        told = Failed.told(_text(found["error"]), _text(found.get("message")))
        return Finding.fault(told.cause, told.remedy)
    return _of_failure(case, found) or _of_rejections(found) or _of_taint(case, found) or _of_token(found)


def _of_failure(case: Case, found: dict[str, Any]) -> Finding | None:
    failure = found.get("failure")
    if not isinstance(failure, dict):
        return None
    told = Failed.told(_text(failure.get("error")), _text(failure.get("message")))
    cause = f"The stack's last login has failed, which it remembers until {_text(failure.get('until'))}: {told.cause}"
    code = _text(failure.get("reason"))
    if case.is_let_in and code not in _OF_NETWORK:
        return Finding.fault(cause, f"It is mended, for the login from here went well: {sfmint('flush', case.name)}")
    remedy = first_step(REASONS[code]) if code in REASONS else told.remedy
    return Finding.fault(cause, remedy)


def _of_rejections(found: dict[str, Any]) -> Finding | None:
    count = found.get("reject_count")
    if not isinstance(count, int) or count < REJECT_LIMIT:
        return None
    return Finding.fault(
        f"Callers have rejected {count} fresh tokens within ten minutes, so no more rejections are taken.",
        "Have callers send requests to the answer's instance_url, and look for what ends this user's sessions.",
    )


def _of_taint(case: Case, found: dict[str, Any]) -> Finding | None:
    key_id = case.key.key_id if hasattr(case, "key") else None
    if key_id is None or key_id not in (found.get("tainted_keys") or ()):
        return None
    new = sfmint("keys", "new", case.name, "--out", "DIR")
    return Finding.fault(f"The row bars the key {key_id}, so nobody logs in with it.", f"Make a new pair: {new}")


def _of_token(found: dict[str, Any]) -> Finding:
    if not found.get("fingerprint"):
        return Finding.ok("It holds no token; the next call makes one.")
    return Finding.ok(f"It holds a token, issued at {_text(found.get('issued_at'))}.")


def address(case: Case) -> Finding:
    """Compare the login from here with the stack's own, which leaves from another address."""
    failure = (case.row or {}).get("failure")
    of_stack = _text(failure.get("reason")) if isinstance(failure, dict) else ""
    if case.row is None:
        return Finding.not_checked("Nothing is known of the stack's own logins.")
    if case.is_let_in and of_stack in _OF_NETWORK:
        return Finding.fault(
            "Salesforce lets this machine in, and not the stack: the stack's address or way out is the cause.",
            first_step(REASONS[of_stack]),
        )
    refused = case.refused.reason.code if case.refused else ""
    if refused in _OF_NETWORK and not of_stack and case.row.get("fingerprint"):
        return Finding.ok("Only this machine is kept out: the stack logs in from its own address.")
    return Finding.ok("This machine's address and the stack's make no difference.")


def broker(case: Case) -> Finding:
    """Ask the broker, through the connection's alias, whether it can read the secret, and how many logins it has left."""
    said = ask(case.account.functions(), f"{case.stack.broker}:{case.name}", {"action": "status"}, whose="broker")
    credentials, budget = said.get("credentials"), said.get("budget")
    if isinstance(credentials, dict) and "error" in credentials:
        told = Failed.told(_text(credentials["error"]), _text(credentials.get("message")))
        return Finding.fault(f"The stack cannot use the secret: {told.cause}", told.remedy)
    build = _text(said.get("build"))
    if case.stack.build and build != case.stack.build:
        return Finding.fault(
            f"The alias {case.name} runs the build {build or 'of a plain deploy'}, and the stack was deployed as"
            f" {case.stack.build}.",
            "Deploy the stack again, which moves every alias: make deploy",
        )
    return _of_budget(budget) if isinstance(budget, dict) else Finding.ok("It can use the secret.")


def _of_budget(budget: dict[str, Any]) -> Finding:
    spent, most = budget.get("logins"), budget.get("limit")
    remedy = "Find out who rejects or flushes tokens: the log lines of the broker name each."
    if not isinstance(spent, int) or not isinstance(most, int):
        return Finding.fault(
            "The count of this hour's logins was overwritten, so nobody logs in until it is over.",
            "Wait for the next hour.",
        )
    if spent >= most:
        return Finding.fault(f"All {most} logins of this hour are spent.", remedy)
    if spent > most * _MANY:
        return Finding.warning(f"{spent} of the hour's {most} logins are spent.", remedy)
    return Finding.ok(f"It can use the secret; {spent} of this hour's {most} logins are spent.")


def build(case: Case) -> Finding:
    """Compare the keeper's build with what was deployed."""
    if case.build == case.stack.build:
        return Finding.ok(f"It runs {case.build}." if case.build else "A plain deploy gives none.")
    return Finding.fault(
        f"The keeper runs the build {case.build or 'of a plain deploy'}, and the stack was deployed as"
        f" {case.stack.build or 'one without a build'}.",
        "Deploy the stack again, which moves every alias: make deploy",
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
