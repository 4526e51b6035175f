"""docs/runbooks: what each page has a person type, typed in its order while the thing happens for which it was written."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app_create_page import ADMIN, PROGRAM
from sfmint_local import places
from sfmint_local.embedded_aws import REGION
from sfmint_local.embedded_stack import EmbeddedStack, LocalConnection
from sfmint_local.functions import FunctionError
from sfmint_local.org.setup import rights
from sfmint_local.org.values import App, Fault, User
from stack.terminal import Terminal

OTHER_ORG = "00D000000000062EAA"
USER = "integration@acme.example"
AGO_S = 700.0
PAGES = sorted((places.ROOT / "docs/runbooks").glob("*.md"))
OF_ALARMS = (  # what they have a person type depends on nothing that has to be brought about first
    "breaker-open",
    "clock-off",
    "degraded-answers",
    "errors-of-a-function",
    "keeper-silent",
    "login-budget-high",
    "logins-failing",
    "objective-burns",
    "prober-failed",
    "prober-not-refused",
    "rows-repaired",
    "throttled",
    "token-old",
)
# `aws SERVICE OPERATION --options`: each option that is no JSON is `Name=value,Name=value` or a text, as the AWS CLI has them.
AWS = """
import sys
from botocore import xform_name
from botocore.session import Session
service, operation, *words = sys.argv[1:]
given = {name.removeprefix("--"): value for name, value in zip(words[::2], words[1::2], strict=True)}
client = Session().create_client(service, region_name=given.pop("region", None))
model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation.replace("-", "_")])
members = {xform_name(name, "-"): (name, shape) for name, shape in model.input_shape.members.items()}
values = {
    members[name][0]: [dict(pair.split("=") for pair in value.split(","))] if members[name][1].type_name == "list" else value
    for name, value in given.items()
}
getattr(client, operation.replace("-", "_"))(**values)
"""


def steps(page: str) -> list[str]:
    """Return the commands of a page that stand on a line of their own, in order."""
    return re.findall(r"^(?: {7})?((?:make|sfmint|aws) .+)$", (places.ROOT / page).read_text(), re.MULTILINE)


@dataclass(kw_only=True)
class Rehearsal:
    """A page, and a person at the terminal of the local stack.

    Attributes:
        stack: the local stack.
        connection: the page's `orders`.
        page: its path from the root.
        terminal: where its commands are typed.
        typed: those that were.
    """

    stack: EmbeddedStack
    connection: str
    page: str
    terminal: Terminal
    typed: list[str] = field(default_factory=list)

    def type(self, start: str) -> str:
        """Type the next command, which begins so, and return what is printed."""
        return self.terminal.type(self._next(start))

    def is_refused(self, start: str) -> str:
        """Type the next command, which ends with a finding."""
        return self.terminal.is_refused(self.terminal.meant(self._next(start)))

    def type_or_not(self, start: str) -> str:
        """Type the next command, whose exit code speaks of other connections too."""
        return self.terminal.do(f"{self.terminal.meant(self._next(start))} || true")

    def passes_over(self, start: str) -> None:
        """Leave the next command out: make is typed by the tests of make, and the embedded AWS lacks an operation."""
        self._next(start)

    def _next(self, start: str) -> str:
        command = steps(self.page)[len(self.typed)]
        assert command.startswith(start), f"{self.page} has {command!r} next"
        self.typed.append(command)
        return command

    def callers_error(self) -> str:
        """Return the name of the error that callers get."""
        with pytest.raises(FunctionError) as raised:
            self.stack.functions.broker(self.connection)
        return raised.value.name


type Rehearse = Callable[..., Rehearsal]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """`sfmint` with a clock that does not wait for an app to arrive, and an `aws`."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name, source in (("sfmint", PROGRAM), ("aws", AWS)):
        (folder / name).write_text(f"#!{sys.executable}\n{source}")
        (folder / name).chmod(0o700)
    return folder


