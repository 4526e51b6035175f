"""The shipped state machine, played by the emulator's own interpreter with a function that answers as a test says.

No stack is needed: the interpreter runs in a process of its own, because it lives in an environment of its own.
"""

import json
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from sfmint_client import errors
from sfmint_local import places
from sfmint_local.nightly_accounts import EXAMPLE

ERRORS = {error.__name__: error for error in errors.SfmintError.__subclasses__()}
RETRYABLE = sorted(name for name, error in ERRORS.items() if error.retryable)
OF_ONE_ACCOUNT = ["SalesforceBadRequest", "SalesforceConflict", "SalesforceNotFound", "SalesforcePartlyFailed"]
FINAL = sorted(ERRORS.keys() - set(RETRYABLE) - set(OF_ONE_ACCOUNT) - {"DiscoveryForbidden"})

# Reads a definition and what each path's last part is answered with, an error's name or nothing, and prints the end.
PLAYER = """
import json, sys, time
from ministack.services import stepfunctions as machine

time.sleep = lambda _: None
given = json.load(sys.stdin)
calls = []


def invoke(resource, arguments, *_):
    payload = arguments["Payload"]
    key = payload["path"].rpartition("/")[2]
    answers, number = given["answers"].get(key, []), calls.count(key)
    calls.append(key)
    if number < len(answers):
        said = {"errorType": answers[number], "errorMessage": "Cause. Remedy."}
        raise machine._ExecutionError(answers[number], json.dumps(said))
    records = [{"External_Id__c": name} for name in given["accounts"]]
    return {"Payload": {"body": {"records": records} if key == "query" else None}}


machine._invoke_resource = invoke
arn = "arn:aws:states:us-east-1:000000000000:stateMachine:nightly"
run = "arn:aws:states:us-east-1:000000000000:execution:nightly:1"
machine._state_machines[arn] = {"definition": given["definition"], "name": "nightly", "stateMachineArn": arn, "roleArn": "-"}
machine._executions[run] = {
    "stateMachineArn": arn, "executionArn": run, "input": "{}", "name": "1", "startDate": 0, "status": "RUNNING", "events": []
}
machine._run_execution(run)
ended = machine._executions[run]
print(json.dumps({"calls": calls, **{name: ended.get(name) for name in ("status", "output", "error", "cause")}}))
"""


@dataclass(frozen=True)
class Ended:
    """How a run ended, and which accounts were asked for, once for each sending."""

    status: str
    output: Any
    error: str | None
    cause: str | None
    calls: list[str]


def play(answers: dict[str, list[str]], accounts: tuple[str, ...] = ("A-1", "A-2", "A-3")) -> Ended:
    definition = (EXAMPLE / "nightly-accounts.asl.json").read_text().replace("${Partition}", "aws")
    given = {"definition": definition.replace("${Request}", "orders"), "answers": answers, "accounts": accounts}
    done = subprocess.run(
        [places.MINISTACK_PYTHON, "-c", PLAYER], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    ended = json.loads(done.stdout.splitlines()[-1])
    output = json.loads(ended["output"]) if ended["status"] == "SUCCEEDED" else None
    return Ended(ended["status"], output, ended["error"], ended["cause"], ended["calls"])


def test_a_quiet_night_changes_every_account() -> None:
    ended = play({})
    assert (ended.status, ended.output) == ("SUCCEEDED", {"changed": 3, "refused": 0})
    assert sorted(ended.calls) == ["A-1", "A-2", "A-3", "query"]


@pytest.mark.parametrize("name", RETRYABLE)
@pytest.mark.parametrize("place", ["query", "A-2"])
def test_what_may_succeed_later_is_sent_again_until_it_does(name: str, place: str) -> None:
    ended = play({place: [name, name]})
    assert (ended.status, ended.output) == ("SUCCEEDED", {"changed": 3, "refused": 0})
    assert ended.calls.count(place) == 3


@pytest.mark.parametrize("name", RETRYABLE)
def test_what_does_not_pass_ends_the_night_by_name(name: str) -> None:
    ended = play({"A-2": [name] * 20})
    assert (ended.status, ended.error) == ("FAILED", name)


@pytest.mark.parametrize("name", OF_ONE_ACCOUNT)
def test_an_account_that_is_refused_is_named_and_the_others_are_changed(name: str) -> None:
    ended = play({"A-2": [name]})
    assert (ended.status, ended.error) == ("FAILED", "AccountsRefused")
    told = json.loads(ended.cause or "")
    assert told == {"changed": 2, "refused": [{"account": "A-2", "error": name, "cause": "Cause. Remedy."}]}


def test_of_several_refused_accounts_none_is_lost() -> None:
    ended = play({"A-1": ["SalesforceBadRequest"], "A-3": ["SalesforceConflict"]})
    told = json.loads(ended.cause or "")
    assert {account["account"] for account in told["refused"]} == {"A-1", "A-3"}
    assert told["changed"] == 1


@pytest.mark.parametrize("name", FINAL)
@pytest.mark.parametrize("place", ["query", "A-2"])
def test_what_a_person_must_repair_ends_the_night_with_cause_and_remedy(name: str, place: str) -> None:
    ended = play({place: [name]})
    assert (ended.status, ended.error, ended.cause) == ("FAILED", name, "Cause. Remedy.")
    assert ended.calls.count(place) == 1
