"""Connections in Secrets Manager: what is missing, what is unusable, what is refused."""

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.session import Session
from botocore.stub import Stubber

from moto_client import moto_client
from sfmint.adapters.secrets_manager import SecretsManagerCredentials
from sfmint.errors import CacheUnavailable, ConnectionNotFound, InvalidCredentials, SfmintError
from sfmint.salesforce.connection import Stage
from sfmint_testing.fakes import FakeClock
from time_for_aws import repeats_by

SECRET_ID = "sfmint/acme/orders"
MANY = 20  # more than there is time for
GOOD = {
    "consumer_key": "3MVG9EXAMPLE",
    "username": "integration@acme.example",
    "token_host": "https://acme.my.salesforce.com",
    "private_key": "the-private-key",
}


@pytest.fixture
def client(aws: Session) -> Any:
    return moto_client(aws, "secretsmanager")


@pytest.fixture
def credentials(client: Any) -> SecretsManagerCredentials:
    return SecretsManagerCredentials(client, "acme", frozenset(), repeats_by(FakeClock()))


def test_a_good_secret_becomes_the_connection(client: Any, credentials: SecretsManagerCredentials) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    connection = credentials.load("orders")
    assert (connection.name, connection.username) == ("orders", "integration@acme.example")
    assert connection.pem().reveal() == "the-private-key"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_secret_that_is_stored_as_octets_is_read_as_the_text_they_are(
    client: Any, credentials: SecretsManagerCredentials, encoding: str
) -> None:
    client.create_secret(Name=SECRET_ID, SecretBinary=json.dumps(GOOD | {"username": "zo\xeb"}).encode(encoding))
    assert credentials.load("orders").username == "zo\xeb"


def test_octets_that_are_no_text_are_refused(client: Any, credentials: SecretsManagerCredentials) -> None:
    client.create_secret(Name=SECRET_ID, SecretBinary=b"\xfe\xed\xfe\xedthe-private-key")
    with pytest.raises(InvalidCredentials, match="is binary, and neither UTF-8 nor UTF-16") as raised:
        credentials.load("orders")
    assert "the-private-key" not in repr((raised.value, raised.value.__cause__))


def test_every_load_reads_the_secret_anew(client: Any, credentials: SecretsManagerCredentials) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    credentials.load("orders")
    client.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(GOOD | {"username": "new@acme.example"}))
    assert credentials.load("orders").username == "new@acme.example"


def test_a_pending_version_is_not_read(client: Any, credentials: SecretsManagerCredentials) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    pending = json.dumps(GOOD | {"username": "pending@acme.example"})
    client.put_secret_value(SecretId=SECRET_ID, SecretString=pending, VersionStages=["AWSPENDING"])
    assert credentials.load("orders").username == "integration@acme.example"


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ({"private_key": "the-next-key"}, True),
        ({"private_key": "the-next-key", "username": "else@acme.example"}, False),
        ({"private_key": "the-next-key", "token_host": "https://else.my.salesforce.com"}, False),
        ({"token_host": "no host"}, False),
    ],
)
def test_what_a_rotation_has_made_ready_is_given_if_it_is_the_same_user_s(
    client: Any, credentials: SecretsManagerCredentials, changes: dict[str, str], *, given: bool
) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    client.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(GOOD | changes), VersionStages=["AWSPENDING"])
    pending = credentials.pending(credentials.load("orders"))
    assert (pending is not None and pending.pem().reveal() == "the-next-key") is given


def test_without_a_rotation_nothing_is_ready(client: Any, credentials: SecretsManagerCredentials) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    assert credentials.pending(credentials.load("orders")) is None


NOW = 1_764_316_800
IN_GRACE = "SFMINT_UNTIL_1764318600"


def replace_key(client: Any, label: str = IN_GRACE, **former: str) -> None:
    """Store what a finished rotation leaves behind: the key before has a label of its own."""
    version = client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD | former))["VersionId"]
    client.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(GOOD | {"private_key": "the-next-key"}))
    client.update_secret_version_stage(SecretId=SECRET_ID, VersionStage=label, MoveToVersionId=version)


