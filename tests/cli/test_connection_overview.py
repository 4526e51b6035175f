"""`sfmint connection list` and `show`: what there is, and who may use it, without a key."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.command_line import CommandLine, options
from cli.conftest import Account
from lambda_service import ACCOUNT, DENIED, REGION, TIMED_OUT, Refusal, alias_arn

if TYPE_CHECKING:
    from conftest import KeyPair

LIVE = {
    "fence": 3,
    "fingerprint": "0123456789abcdef",
    "key_id": "fedcba9876543210",
    "issued_at": "2020-01-01T00:00:00Z",
    "expires_at": "2999-01-01T00:00:00Z",
    "failure": None,
    "tainted_keys": [],
}
FAILURE = {"error": "AssertionRejected", "reason": "inactive_user", "message": "No.", "until": "2999-01-01T00:00:00Z"}
MY_DOMAIN = "https://acme.my.salesforce.com"
OTHER = f"arn:aws:iam::{ACCOUNT}:policy"


def add(sfmint: CommandLine, key_file: Any, certificate_file: Any, **changes: Any) -> None:
    given: dict[str, object] = {
        "key": key_file,
        "certificate": certificate_file,
        "consumer_key": "k",
        "username": "integration@acme.example",
        "token_host": MY_DOMAIN,
    }
    assert sfmint("connection", "add", "my-org", "--yes", *options(given | changes)).code == 0


def put(account: Account, connection: str = "my-org") -> None:
    account.secrets.create_secret(Name=f"sfmint/acme/{connection}", SecretString="{}")


def status(account: Account, **rows: Any) -> None:
    found = {name.replace("_", "-"): row for name, row in rows.items()}
    account.keeper.answers["status"] = {"build": "0", "connections": found}


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (LIVE, "fresh"),
        (LIVE | {"soft_expiry": "2020-01-01T00:07:00Z"}, "due"),
        (LIVE | {"expires_at": "2020-01-01T00:14:00Z"}, "expired"),
        (LIVE | {"expires_at": None, "issued_at": None}, "no token"),
        (LIVE | {"rejected": LIVE["fingerprint"]}, "no token"),
        (LIVE | {"failure": FAILURE}, "failing"),
        (LIVE | {"expires_at": None, "failure": FAILURE | {"error": "InvalidCredentials"}}, "no credentials"),
        ({"error": "CacheUnavailable", "message": "It does not answer."}, "unreadable"),
        (None, "unreadable"),
    ],
)
def test_a_connection_with_a_secret_has_the_state_of_its_row(
    sfmint: CommandLine, account: Account, row: dict[str, Any] | None, state: str
) -> None:
    put(account)
    status(account, my_org=row)
    found = sfmint("connection", "list", "--json").document["connections"]
    assert (found["my-org"]["state"], found["other-org"]["state"]) == (state, "no secret")
    assert state in sfmint("connection", "list").stdout
    if row is not None:  # the same as status says, and show
        said = timeless(sfmint("status", "my-org", "--json").document["connections"]["my-org"])
        assert timeless(sfmint("connection", "show", "my-org", "--json").document["row"]) == said
        assert timeless(found["my-org"]).items() >= said.items()


def timeless(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("age_s", "expires_in")}


def test_a_deleted_and_an_empty_secret_are_told_apart(sfmint: CommandLine, account: Account) -> None:
    put(account)
    account.secrets.delete_secret(SecretId="sfmint/acme/my-org")
    account.secrets.create_secret(Name="sfmint/acme/other-org")
    status(account, my_org=LIVE, other_org=LIVE)
    found = sfmint("connection", "list", "--json").document["connections"]
    assert [each["state"] for each in found.values()] == ["retired", "empty secret"]
    retired, empty = sfmint("connection", "list").stdout.splitlines()
    assert "secret deleted on 20" in retired
    assert "secret of 20" in empty


def test_a_line_says_why_a_login_fails_and_how_old_a_token_is(sfmint: CommandLine, account: Account) -> None:
    put(account)
    put(account, "other-org")
    status(account, my_org=LIVE | {"failure": FAILURE}, other_org=LIVE)
    stdout = sfmint("connection", "list").stdout
    assert "failing (inactive_user), key fedcba9876543210" in stdout
    assert "fresh, key fedcba9876543210, token " in stdout


def test_a_list_asks_the_keeper_once_and_reads_no_secret(
    sfmint: CommandLine, account: Account, monkeypatch: pytest.MonkeyPatch, denied: set[str]
) -> None:
    names = [f"c{number}" for number in range(60)]
    account.cloud_formation.deploy("acme", *names)
    for name in names:
        put(account, name)
    denied |= {"GetSecretValue", "BatchGetSecretValue"}
    status(account, **dict.fromkeys(names, LIVE))
    found = sfmint("connection", "list", "--json").document["connections"]
    assert list(found) == names
    assert {each["state"] for each in found.values()} == {"fresh"}
    assert account.functions.events == [{"action": "status"}]


def test_a_secret_that_aws_does_not_describe_hides_no_other(
    sfmint: CommandLine, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    status(account, my_org=LIVE, other_org=LIVE)
    put(account)
    put(account, "other-org")
    ask = vars(BaseClient)["_make_api_call"]

    def call(self: Any, operation: str, given: Any) -> Any:
        if given.get("SecretId") == "sfmint/acme/my-org":
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "no"}}, operation)
        return ask(self, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    ended = sfmint("connection", "list")
    assert (ended.code, "ThrottlingException" in ended.stderr) == (0, True)
    assert [line.split()[1] for line in ended.stdout.splitlines()] == ["fresh,", "fresh,"]


def test_who_may_not_see_secrets_still_sees_the_rows(sfmint: CommandLine, account: Account, denied: set[str]) -> None:
    denied.add("DescribeSecret")
    status(account, my_org=LIVE, other_org=LIVE | {"failure": FAILURE})
    ended = sfmint("connection", "list")
    assert ended.code == 0
    assert "it is not known which connections have one" in ended.stderr
    found = sfmint("connection", "list", "--json").document["connections"]
    assert [each["state"] for each in found.values()] == ["fresh", "failing"]


def test_a_connection_is_shown_without_its_key(
    sfmint: CommandLine, account: Account, key_file: Any, certificate_file: Any, key_pair: "KeyPair"
) -> None:
    add(sfmint, key_file, certificate_file)
    add(sfmint, key_file, certificate_file, username="second@acme.example", token_lifetime=600)
    status(account, my_org=LIVE)
    document = sfmint("connection", "show", "my-org", "--json").document
    assert document["login"]["username"] == "second@acme.example"
    assert (document["login"]["token_host"], document["login"]["token_lifetime"]) == (MY_DOMAIN, 600)
    assert set(document["secret"]["versions"]) == {"AWSCURRENT", "AWSPREVIOUS"}
    key_id = document["key"]["key_id"]
    assert {version["key_id"] for version in document["secret"]["versions"].values()} == {key_id}
    assert document["secret"]["versions"]["AWSCURRENT"]["made"].endswith("Z")
    assert document["key"]["certificate_until"].endswith("Z")
    assert document["row"]["fingerprint"] == "0123456789abcdef"
    assert document["ways_in"]["token"] == {"alias": alias_arn(), "policy": f"acme-get-token-my-org-{REGION}"}
    assert document["allow_list"] == {"set": False, "rules": ["GET /services/data/"]}
    assert document["secret"]["kms_key"] == "alias/aws/secretsmanager"


@pytest.mark.parametrize("state", ["missing", "deleted", "empty", "broken"])
def test_a_connection_whose_secret_says_nothing_is_shown_all_the_same(
    sfmint: CommandLine, account: Account, state: str
) -> None:
    if state != "missing":
        account.secrets.create_secret(Name="sfmint/acme/my-org", **({} if state == "empty" else {"SecretString": "{}"}))
    if state == "deleted":
        account.secrets.delete_secret(SecretId="sfmint/acme/my-org")
    ended = sfmint("connection", "show", "my-org", "--json")
    assert ended.code == 0
    assert ("fault" in ended.document) == (state == "broken")
    assert "login" not in ended.document


@pytest.mark.parametrize(
    ("operation", "left_out"),
    [("DescribeSecret", "login"), ("GetSecretValue", "login"), ("Invoke", "row"), ("GetParameter", "allow_list")],
)
def test_what_may_not_be_seen_is_left_out_and_said(
    sfmint: CommandLine,
    account: Account,
    key_file: Any,
    certificate_file: Any,
    denied: set[str],
    operation: str,
    left_out: str,
) -> None:
    add(sfmint, key_file, certificate_file)
    denied.add(operation)
    document = sfmint("connection", "show", "my-org", "--json").document
    assert not document.get(left_out)
    assert any(operation in sentence for sentence in document["not_seen"])


def test_an_unknown_connection_is_no_connection(sfmint: CommandLine, account: Account) -> None:
    assert sfmint("connection", "show", "nobody", "--json").document["error"]["name"] == "ConnectionNotFound"


def test_its_users_are_those_who_hold_a_policy_or_stand_in_an_aliass(sfmint: CommandLine, account: Account) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    token, requests = f"{OTHER}/acme-get-token-my-org-{REGION}", f"{OTHER}/acme-request-my-org-{REGION}"
    account.identities.create_role(RoleName="job", AssumeRolePolicyDocument=trust)
    account.identities.create_user(UserName="joe")
    account.identities.create_group(GroupName="team")
    account.identities.add_user_to_group(GroupName="team", UserName="joe")
    account.identities.attach_role_policy(RoleName="job", PolicyArn=token)
    account.identities.attach_group_policy(GroupName="team", PolicyArn=requests)
    account.identities.attach_user_policy(UserName="joe", PolicyArn=requests)
    account.functions.policies[alias_arn()] = json.dumps(
        {
            "Statement": [
                {"Sid": "partner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:role/theirs"}},
                {"Sid": "no", "Effect": "Deny", "Principal": "*"},
                {
                    "Sid": "org",
                    "Effect": "Allow",
                    "Principal": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
                },
            ]
        }
    )
    document = sfmint("connection", "show", "my-org", "--users", "--json").document
    assert document["users"]["token"] == [
        "role job",
        "arn:aws:iam::999999999999:role/theirs (statement partner of the alias's policy)",
        '* if {"StringEquals": {"aws:PrincipalOrgID": "o-1"}} (statement org of the alias\'s policy)',
    ]
    assert sorted(document["users"]["requests"]) == ["group team with joe", "user joe"]
    assert any("service control policies" in each for each in document["users_not_seen"])


@pytest.mark.parametrize("operation", ["ListEntitiesForPolicy", "GetPolicy", "GetGroup"])
def test_users_who_may_not_be_seen_are_said_and_the_others_shown(
    sfmint: CommandLine, account: Account, denied: set[str], operation: str
) -> None:
    account.identities.create_group(GroupName="team")
    account.identities.attach_group_policy(GroupName="team", PolicyArn=f"{OTHER}/acme-get-token-my-org-{REGION}")
    statement = {"Sid": "job", "Effect": "Allow", "Principal": {"AWS": "999999999999"}}
    account.functions.policies[alias_arn()] = json.dumps({"Statement": [statement]})
    denied.add(operation)
    document = sfmint("connection", "show", "my-org", "--users", "--json").document
    said = json.dumps([document["users"], document.get("not_seen")])
    assert operation in said or "team with members who may not be seen" in said
    assert len(document["users"]["token"]) == (2 if operation == "GetGroup" else 1)


@pytest.mark.parametrize("pages", [1, 3])
def test_a_policy_that_hundreds_hold_is_read_to_its_end(
    sfmint: CommandLine,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    pages: int,
) -> None:
    ask = vars(BaseClient)["_make_api_call"]

    def call(self: Any, operation: str, given: Any) -> Any:
        if operation != "ListEntitiesForPolicy":  # moto says of no page that it is not the last
            return ask(self, operation, given)
        page = int(given.get("Marker", "0"))
        roles = [{"RoleName": f"job-{page}-{number}"} for number in range(100)]
        more = {"IsTruncated": True, "Marker": str(page + 1)} if page + 1 < pages else {"IsTruncated": False}
        return {"PolicyGroups": [], "PolicyUsers": [], "PolicyRoles": roles, **more}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    users = sfmint("connection", "show", "my-org", "--users", "--json").document["users"]
    assert len(set(users["token"])) == 100 * pages


def test_an_administrators_connection_has_one_way_and_no_policy(sfmint: CommandLine, account: Account) -> None:
    parameters, outputs = account.cloud_formation.stacks["acme"]
    account.cloud_formation.stacks["acme"] = (parameters | {"AdminConnections": "admin-acme"}, outputs)
    document = sfmint("connection", "show", "admin-acme", "--users", "--json").document
    assert document["ways_in"] == {"token": {"alias": alias_arn("admin-acme"), "policy": None}}
    assert document["users"] == {"token": []}


@pytest.mark.parametrize("answer", [TIMED_OUT, DENIED, {"errorType": "CacheUnavailable", "errorMessage": "No. Wait."}])
def test_a_keeper_that_does_not_tell_hides_nothing_else(
    sfmint: CommandLine, account: Account, key_file: Any, certificate_file: Any, answer: Any
) -> None:
    add(sfmint, key_file, certificate_file)
    account.keeper.answers["status"] = answer
    document = sfmint("connection", "show", "my-org", "--json").document
    assert document["login"]["username"] == "integration@acme.example"
    assert (document["row"], len(document["not_seen"])) == (None, 1)
    ended = sfmint("connection", "list")
    assert (ended.code, "it is not known how the rows are" in ended.stderr) == (0, True)
    assert [line.split()[1] for line in ended.stdout.splitlines()] == ["unreadable,", "no"]


@pytest.mark.parametrize("code", ["DecryptionFailure", "InternalServiceError", "ThrottlingException"])
def test_a_secret_that_cannot_be_opened_hides_nothing_else(
    sfmint: CommandLine, account: Account, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    put(account)
    status(account, my_org=LIVE)
    ask = vars(BaseClient)["_make_api_call"]

    def call(self: Any, operation: str, given: Any) -> Any:
        if operation == "GetSecretValue":
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, operation)
        return ask(self, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    document = sfmint("connection", "show", "my-org", "--json").document
    assert code in document["not_seen"][0]
    assert document["row"]["state"] == "fresh"


def test_credentials_that_are_over_end_it(sfmint: CommandLine, account: Account) -> None:
    account.keeper.answers["status"] = Refusal(403, "ExpiredTokenException", "The security token is expired")
    for words in (("list",), ("show", "my-org")):
        assert sfmint("connection", *words, "--json").document["error"]["name"] == "ExpiredCredentials"
