"""The examples, deployed and used as their README says."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator

from sfmint_client import errors
from sfmint_local import places
from sfmint_local.child import bare_environment
from sfmint_local.embedded_aws import REGION
from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.env_file import EnvFile
from sfmint_local.leak_scan import Leak, LeakScan
from sfmint_local.nightly_accounts import EXAMPLE, RULES
from sfmint_local.secret_pieces import Secrets
from sfmint_local.state_machine import StateMachine

ACCOUNTS = "/services/data/v67.0/sobjects/Account"
DEFINITION = EXAMPLE / "nightly-accounts.asl.json"
CREATE = f"POST {ACCOUNTS}"
READ = "GET /services/data/"


def lines_of(readme: Path) -> str:
    """Return what a reader types in the terminal that uses the local stack."""
    blocks = re.findall(r"```sh\n(.*?)```", readme.read_text(), re.DOTALL)
    return str(next(block for block in blocks if block.startswith("source .local/env\ncd ")))


def type_lines(lines: str, folder: Path) -> str:
    """Type lines into a shell, and return what it prints; any line that fails fails the test."""
    environment = bare_environment(SAM_CLI_TELEMETRY="0", AWS_CONFIG_FILE="/dev/null", TMPDIR=str(folder))
    done = subprocess.run(
        ["/bin/bash", "-e"], input=lines, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(stack: EmbeddedStack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the working tree as `make local` leaves it for a second terminal."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copytree(places.EXAMPLES, tree / "examples", ignore=shutil.ignore_patterns(".aws-sam"))
    (tree / ".local").mkdir()
    EnvFile(tree / ".local/env").write(stack.environment())
    return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Nightly:
    """The example, deployed for a connection of its own."""

    stack: EmbeddedStack
    connection: str
    machine: StateMachine

    def allow(self, *rules: str) -> None:
        """Let the connection's requests do something else, at once."""
        self.stack.allow(self.connection, *rules)
        self.stack.aws.end_environments()  # they would remember the rules for a minute

    def make_account(self) -> str:
        """Make an Account without an industry, and return its external id."""
        name = f"by night {uuid4()}"
        fields = {"Name": name, "External_Id__c": name}
        self.stack.functions.request(self.connection, method="POST", path=ACCOUNTS, body=fields)
        return name

    def industry(self, external_id: str) -> object:
        path = f"{ACCOUNTS}/External_Id__c/{quote(external_id)}"
        return self.stack.functions.request(self.connection, method="GET", path=path)["body"]["Industry"]

    def token(self) -> str:
        return str(self.stack.functions.broker(self.connection)["access_token"])

    def seen_in_histories(self, text: str) -> set[Leak]:
        """Return the state machines in whose histories a text stands."""
        scan = LeakScan(Secrets.split(tokens=[text]))
        scan.read_histories(self.stack.aws)
        return scan.leaks


def speak_of(connection: str, example: Path) -> str:
    """Name another connection in an example, and return what its README has a reader type."""
    for file in (example / "samconfig.toml", example / "README.md"):
        file.write_text(re.sub(r"\borders\b", connection, file.read_text()))
    return lines_of(example / "README.md")


def test_the_readme_has_a_reader_type_the_lines_of_the_example() -> None:
    assert lines_of(places.ROOT / "README.md") == lines_of(places.EXAMPLES / "accounts-lambda/README.md")


def test_a_reader_of_the_readme_queries_accounts_from_a_function_of_their_own(
    stack: EmbeddedStack, tree: Path, connection: str
) -> None:
    lines = speak_of(connection, tree / "examples/accounts-lambda")
    assert len(lines.splitlines()) < 10
    try:
        printed = type_lines(lines, tree)
    finally:
        stack.aws.cloudformation.delete_stack(StackName="accounts-lambda")

    names = json.loads(printed.splitlines()[-1])
    assert len(names) == 5
    assert all(isinstance(name, str) and name for name in names)
    assert stack.org.counters().by_user[f"{connection}@sfmint.example"].granted == 1


# --- examples/nightly-accounts