@pytest.fixture
def rehearse(stack: EmbeddedStack, programs: Path, tmp_path: Path) -> Iterator[Rehearse]:
    """Begin a page. At the end all of its commands have been typed, and the org is as it was."""
    begun: list[Rehearsal] = []
    stack.org.change_settings(is_sandbox=True)
    stack.org.put_user(User(username=ADMIN, profile="System Administrator"))
    stack.org.grant(ADMIN, rights.ADMINISTRATOR)
    admin = {
        "SFMINT_ADMIN_ACCESS_TOKEN": stack.org.open_session(ADMIN),
        "SFMINT_ADMIN_INSTANCE_URL": stack.org.url,
    }

    def begin(name: str, connection: str, **here: str) -> Rehearsal:
        page = f"docs/runbooks/{name}.md"
        as_admin = f"--allow-host {stack.org.url.removeprefix('https://')} --yes"
        terminal = Terminal(
            root=tmp_path,
            home=tmp_path,
            variables={**stack.environment(), **admin, "TZ": "UTC"},
            pages=(page,),
            here={
                "sfmint/sfmint/orders": f"sfmint/sfmint/{connection}",
                "orders": connection,
                **dict.fromkeys(("--org refreshed", "--org admin"), as_admin),
                **dict.fromkeys(("--region eu-central-1 connection", "--region eu-west-1 connection"), "connection"),
                "--region eu-central-1 --secret-id": f"--region {REGION} --secret-id",
                **{f"--region eu-west-1 {command}": command for command in ("refresh", "doctor", "status")},
                **here,
            },
            programs=programs,
        )
        begun.append(Rehearsal(stack=stack, connection=connection, page=page, terminal=terminal))
        return begun[-1]

    yield begin
    stack.org.clear_faults()
    stack.org.change_settings(is_sandbox=False)
    for rehearsal in begun:
        assert rehearsal.typed == steps(rehearsal.page)


def user_of(stack: EmbeddedStack, connection: str) -> str:
    return str(stack.credentials(connection)["username"])


@pytest.mark.parametrize("app_is_copied", [False, True])
def test_a_sandbox_was_refreshed(
    stack: EmbeddedStack, connection: str, rehearse: Rehearse, *, app_is_copied: bool
) -> None:
    credentials = stack.credentials(connection)
    page = rehearse("sandbox-refreshed", connection, **{f"{USER}.dev": user_of(stack, connection)})
    if app_is_copied:  # and the secret names the org that was
        stack.store_secret(connection, {**credentials, "org_id": OTHER_ORG})
    else:
        key, certificate = str(credentials["consumer_key"]), str(credentials["certificate"])
        stack.org.put_app(App(consumer_key=key, certificate=certificate, installed=False))
    failed = page.callers_error()
    assert failed in {"AssertionRejected", "InvalidCredentials"}
    assert "failing" in page.is_refused("sfmint status")
    assert "org" in page.is_refused("sfmint doctor")

    page.type("sfmint app create")

    page.type("sfmint doctor")
    page.type("sfmint token")
    assert stack.functions.broker(connection)["access_token"]


def test_a_call_was_refused_at_10_42(stack: EmbeddedStack, connection: str, rehearse: Rehearse) -> None:
    stack.functions.keeper(action="refresh", connection=connection)  # not by the broker, which would keep the token
    [row] = stack.functions.keeper(action="status", connection=connection)["connections"].values()
    fingerprint = row["fingerprint"]
    app, user = str(stack.credentials(connection)["consumer_key"]), user_of(stack, connection)
    stack.org.unapprove(app, user)
    stack.functions.keeper(action="flush", connection=connection)
    began = datetime.now(UTC)
    page = rehearse("refused-at-1042", connection, **{"10:42": f"{began:%H:%M}", "FINGERPRINT": fingerprint})
    assert page.callers_error() == "AssertionRejected"

    assert "approved" in page.type("sfmint why orders --at 10:42")
    assert "approved" in page.type("sfmint why orders --at 10:42 --utc")
    shown = page.terminal.do(f"sfmint why {connection}")
    [call] = set(re.findall(r"broker ([0-9a-f-]{36})$", shown, re.MULTILINE))
    page.terminal.here["--request-id ID"] = f"--request-id {call}"
    assert "approved" in page.type("sfmint why orders --request-id")
    assert fingerprint in page.type_or_not("sfmint why orders --fingerprint")
    page.type_or_not("sfmint doctor orders --as-role")

    stack.org.approve(app, user)
    page.type("sfmint flush")
    stack.functions.broker(connection)
    page.type("sfmint status")
    page.type_or_not("sfmint why")


def test_salesforce_is_down(
    stack: EmbeddedStack, connection: str, spare_names: Iterator[str], rehearse: Rehearse
) -> None:
    lucky = next(spare_names)
    stack.connect(LocalConnection(lucky))
    token = stack.functions.broker(lucky)["access_token"]
    page = rehearse("salesforce-down", connection)
    stack.org.add_fault(Fault(where="any", kind="status", times=None, params={"code": 503}))

    assert page.callers_error() == "SalesforceUnavailable"
    assert stack.functions.broker(lucky)["access_token"] == token
    assert re.search(rf"{connection} .*failing", page.type_or_not("sfmint status"))
    assert "Salesforce" in page.is_refused("sfmint doctor")

    stack.org.clear_faults()
    stack.functions.keeper(action="flush", connection=connection)  # as if the seconds had passed
    page.type("sfmint refresh")
    assert re.search(rf"{connection} .*fresh", page.type_or_not("sfmint status"))
    assert "Salesforce" in page.type_or_not("sfmint why")


