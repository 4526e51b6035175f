"""The claims of the demo, in the order in which they are shown. Each step checks its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from stat import S_IMODE

from sfmint_local import places
from sfmint_local.demo.outcome import Shown
from sfmint_local.demo.stage import MAIN, MISFIT, RUSH, Stage, claim, equal
from sfmint_local.functions import Answer, FunctionError
from sfmint_local.key_pair import new_key_pair
from sfmint_local.leak_scan import LeakScan
from sfmint_local.nightly_accounts import deploy_nightly_accounts
from sfmint_local.secret_pieces import Secrets
from sfmint_local.state_machine import StateMachine

_AGE_S = 59.0  # the keeper leaves a token alone that is younger than a minute, and nobody should wait for that here
_CALLERS = 20
_AT_ONCE = 5
_WITHOUT_INDUSTRY = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A step of the demo.

    Attributes:
        name: what is done.
        run: does it, and checks what it shows.
        logins: how many logins it must cost at Salesforce, by the org's own count.
        refused: how many more times Salesforce must have been asked, in vain.
    """

    name: str
    run: Callable[[Stage], Shown]
    logins: int = 0
    refused: int = 0


def all_steps(stage: Stage) -> Iterator[Claim]:
    """Give every step: setting up, then the claims."""
    for step in stage.stack.steps():
        yield Claim(step.name, lambda _stage, run=step.run: Shown(run()))  # type: ignore[misc]  # bound at once
    yield Claim("the first caller", first_caller, logins=1)
    yield Claim("the same caller again", same_caller_again)
    yield Claim("a caller in a new environment", new_environment)
    yield Claim("query Account over REST", query_account)
    yield Claim(f"{_CALLERS} callers at a cold connection", rush, logins=1)
    yield Claim("the session ends in Salesforce", session_ends, logins=1)
    yield Claim("the keeper refreshes ahead", refresh_ahead, logins=1)
    yield Claim("deploy examples/nightly-accounts", deploy_example)
    yield Claim("its night: a state machine without a token", night, logins=1)
    yield Claim("a wrong key", wrong_key, refused=1)
    yield Claim("no secret where it may not be", nothing_leaks)


def first_caller(stage: Stage) -> Shown:
    """The first caller's token is minted: the key is read, an assertion signed and exchanged over TLS."""
    answer = stage.get_token(MAIN)
    equal(answer["source"], "minted", "the source")
    equal(answer["instance_url"], stage.stack.org.url, "the instance")
    claim(answer["expires_in"] > 0, "the token is not valid")
    return _shown(answer, f"token {answer['fingerprint']}, good for {answer['expires_in']} s, sealed in DynamoDB")


def same_caller_again(stage: Stage) -> Shown:
    """The next call in the same environment is answered from memory."""
    before, answer = stage.get_token(MAIN), stage.get_token(MAIN)
    equal(answer["source"], "memory", "the source")
    equal(answer["fingerprint"], before["fingerprint"], "the token")
    return _shown(answer, f"token {answer['fingerprint']}, without any request")


def new_environment(stage: Stage) -> Shown:
    """Where memory is empty, the token comes from the table."""
    before = stage.get_token(MAIN)
    stage.stack.aws.end_environments()
    answer = stage.get_token(MAIN)
    equal(answer["source"], "cache", "the source")
    equal(answer["fingerprint"], before["fingerprint"], "the token")
    return _shown(answer, f"token {answer['fingerprint']}, read and opened after all environments had ended")


def query_account(stage: Stage) -> Shown:
    """The token works."""
    answer = stage.get_token(MAIN)
    queried = stage.query(answer)
    equal(queried.status_code, 200, "the status")
    rows = queried.json()["records"]
    claim(bool(rows), "the query found no rows")
    return _shown(answer, f"{queried.json()['totalSize']} accounts, the first is {rows[0]['Name']}")


def rush(stage: Stage) -> Shown:
    """Callers who come at once to a connection without a token share one login."""
    stage.stack.org.change_settings(session_age_s=_AGE_S)
    with ThreadPoolExecutor(_CALLERS) as pool:
        answers = list(pool.map(lambda _: stage.get_token(RUSH), range(_CALLERS)))
    stage.stack.org.reset_settings()
    equal(len({answer["fingerprint"] for answer in answers}), 1, "the number of tokens")
    sources = [answer["source"] for answer in answers]
    equal(sources.count("minted"), 1, "the number of mints")
    return Shown("all have the same token, and only one of them logged in", _counted(sources))


def session_ends(stage: Stage) -> Shown:
    """A token that Salesforce no longer takes is replaced once, however many callers say so."""
    dead = stage.get_token(MAIN)
    claim(stage.stack.org.end_session(fingerprint=dead["fingerprint"]), "the org had no such session to end")
    refused = stage.query(dead)
    equal(refused.status_code, 401, "the status of a query with the ended session")
    equal(refused.json()[0]["errorCode"], "INVALID_SESSION_ID", "the error")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ask = lambda _: stage.get_token(MAIN, rejected=dead["fingerprint"])  # noqa: E731
        answers = list(pool.map(ask, range(_AT_ONCE)))
    equal(len({answer["fingerprint"] for answer in answers}), 1, "the number of new tokens")
    claim(answers[0]["fingerprint"] != dead["fingerprint"], "the dead token was served again")
    equal(stage.query(answers[0]).status_code, 200, "the status of a query with the new token")
    detail = (
        f"401 {refused.json()[0]['errorCode']}; {_AT_ONCE} callers report {dead['fingerprint']}; the query works again"
    )
    return Shown(detail, _counted([answer["source"] for answer in answers]))