@pytest.fixture(scope="module")
def nightly(stack: EmbeddedStack, tree: Path, spare_names: Iterator[str]) -> Iterator[Nightly]:
    """The example, deployed as its README says for a connection that nobody else uses."""
    connection = next(spare_names)
    stack.connect(LocalConnection(connection))
    example = tree / "examples/nightly-accounts"
    try:
        printed = type_lines(speak_of(connection, example), tree)
        assert json.loads(printed.splitlines()[-1]).keys() == {"changed", "refused"}
        yield Nightly(stack=stack, connection=connection, machine=StateMachine.of_stack(stack.aws, "nightly-accounts"))
    finally:
        stack.aws.cloudformation.delete_stack(StackName="nightly-accounts")


def test_the_rules_of_its_readme_are_those_of_the_demo() -> None:
    allow = next(line for line in lines_of(EXAMPLE / "README.md").splitlines() if " allow " in line)
    assert tuple(word for word in shlex.split(allow)[4:] if not word.startswith("--")) == RULES


def test_by_night_a_state_machine_changes_what_it_shall_and_its_history_holds_no_token(nightly: Nightly) -> None:
    nightly.allow(*RULES, READ, CREATE)
    made = [nightly.make_account() for _ in range(3)]

    run = nightly.machine.run()

    assert (run.status, run.error, run.cause) == ("SUCCEEDED", "", "")
    assert run.output["changed"] >= len(made)  # other tests make accounts too
    assert run.output["refused"] == 0
    assert {nightly.industry(account) for account in made} == {"Other"}
    assert nightly.seen_in_histories(made[0]) != set()
    assert nightly.seen_in_histories(nightly.token()) == set()


def test_a_night_that_may_not_write_ends_with_cause_and_remedy(nightly: Nightly) -> None:
    nightly.allow(CREATE)
    account = nightly.make_account()
    nightly.allow(READ)

    run = nightly.machine.run()

    assert (run.status, run.error) == ("FAILED", "RequestNotAllowed")
    assert "allow-list" in run.cause
    assert "operator" in run.cause
    assert nightly.industry(account) is None


def test_its_role_may_send_one_connections_requests_and_nothing_else(nightly: Nightly) -> None:
    iam, machines = nightly.stack.aws.iam, nightly.stack.aws.state_machines
    role = machines.describe_state_machine(stateMachineArn=nightly.machine.arn)["roleArn"].rpartition("/")[2]
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]

    assert [policy["PolicyName"] for policy in attached] == [f"sfmint-request-{nightly.connection}-{REGION}"]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []


def test_it_runs_every_night(nightly: Nightly) -> None:
    schedules = nightly.stack.aws.scheduler.list_schedules(GroupName="default")["Schedules"]
    ours = [schedule for schedule in schedules if schedule["Target"]["Arn"] == nightly.machine.arn]

    schedule = nightly.stack.aws.scheduler.get_schedule(Name=ours[0]["Name"])
    assert schedule["ScheduleExpression"] == "cron(30 2 * * ? *)"


def test_it_repeats_what_may_succeed_later_and_hands_a_person_what_will_not() -> None:
    definition = json.loads(DEFINITION.read_text())
    known = {error.__name__: error for error in errors.SfmintError.__subclasses__()}
    repeated, caught = (
        {name for entries in find(definition, key) for entry in entries for name in entry["ErrorEquals"]}
        for key in ("Retry", "Catch")
    )

    assert {name for name in repeated if not name.startswith("Lambda.")} == {
        name for name, error in known.items() if error.retryable
    }
    assert all(not known[name].retryable for name in caught)


def test_its_requests_are_events_that_salesforce_request_takes() -> None:
    schema = json.loads((places.ROOT / "events/salesforce_request.event.schema.json").read_text())
    for payload in find(json.loads(DEFINITION.read_text()), "Payload"):
        computed = payload["path"].startswith("{%")
        event = payload | {"path": f"{ACCOUNTS}/External_Id__c/A-0001"} if computed else payload
        Draft202012Validator(schema).validate(event)


def find(value: object, key: str) -> Iterator[Any]:
    """Give everything that stands under a key, however deep."""
    match value:
        case dict():
            yield from (value[key],) if key in value else ()
            yield from (found for inner in value.values() for found in find(inner, key))
        case list():
            yield from (found for inner in value for found in find(inner, key))
        case _:
            pass