def test_a_stack_moves_to_another_region(stack: EmbeddedStack, connection: str, rehearse: Rehearse) -> None:
    """The new region is played by the old one, save for the secret: a second stack would take minutes."""
    page = rehearse("moving-region", connection)
    page.passes_over("make deploy ENV=ireland")
    page.type("aws secretsmanager replicate-secret-to-regions")
    page.terminal.do(f"aws secretsmanager describe-secret --region eu-west-1 --secret-id sfmint/sfmint/{connection}")
    page.passes_over("aws secretsmanager stop-replication-to-replica")
    page.type("sfmint --region eu-west-1 refresh")
    page.type("sfmint --region eu-west-1 doctor")
    page.type("sfmint --region eu-central-1 connection allow")
    page.type("sfmint --region eu-west-1 connection allow")
    assert "query" in page.terminal.do(f"sfmint connection allow {connection}")
    page.type("sfmint --region eu-central-1 connection show")
    page.type("sfmint --region eu-central-1 connection retire")
    page.passes_over("make remove ENV=frankfurt")
    page.type("sfmint --region eu-west-1 connection list")
    page.type_or_not("sfmint --region eu-west-1 status")


def test_from_a_password_to_a_key(stack: EmbeddedStack, unset_connection: str, rehearse: Rehearse) -> None:
    username = f"{unset_connection}-by-password@acme.example"
    stack.org.put_user(User(username=username))
    page = rehearse("from-a-password-to-a-key", unset_connection, **{USER: username})
    (page.terminal.root / "old.env").write_text(f"SF_USERNAME={username}\nSF_PASSWORD=canary-password\n")

    page.passes_over("make deploy")
    refused = page.is_refused("sfmint connection import")
    assert "password" in refused
    assert "canary" not in refused
    page.type("sfmint app create")
    page.type("sfmint connection show")
    page.type("sfmint doctor")
    page.type("sfmint token")
    assert stack.functions.broker(unset_connection)["access_token"]


def upload(stack: EmbeddedStack, connection: str, certificate: Path) -> None:
    """Do what an administrator does in Setup: the app gets another certificate."""
    stack.org.set_certificate(str(stack.credentials(connection)["consumer_key"]), certificate.read_text())


def note(stack: EmbeddedStack, connection: str, **said: object) -> None:
    """Have the note of a rotation say something else: it is a register of revisions, of which the last one counts."""
    path = f"/sfmint/sfmint/rotations/{connection}"
    found = stack.aws.parameters.get_parameters_by_path(Path=path)["Parameters"]
    last = max(found, key=lambda each: str(each["Name"]))
    revision = int(str(last["Name"]).rpartition("/")[2]) + 1
    text = json.dumps({**json.loads(last["Value"]), "next_at": 0.0, **said})
    stack.aws.parameters.put_parameter(Name=f"{path}/{revision:010}", Value=text, Type="String")


def five_minutes_of_logins_pass(stack: EmbeddedStack, connection: str) -> None:
    note(stack, connection, logins=4, logins_since=time.time() - AGO_S)


def ten_minutes_pass(stack: EmbeddedStack, connection: str, since: str) -> None:
    note(stack, connection, **{since: time.time() - AGO_S})


def key_id(page: Rehearsal, label: str) -> str:
    """Return the id of the key in a version of the secret."""
    shown = page.terminal.do(f"sfmint --json connection show {page.connection}")
    return str(json.loads(shown)["secret"]["versions"][label]["key_id"])


def test_a_certificate_ends_soon(stack: EmbeddedStack, connection: str, rehearse: Rehearse) -> None:
    page = rehearse("certificate-ends", connection)
    before = stack.credentials(connection)["certificate"]
    page.type_or_not("sfmint doctor")
    assert "waiting" in page.type("sfmint rotate start")
    assert "External Client App Manager" in page.type("sfmint rotate status")
    new = page.terminal.root / f"{connection}-next.crt"
    assert new.read_text() != before

    upload(stack, connection, new)
    five_minutes_of_logins_pass(stack, connection)
    page.type("sfmint rotate finish")
    assert "finished" in page.type("sfmint rotate status")
    page.type("sfmint connection show")
    stack.functions.keeper(action="flush", connection=connection)
    assert stack.functions.broker(connection)["access_token"]