@pytest.mark.parametrize(
    ("former", "given"),
    [
        ({}, True),
        ({"consumer_key": "3MVG9ANOTHERAPP"}, True),
        ({"username": "else@acme.example"}, False),
        ({"token_host": "https://else.my.salesforce.com"}, False),
        ({"token_host": "no host"}, False),
    ],
)
def test_what_a_rotation_has_replaced_is_given_if_it_is_the_same_user_s(
    client: Any, credentials: SecretsManagerCredentials, former: dict[str, str], *, given: bool
) -> None:
    replace_key(client, **former)
    previous = credentials.previous(credentials.load("orders"), NOW)
    assert (previous is not None and previous.pem().reveal() == "the-private-key") is given


@pytest.mark.parametrize(
    "label", ["SFMINT_UNTIL_1764316800", "SFMINT_UNTIL_1764320401", "SFMINT_UNTIL_x", "SFMINT_TRY"]
)
def test_what_was_replaced_is_given_by_a_label_that_holds_and_by_no_other(
    client: Any, credentials: SecretsManagerCredentials, label: str
) -> None:
    replace_key(client, label)
    assert credentials.previous(credentials.load("orders"), NOW) is None


def test_a_label_on_a_version_before_the_last_gives_nothing(
    client: Any, credentials: SecretsManagerCredentials
) -> None:
    replace_key(client)
    client.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(GOOD | {"private_key": "an-edit"}))
    assert credentials.previous(credentials.load("orders"), NOW) is None


def test_without_a_previous_version_nothing_was_replaced(client: Any, credentials: SecretsManagerCredentials) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    assert credentials.previous(credentials.load("orders"), NOW) is None


@pytest.mark.parametrize("staged", [{"username": "tried@acme.example"}, None])
@pytest.mark.parametrize("others", [["AWSPENDING"], ["AWSPENDING", "SFMINT_TRY_2"], []])
def test_what_is_staged_to_be_tried_is_read_and_nothing_in_its_place(
    client: Any, credentials: SecretsManagerCredentials, others: list[str], staged: dict[str, str] | None
) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    if others:
        pending = json.dumps(GOOD | {"username": "pending@acme.example"})
        client.put_secret_value(SecretId=SECRET_ID, SecretString=pending, VersionStages=others)
    if staged is None:
        with pytest.raises(ConnectionNotFound, match=r"no version that is staged SFMINT_TRY.*connection add orders"):
            credentials.staged("orders", "SFMINT_TRY")
    else:
        client.put_secret_value(
            SecretId=SECRET_ID, SecretString=json.dumps(GOOD | staged), VersionStages=["SFMINT_TRY"]
        )
        assert credentials.staged("orders", "SFMINT_TRY").username == "tried@acme.example"
        assert credentials.load("orders").username == "integration@acme.example"


@pytest.mark.parametrize("exists", [False, True])
def test_an_empty_version_to_be_tried_is_none(
    client: Any, credentials: SecretsManagerCredentials, *, exists: bool
) -> None:
    if exists:
        client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
        client.put_secret_value(SecretId=SECRET_ID, SecretString="{}", VersionStages=["SFMINT_TRY"])
    with pytest.raises(ConnectionNotFound, match="no version that is staged SFMINT_TRY"):
        credentials.staged("orders", "SFMINT_TRY")


@pytest.mark.parametrize("stage", ["SFMINT_TRY", "AWSPENDING", "AWSCURRENT"])
def test_each_version_that_may_be_tried_is_read_by_its_own_label(
    client: Any, credentials: SecretsManagerCredentials, stage: Stage
) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD | {"username": "AWSCURRENT@acme.example"}))
    for other in ("SFMINT_TRY", "AWSPENDING"):
        text = json.dumps(GOOD | {"username": f"{other}@acme.example"})
        client.put_secret_value(SecretId=SECRET_ID, SecretString=text, VersionStages=[other])
    assert credentials.staged("orders", stage).username == f"{stage}@acme.example"


