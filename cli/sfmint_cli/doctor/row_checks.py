"""What does the stack itself say of the connection: its row, its secret as the functions read it, its logins?"""

from sfmint.salesforce.access_token import iso8601
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.words import first_step
from sfmint_cli.keeper import ask
from sfmint_cli.pasteable import sfmint
from sfmint_cli.result import Facts, Failed
from sfmint_cli.status.rows import Row, Rows, build_of
from sfmint_cli.status.state import State, state_of

# What depends on the place from which Salesforce is asked.
_OF_NETWORK = frozenset({"ip_restricted", "no_answer", "proxy_login", "unreachable", "untrusted_tls"})
_MANY = 0.5  # of the hour's logins


def row(case: Case) -> Finding:
    """Ask the keeper what stands on the connection's row."""
    found = Rows.ask(case.account.functions(), case.stack.keeper, case.name)
    case.build = found.build
    row = found.rows.get(case.name)
    if row is None:
        return Finding.not_checked("The keeper says nothing of the connection.", "Deploy the stack anew: make deploy")
    case.row = row
    if row.unread:
        return Finding.fault(row.unread.cause, row.unread.remedy)
    return _of_failure(case, row) or _of_rejections(case, row) or _of_taint(case, row) or _of_token(case, row)


def _of_failure(case: Case, row: Row) -> Finding | None:
    failure = row.failure
    if failure is None:
        return None
    until = "" if failure.until is None else f", which it remembers until {iso8601(failure.until)}"
    cause = f"The stack's last login has failed{until}: {failure.cause}"
    if case.is_let_in and failure.reason not in _OF_NETWORK:
        return Finding.fault(cause, f"It is mended, for the login from here went well: {sfmint('flush', case.name)}")
    known = REASONS.get(failure.reason)
    return Finding.fault(cause, failure.remedy if known is None else first_step(known))


def _of_rejections(case: Case, row: Row) -> Finding | None:
    if state_of(row, case.clock.now()) is not State.BREAKER_OPEN:
        return None
    return Finding.fault(
        f"Callers have rejected {row.reject_count} fresh tokens within ten minutes, so no more rejections are taken.",
        "Have callers send requests to the answer's instance_url, and look for what ends this user's sessions.",
    )


def _of_taint(case: Case, row: Row) -> Finding | None:
    key_id = case.key.key_id if hasattr(case, "key") else None
    if key_id is None or key_id not in row.tainted_keys:
        return None
    new = sfmint("keys", "new", case.name, "--out", "DIR")
    return Finding.fault(f"The row bars the key {key_id}, so nobody logs in with it.", f"Make a new pair: {new}")


def _of_token(case: Case, row: Row) -> Finding:
    state = state_of(row, case.clock.now())
    looked = "" if row.looked_at is None else f" The schedule looked at it at {iso8601(row.looked_at)}."
    if not row.is_served(case.clock.now()) or row.issued_at is None:
        return Finding.ok(f"It holds no token that is served ({state.value}); the next call makes one.{looked}")
    return Finding.ok(f"It holds a token, issued at {iso8601(row.issued_at)} ({state.value}).{looked}")


def address(case: Case) -> Finding:
    """Compare the login from here with the stack's own, which leaves from another address."""
    if case.row is None or case.row.unread is not None:
        return Finding.not_checked("Nothing is known of the stack's own logins.")
    if not case.is_let_in and case.refused is None:
        return Finding.not_checked("It depends on a login from here, and none has ended.")
    if case.row.failure is None and case.row.fingerprint is None:
        return Finding.not_checked(
            "The stack has neither a token nor a refusal to compare with.",
            f"Have it log in, then run doctor again: {sfmint('refresh', case.name)}",
        )
    of_stack = case.row.failure.reason if case.row.failure is not None else ""
    if case.is_let_in and of_stack in _OF_NETWORK:
        return Finding.fault(
            "Salesforce lets this machine in, and not the stack: the stack's address or way out is the cause.",
            first_step(REASONS[of_stack]),
        )
    refused = case.refused.reason.code if case.refused else ""
    if refused in _OF_NETWORK and not of_stack and case.row.fingerprint:
        return Finding.ok("Only this machine is kept out: the stack logs in from its own address.")
    return Finding.ok("This machine's address and the stack's make no difference.")


def broker(case: Case) -> Finding:
    """Ask the broker, through the connection's alias, whether it can read the secret, and how many logins it has left."""
    said = ask(case.account.functions(), f"{case.stack.broker}:{case.name}", {"action": "status"}, whose="broker")
    credentials, budget = said.get("credentials"), said.get("budget")
    if isinstance(credentials, dict) and "error" in credentials:
        told = Failed.told(_text(credentials["error"]), _text(credentials.get("message")))
        return Finding.fault(f"The stack cannot use the secret: {told.cause}", told.remedy)
    build = build_of(said.get("build"))
    if case.stack.build and build != case.stack.build:
        return Finding.fault(
            f"The alias {case.name} runs the build {build or 'of a plain deploy'}, and the stack was deployed as"
            f" {case.stack.build}.",
            "Deploy the stack again, which moves every alias: make deploy",
        )
    return _of_budget(budget) if isinstance(budget, dict) else Finding.ok("It can use the secret.")


def _of_budget(budget: Facts) -> Finding:
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
