"""The table of rights in docs/cli.md is what the commands ask of AWS: no more and no less, and on those resources."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient

import cli_page
from cli.command_line import CommandLine, options
from cli.conftest import Account
from cli.empty_org import Create, Empty
from cli.fake_rotation import CANCELLING, beside_the_keeper
from cli.patient import SECRET_ID, Patient, make_prober, patient, with_salesforce
from kms_service import KmsService
from lambda_service import ACCOUNT, REGION, alias_arn, parameter_arn
from sfmint_cli.aws_rights import RIGHTS

if TYPE_CHECKING:
    from conftest import KeyPair

__all__ = ["patient", "with_salesforce"]

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/acme-get-token-my-org-{REGION}"
ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}
MINE = {"OTHER": "team/key", "STACK": "acme", "NAME": "my-org", "REGION": REGION, "ACCOUNT": ACCOUNT}


def arn_of(operation: str, given: dict[str, Any]) -> str:
    """Return the resource that a request is about."""
    match given:
        case {"StackName": name}:
            return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/id"
        case {"logGroupName": name}:
            return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"
        case {"FunctionName": arn}:
            return f"{arn}:{given['Qualifier']}" if "Qualifier" in given else str(arn)
        case {"PolicySourceArn": arn} | {"PolicyArn": arn} | {"KeyId": arn}:
            return str(arn)
        case {"GroupName": group, "Name": name}:
            return f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{group}/{name}"
        case {"GroupName": name}:
            return f"arn:aws:iam::{ACCOUNT}:group/{name}"
        case {"SecretId": name} | {"Name": name} if "Secret" in operation:
            return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-a1B2c3"
        case {"Name": name}:
            return parameter_arn(name)
        case _:
            raise AssertionError((operation, given))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[tuple[str, str]]]:
    """Record what is asked of AWS: actions and resources."""
    found: set[tuple[str, str]] = set()
    ask = vars(BaseClient)["_make_api_call"]

    def call(self: Any, operation: str, given: Any) -> Any:
        action = f"{self.meta.service_model.signing_name}:{operation}"
        found.add((ACTIONS.get(action, action), arn_of(operation, given)))
        return ask(self, operation, given)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield found


@pytest.fixture
def runs(
    account: Account, kms: KmsService, key_pair: "KeyPair", key_file: Path, certificate_file: Path
) -> dict[str, list[tuple[str, ...]]]:
    """Command lines that together do all that each command can."""
    signing = kms.add(key_pair.key)
    account.cloud_formation.stacks["acme"][0].update(SecretsKeyArns=KEY, SigningKeyArns=signing)
    account.secrets.create_secret(Name="team/key", SecretString=key_file.read_text())
    account.parameters.put_parameter(Name="/sfmint/acme/connections/my-org/broker", Type="String", Value=alias_arn())
    credentials: dict[str, object] = {
        "key": key_file,
        "certificate": certificate_file,
        "consumer_key": "k",
        "username": "first",
        "token_host": "https://acme.my.salesforce.com",
        "yes": True,
    }
    beside_the_keeper(account).answer(finish=[CANCELLING], cancel=[CANCELLING])
    in_kms = {name: value for name, value in credentials.items() if name != "key"} | {"kms": signing}
    account.identities.create_group(GroupName="team")
    account.identities.attach_group_policy(GroupName="team", PolicyArn=POLICY)
    imported = {name: value for name, value in credentials.items() if name not in ("key", "certificate")}
    add = ("connection", "add", "my-org")
    return {
        "connection add": [
            (*add, *options(credentials)),
            (*add, *options(credentials | {"username": "second", "kms_key": KEY})),
            (*add, "--rollback"),
            (*add, *options(in_kms)),
            ("deleted",),
            (*add, *options(credentials | {"username": "third", "restore": True})),
        ],
        "connection import": [
            ("connection", "import", "my-org", "secret:team/key", *options(imported)),
            (
                "connection",
                "import",
                "my-org",
                str(key_file),
                *options(imported | {"username": "second", "kms_key": KEY}),
            ),
            ("deleted",),
            (
                "connection",
                "import",
                "my-org",
                str(key_file),
                *options(imported | {"username": "third", "restore": True}),
            ),
        ],
        "taint": [(*add, *options(credentials)), ("recorded",), ("taint", "my-org", "0123456789abcdef")],
        "connection allow": [
            ("connection", "allow", "my-org"),
            ("connection", "allow", "my-org", "--add", "GET /x"),
            ("connection", "allow", "my-org", "GET /y", "--yes"),
        ],
        "connection show": [(*add, *options(credentials)), ("recorded",), ("connection", "show", "my-org", "--users")],
        "connection list": [("connection", "list")],
        "connection retire": [
            (*add, *options(credentials)),
            ("recorded",),
            ("connection", "retire", "my-org", "--yes"),
            ("freed",),
            ("connection", "retire", "my-org", "--yes"),
        ],
        "rotate start": [
            (*add, *options(credentials)),
            ("recorded",),
            ("rotate", "start", "my-org", "--app", "orders"),
        ],
        "rotate status": [
            (*add, *options(credentials)),
            ("recorded",),
            ("rotate", "status", "my-org", "--certificate", str(key_file.parent / "next.crt")),
        ],
        "rotate finish": [("rotate", "finish", "my-org")],
        "rotate cancel": [("rotate", "cancel", "my-org")],
        "rotate schedule": [
            (*add, *options(credentials)),
            ("recorded",),
            ("rotate", "schedule", "my-org", "--days", "90", "--app", "orders"),
            ("rotate", "schedule", "my-org", "--off"),
        ],
        "flush": [("flush", "my-org")],
        "refresh": [("refresh", "my-org")],
        "status": [("status",), ("status", "my-org")],
        "why": [("why", "my-org")],
        "exec": [("exec", "my-org", "--", "true")],
        "token": [("token", "my-org")],
        "app metadata": [("app", "metadata", "my-org", "--out", str(key_file.parent / "app"))],
        "app show": [(*add, *options(credentials)), ("recorded",), ("app", "show", "my-org")],
        "request": [("request", "my-org", "GET", "/services/data/")],
        "assertion": [
            ("assertion", "my-org"),
            ("assertion", "--show", *options({name: value for name, value in in_kms.items() if name != "yes"})),
        ],
        "keys new": [
            ("keys", "new", "my-org", "--out", str(key_file.parent / "new")),
            ("keys", "new", "my-org", "--out", str(key_file.parent / "in-kms"), "--kms", signing),
        ],
        "keys check": [("keys", "check", str(key_file), str(certificate_file))],
        "explain": [("explain", "invalid_client")],
    }


@pytest.mark.parametrize("command", [name for name in RIGHTS if name not in {"app create", "doctor", "login"}])
def test_a_command_asks_for_what_the_table_says(
    sfmint: CommandLine,
    account: Account,
    runs: dict[str, list[tuple[str, ...]]],
    asked: set[tuple[str, str]],
    command: str,
) -> None:
    asked.clear()
    if command in {"exec", "token", "request"}:
        account.functions.answer_with({"errorType": "InternalError", "errorMessage": "Busy. Call again."})
    for words in runs[command]:
        match words:
            case ("deleted",):
                account.secrets.delete_secret(SecretId="sfmint/acme/my-org")
                asked.discard(
                    ("secretsmanager:DeleteSecret", arn_of("DeleteSecret", {"SecretId": "sfmint/acme/my-org"}))
                )
            case ("freed",):
                account.identities.detach_group_policy(GroupName="team", PolicyArn=POLICY)
                asked.discard(("iam:DetachGroupPolicy", POLICY))
            case ("recorded",):
                asked.clear()
            case _:
                sfmint(*words)
    _compare(asked, command, "my-org")


def _compare(asked: set[tuple[str, str]], command: str, connection: str) -> None:
    allowed = {(right.action, filled(right.resource, NAME=connection)) for right in RIGHTS[command]}
    assert {action for action, _ in asked} == {action for action, _ in allowed}
    for action, arn in asked:
        assert any(action == name and fnmatchcase(arn, pattern) for name, pattern in allowed), (action, arn)


def test_what_changes_an_org_asks_aws_for_what_the_table_says(
    create: Create, deployed: Account, empty: Empty, asked: set[tuple[str, str]]
) -> None:
    secret = f"sfmint/acme/{empty.name}"
    asked.clear()
    create(no_store=None)
    deployed.secrets.update_secret(SecretId=secret, SecretString="others")
    asked.discard(("secretsmanager:UpdateSecret", arn_of("UpdateSecret", {"SecretId": secret})))
    create(no_store=None)
    _compare(asked, "app create", empty.name)


def test_what_looks_at_an_app_asks_aws_for_what_the_table_says(
    create: Create, deployed: Account, empty: Empty, asked: set[tuple[str, str]], sfmint: CommandLine
) -> None:
    create(no_store=None)
    asked.clear()
    empty.give_session()
    sfmint("app", "show", empty.name, "--allow-host", empty.host, "--ca-bundle", empty.control.ca)
    _compare(asked, "app show", empty.name)


def filled(resource: str, **names: str) -> str:
    for name, value in (MINE | names).items():
        resource = resource.replace(name, value)
    return resource


def test_every_command_has_its_rights() -> None:
    groups = {"", "app", "keys", "connection", "rotate"}
    assert {" ".join(words) for words in cli_page.commands()} - groups == set(RIGHTS)


def test_a_look_at_everything_asks_aws_for_what_the_table_says(
    patient: Patient, kms: KmsService, asked: set[tuple[str, str]]
) -> None:
    signing, encrypting = kms.add(patient.customer.key_pair.key), kms.add(None)
    patient.account.cloud_formation.stacks["acme"][0].update(SecretsKeyArns=encrypting, SigningKeyArns=signing)
    patient.store(private_key=None, signer={"kms": signing})
    patient.account.secrets.update_secret(SecretId=SECRET_ID, KmsKeyId=encrypting)
    make_prober(patient)
    asked.clear()
    patient.examined("--as-role", f"arn:aws:iam::{ACCOUNT}:role/consumer")
    _compare(asked, "doctor", "my-org")


def test_a_login_with_a_key_of_kms_asks_aws_for_what_the_table_says(
    sfmint: CommandLine, kms: KmsService, key_pair: "KeyPair", certificate_file: Path, asked: set[tuple[str, str]]
) -> None:
    identity = {"consumer_key": "k", "username": "u", "token_host": "https://localhost:9"}
    sfmint("login", *options({"kms": kms.add(key_pair.key), "certificate": certificate_file, **identity}))
    _compare(asked, "login", "my-org")