def test_without_a_pending_version_the_command_that_begins_a_rotation_is_told(
    client: Any, credentials: SecretsManagerCredentials
) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    with pytest.raises(ConnectionNotFound, match=r"no version that is staged AWSPENDING.*sfmint rotate start orders"):
        credentials.staged("orders", "AWSPENDING")


def test_a_secret_that_does_not_exist_is_told_with_the_command_that_creates_it(
    credentials: SecretsManagerCredentials,
) -> None:
    with pytest.raises(ConnectionNotFound, match=r"does not exist.*sfmint connection add orders --stack acme"):
        credentials.load("orders")


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"SecretString": "{}"},
        {"SecretString": "   \n"},
        {"SecretString": "\ufeff{}"},
        {"SecretBinary": b"{}"},
        {"SecretBinary": b"\xef\xbb\xbf\n"},
    ],
    ids=["no value", "{}", "blank", "mark", "binary", "binary mark"],
)
def test_a_secret_without_text_is_told_with_the_command_that_fills_it(
    client: Any, credentials: SecretsManagerCredentials, value: dict[str, Any]
) -> None:
    client.create_secret(Name=SECRET_ID, **value)
    with pytest.raises(ConnectionNotFound, match=r"or is empty.*sfmint connection add orders --stack acme"):
        credentials.load("orders")


def test_a_secret_that_is_scheduled_for_deletion_is_told_with_the_command_that_takes_it_back(
    client: Any, credentials: SecretsManagerCredentials
) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    client.delete_secret(SecretId=SECRET_ID, RecoveryWindowInDays=7)
    with pytest.raises(
        ConnectionNotFound, match=r"for deletion.*connection add orders --stack acme --restore"
    ) as raised:
        credentials.load("orders")
    assert not raised.value.retryable
    client.restore_secret(SecretId=SECRET_ID)
    assert credentials.load("orders").name == "orders"


@pytest.mark.parametrize(
    "text",
    [
        '{"private_key": "the-private-key"',
        '["the-private-key"]',
        '"the-private-key"',
        json.dumps(GOOD | {"the-private-key": "?"}),
        json.dumps(GOOD | {"audience": "the-private-key"}),
        json.dumps(GOOD | {"token_host": "https://the-private-key.example"}),
        json.dumps(GOOD | {"token_lifetime": "the-private-key"}),
        json.dumps({"private_key": "the-private-key"}),
    ],
)
def test_an_unusable_secret_is_refused_without_a_word_of_it(
    client: Any, credentials: SecretsManagerCredentials, text: str
) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=text)
    with pytest.raises(InvalidCredentials) as raised:
        credentials.load("orders")
    assert "the-private-key" not in repr((raised.value, raised.value.__cause__))


def refused(
    client: Any, credentials: SecretsManagerCredentials, code: str, said: str, status: int = 400
) -> SfmintError:
    """Return the error for a refusal by Secrets Manager, as often as it is asked."""
    stubber = Stubber(client)
    for _ in range(MANY):
        stubber.add_client_error("get_secret_value", code, f"{said} the-private-key", status)
    with stubber, pytest.raises(SfmintError, match=code) as raised:
        credentials.load("orders")
    assert "the-private-key" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize(
    ("code", "status"), [("InternalServiceError", 500), ("ThrottlingException", 400), ("ValidationException", 400)]
)
def test_a_fault_is_no_decision(client: Any, credentials: SecretsManagerCredentials, code: str, status: int) -> None:
    error = refused(client, credentials, code, "", status)
    assert isinstance(error, CacheUnavailable)
    assert not error.denied
    assert "VPC" not in error.remedy