def test_a_rotation_is_stuck(stack: EmbeddedStack, connection: str, rehearse: Rehearse) -> None:
    page = rehearse("rotation-stuck", connection)
    page.terminal.do(f"sfmint rotate start {connection}")
    assert "has to be uploaded" in page.type("sfmint rotate status orders")
    page.type("sfmint rotate status orders --certificate")
    upload(stack, connection, page.terminal.root / f"{connection}-next.crt")
    five_minutes_of_logins_pass(stack, connection)
    page.type("sfmint rotate finish")

    ten_minutes_pass(stack, connection, since="ended_at")
    page.terminal.do(f"sfmint rotate start {connection}")
    stack.functions.rotation(action="cancel", connection=connection)
    ten_minutes_pass(stack, connection, since="decided_at")
    page.type("sfmint rotate cancel")
    ten_minutes_pass(stack, connection, since="ended_at")
    secrets = stack.aws.secrets
    secret = {"SecretId": stack.secret_name(connection)}
    foreign = secrets.put_secret_value(**secret, SecretString="{}", VersionStages=["AWSPENDING"])["VersionId"]
    assert "somebody else's" in page.terminal.is_refused(f"sfmint rotate start {connection}")
    page.type("aws secretsmanager describe-secret")
    page.terminal.here["VERSION"] = foreign
    page.type("aws secretsmanager update-secret-version-stage")
    assert "cancelled" in page.type("sfmint rotate status")
    page.type("sfmint token")
    page.type_or_not("sfmint doctor")


def test_a_key_leaks_while_a_rotation_is_pending(stack: EmbeddedStack, connection: str, rehearse: Rehearse) -> None:
    page = rehearse("key-leaked-while-rotating", connection)
    stack.functions.broker(connection)
    certificate = page.terminal.root / "next.crt"
    page.terminal.do(f"sfmint rotate start {connection}; sfmint rotate status {connection} --certificate {certificate}")
    page.type("sfmint rotate status")
    page.type("sfmint connection show")
    old = key_id(page, "AWSCURRENT")
    upload(stack, connection, certificate)
    five_minutes_of_logins_pass(stack, connection)
    page.type("sfmint rotate finish")
    page.terminal.here["KEY_ID"] = old
    page.type("sfmint taint")
    page.type("sfmint flush")
    page.type("sfmint refresh")

    ten_minutes_pass(stack, connection, since="ended_at")
    page.terminal.do(f"sfmint rotate start {connection}")
    page.terminal.here["KEY_ID"] = new = key_id(page, "AWSPENDING")
    page.type("sfmint taint")
    ten_minutes_pass(stack, connection, since="began_at")
    assert stack.functions.rotation(action="advance", connection=connection)["phase"] == "cancelling"
    ten_minutes_pass(stack, connection, since="decided_at")
    page.type("sfmint rotate cancel")
    ten_minutes_pass(stack, connection, since="ended_at")
    assert "waiting" in page.type("sfmint rotate start")
    page.type("sfmint rotate status")
    assert new in page.type("sfmint connection show")


def test_alarms_ring_while_logins_fail(stack: EmbeddedStack, connection: str, rehearse: Rehearse) -> None:
    """One fault is seen and mended with the pages of all alarms in hand; a command that several have is typed once."""
    app, user = str(stack.credentials(connection)["consumer_key"]), user_of(stack, connection)
    host = stack.org.url.removeprefix("https://")
    here = {"10:42": f"{datetime.now(UTC):%H:%M}", "GET /services/data/": f"GET /services/data/ --allow-host {host}"}
    pages = [rehearse(name, connection, **here) for name in OF_ALARMS]
    page = next(each for each in pages if each.page.endswith("/logins-failing.md"))
    stack.org.unapprove(app, user)
    assert page.callers_error() == "AssertionRejected"
    assert "failing" in page.is_refused("sfmint status")
    assert "approved" in page.is_refused("sfmint doctor")
    stack.org.approve(app, user)
    page.type("sfmint flush")
    page.type("sfmint refresh")
    page.type_or_not("sfmint status")

    typed = set(page.typed)
    for each in pages:
        for command in steps(each.page)[len(each.typed) :]:
            if command in typed or command.startswith("aws"):  # this stack has no prober
                each.passes_over(command)
            elif "status" in command:
                each.type_or_not(command)
            else:
                each.type(command)
            typed.add(command)


def test_every_page_is_rehearsed() -> None:
    source = Path(__file__).read_text()
    assert {page.stem for page in PAGES} == {*OF_ALARMS, *re.findall(r'rehearse\(\s*"([\w-]+)"', source)}