def refresh_ahead(stage: Stage) -> Shown:
    """The keeper replaces a token before it ends, while the old one can still be used."""
    old = stage.get_token(RUSH)
    kept = stage.stack.functions.keeper(action="refresh", connection=RUSH.name)
    claim("access_token" not in kept, "the keeper handed out a token")
    claim(kept["fingerprint"] != old["fingerprint"], "the keeper left the old token in its place")
    equal(stage.query(old).status_code, 200, "the status of a query with the old token")
    stage.stack.aws.end_environments()
    new = stage.get_token(RUSH)
    equal((new["source"], new["fingerprint"]), ("cache", kept["fingerprint"]), "what a caller gets now")
    return _shown(new, f"{old['fingerprint']} still works, and callers already get {new['fingerprint']}")


def deploy_example(stage: Stage) -> Shown:
    """Whoever uses sfmint needs no more of it than a parameter's name and a policy's."""
    machine = deploy_nightly_accounts(stage.stack, RUSH.name)
    return Shown(f"{machine.arn.rpartition(':')[2]}; its role may send requests of {RUSH.name}, and get no token")


def night(stage: Stage) -> Shown:
    """A state machine reads and writes in Salesforce, across the end of a session, and its history holds no token."""
    before = stage.get_token(RUSH)
    for number in range(_WITHOUT_INDUSTRY):
        stage.create_account(before, Name=f"Nightly {number}", External_Id__c=f"nightly-{number}")
    claim(stage.stack.org.end_session(fingerprint=before["fingerprint"]), "the org had no such session to end")
    run = StateMachine.of_stack(stage.stack.aws, "nightly-accounts").run()
    equal(run.status, "SUCCEEDED", f"the state machine's status ({run.error} {run.cause})")
    equal(run.output, {"changed": _WITHOUT_INDUSTRY, "refused": 0}, "what it answered")
    left = stage.query(stage.get_token(RUSH), "SELECT Id FROM Account WHERE Industry = NULL").json()["totalSize"]
    equal(left, 0, "the number of accounts without an industry")
    history = "\n".join(run.history)
    claim("nightly-0" in history, "the history does not hold what the state machine worked on")
    equal(stage.stack.secrets().found_in(history.encode()), set(), "what its history tells")
    return Shown(
        f"{_WITHOUT_INDUSTRY} accounts changed, the ended session replaced on the way; "
        f"no token in the {len(run.history)} events of its history"
    )


def wrong_key(stage: Stage) -> Shown:
    """A key that is not the registered certificate's is refused with cause and remedy, and harms nobody else."""
    good = stage.get_token(MAIN)
    other = new_key_pair(MISFIT.name)
    fields = stage.stack.credentials(MISFIT.name)
    stage.stack.store_secret(
        MISFIT.name, {**fields, "private_key": other.private_key, "certificate": other.certificate}
    )
    try:
        stage.get_token(MISFIT)
    except FunctionError as error:
        equal(error.name, "AssertionRejected", "the error")
        claim(error.message.count(". ") >= 1, "the message lacks cause or remedy")
        said = error.message
    else:
        claim(False, "the wrong key got a token")  # noqa: FBT003
        raise AssertionError  # pragma: no cover - `claim` has raised
    equal(stage.get_token(MAIN)["fingerprint"], good["fingerprint"], f"the token of {MAIN.name}")
    return Shown(f"AssertionRejected: {said}")


def nothing_leaks(stage: Stage) -> Shown:
    """No log line, no event of a history, no item, parameter or setting and no file below .local holds a token, an assertion or a key."""
    stack = stage.stack
    scan = LeakScan(stack.secrets())
    _scan_can_see(stage, scan.secrets)
    scan.read_kept(stack.aws)
    scan.read_answers(stack.functions)
    scan.read_files(places.LOCAL, since=stage.began, except_in=(stack.key_folder, places.VENVS))
    claim(not scan.leaks, "; ".join(f"{leak.what} in {leak.place}" for leak in scan.leaks))
    read = {kind: count for kind, count in scan.read.items() if kind not in {"messages", "artefacts"}}  # ours alone
    claim(all(read.values()), f"something was not read: {read}")
    modes = {S_IMODE(path.stat().st_mode) for path in stack.key_folder.glob("*.key")}
    equal(modes, {0o600}, "the mode of the demo's own key files")
    equal(S_IMODE(stack.key_folder.stat().st_mode), 0o700, "the mode of their folder")
    places_read = ", ".join(f"{count:,} {kind}" for kind, count in read.items())
    return Shown(f"{len(stack.org.tokens())} tokens, all keys and any assertion looked for in {places_read}")


def _scan_can_see(stage: Stage, secrets: Secrets) -> None:
    """Check that the search finds what it looks for, where that may be: in the connection's secret and in an answer."""
    stored = stage.stack.aws.secrets.get_secret_value(SecretId=stage.stack.secret_name(MAIN.name))["SecretString"]
    equal(secrets.found_in(stored.encode()), {"a private key"}, "what the search sees in the secret")
    token = stage.get_token(MAIN)["access_token"]
    claim("an access token" in secrets.found_in(token.encode()), "the search does not see a token")


def _shown(answer: Answer, detail: str) -> Shown:
    return Shown(detail, answer["source"])


def _counted(sources: list[str]) -> str:
    return ", ".join(
        f"{sources.count(source)} {source}" for source in ("minted", "cache", "memory") if source in sources
    )