IAM = "User: arn:aws:sts::123456789012:assumed-role/kms-team/x is not authorized to perform:"


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        (
            "AccessDeniedException",
            f"{IAM} secretsmanager:GetSecretValue on resource",
            "secretsmanager:GetSecretValue on",
        ),
        (
            "AccessDeniedException",
            "",
            f"secretsmanager:GetSecretValue on the secret {SECRET_ID} to the function's role",
        ),
        ("AccessDeniedException", "Access to KMS is not allowed", "Allow kms:Decrypt on the KMS key of the secret"),
        (
            "AccessDeniedException",
            f"{IAM} kms:Decrypt on the resource",
            f"kms:Decrypt on the KMS key of the secret {SECRET_ID}",
        ),
        ("DecryptionFailure", "Secrets Manager can't decrypt", "kms:Decrypt on the KMS key of the secret"),
        ("KMSAccessDeniedException", "", "kms:Decrypt on the KMS key of the secret"),
        ("KMSDisabledException", "", f"Enable the KMS key of the secret {SECRET_ID}"),
        ("KMSInvalidStateException", "", "Enable the KMS key of the secret"),
        ("UnrecognizedClientException", "", "role still exists"),
    ],
)
def test_a_denial_is_final_and_told_by_what_was_denied(
    client: Any, credentials: SecretsManagerCredentials, code: str, said: str, told: str
) -> None:
    error = refused(client, credentials, code, said)
    assert isinstance(error, InvalidCredentials)
    assert (error.denied, error.retryable, error.after_a_pause) == (True, False, False)
    assert told in error.remedy
    assert IAM not in str(error)


KEY_DENIALS = [
    ("AccessDeniedException", "Access to KMS is not allowed"),
    ("AccessDeniedException", f"{IAM} kms:Decrypt on the resource associated with this ciphertext"),
    ("DecryptionFailure", "Secrets Manager can't decrypt the protected secret text using the provided KMS key."),
    ("KMSAccessDeniedException", ""),
]


@pytest.mark.parametrize(("code", "said"), KEY_DENIALS)
def test_a_denied_key_of_a_customer_is_told_with_both_ways_out(
    client: Any, credentials: SecretsManagerCredentials, code: str, said: str
) -> None:
    error = refused(client, credentials, code, said)
    assert (type(error), error.denied, error.retryable) == (InvalidCredentials, True, False)
    for named in (
        f"kms:Decrypt on the KMS key of the secret {SECRET_ID} to the function's role",
        "parameter SecretsKeyArns",
        "in the key's",
        "sfmint connection add orders --stack acme --kms-key ARN",
    ):
        assert named in error.remedy


def test_silence_is_a_fault_after_some_tries(client: Any, credentials: SecretsManagerCredentials) -> None:
    sent = []

    def be_silent(**_: Any) -> None:
        sent.append("GetSecretValue")
        raise ReadTimeoutError(endpoint_url="https://secretsmanager.example")

    client.meta.events.register("before-send.secretsmanager", be_silent)
    with pytest.raises(CacheUnavailable, match="did not answer") as raised:
        credentials.load("orders")
    assert not raised.value.denied
    assert len(sent) > 2


def test_a_secret_is_parsed_once_for_as_long_as_it_says_the_same(
    client: Any, credentials: SecretsManagerCredentials
) -> None:
    client.create_secret(Name=SECRET_ID, SecretString=json.dumps(GOOD))
    first = credentials.load("orders")
    assert credentials.load("orders") is first
    client.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(GOOD | {"username": "other@acme.example"}))
    assert credentials.load("orders").username == "other@acme.example"
    client.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(GOOD | {"username": ""}))
    for _ in range(2):
        with pytest.raises(InvalidCredentials, match="username"):
            credentials.load("orders")
    client.put_secret_value(SecretId=SECRET_ID, SecretString=json.dumps(GOOD))
    assert credentials.load("orders") == first


def test_two_connections_with_the_same_secret_stay_two(client: Any, credentials: SecretsManagerCredentials) -> None:
    for name in ("orders", "billing"):
        client.create_secret(Name=f"sfmint/acme/{name}", SecretString=json.dumps(GOOD))
    assert [credentials.load(name).name for name in ("orders", "billing", "orders")] == ["orders", "billing", "orders"]
