"""The ports of a rotation over AWS: what stands in for AWS in the tests, and the adapters on moto, do the same."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.session import Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from key_rotation.adapters.notes import ParameterNotes
from key_rotation.adapters.secrets import SecretsManagerSecrets
from key_rotation.errors import RotationRefused
from key_rotation.note import Note
from key_rotation.ports import Notes, Secrets, StageMovedError
from key_rotation.versions import CURRENT, NEXT, PENDING
from moto_client import moto_client
from sfmint.errors import CacheUnavailable, ConnectionNotFound
from sfmint_testing.rotation.account import FakeNotes, FakeSecrets
from sfmint_values.secret import Secret

STACK, NAME = "acme", "orders"
FOLDER = f"/sfmint/{STACK}/rotations/{NAME}"
FIRST, SECOND, THIRD = (str(UUID(int=number)) for number in (1, 2, 3))
NOTE = Note(rotation=SECOND, versions=(SECOND,), base=FIRST, login="0" * 16, began_at=1.0)


@dataclass
class Account:
    """What is asked, and who can do beside it what others do.

    Attributes:
        secrets: the port.
        notes: the port.
        store: makes a version that holds something the current one.
    """

    secrets: Secrets
    notes: Notes
    store: Callable[[str], None]


@dataclass
class Aws(Account):
    """The same on moto.

    Attributes:
        secrets_manager: a client of Secrets Manager.
        ssm: a client of Systems Manager.
    """

    secrets_manager: Any
    ssm: Any

    def lose_next_answer(self, client: Any, operation: str) -> None:
        """Have the next call of an operation carried out, and no answer arrive."""
        name, lost = f"after-call.{operation}", list[bool]()

        def lose(**_: object) -> None:
            if not lost:
                lost.append(True)
                raise ReadTimeoutError(endpoint_url="https://aws.example")

        client.meta.events.register_first(name, lose)


@pytest.fixture
def aws(aws_credentials: None, shared_aws_models: None) -> Iterator[Aws]:
    with mock_aws():
        session = Session()
        secrets_manager, ssm = moto_client(session, "secretsmanager"), moto_client(session, "ssm")

        def store(version: str) -> None:
            name, text = f"sfmint/{STACK}/{NAME}", json.dumps({"version": version})
            if secrets_manager.list_secrets()["SecretList"]:
                secrets_manager.put_secret_value(SecretId=name, ClientRequestToken=version, SecretString=text)
            else:
                secrets_manager.create_secret(Name=name, ClientRequestToken=version, SecretString=text)

        yield Aws(
            secrets=SecretsManagerSecrets(secrets_manager, STACK),
            notes=ParameterNotes(ssm, STACK),
            store=store,
            secrets_manager=secrets_manager,
            ssm=ssm,
        )


@pytest.fixture(params=["fakes", "adapters"])
def account(request: pytest.FixtureRequest) -> Account:
    if request.param == "adapters":
        adapters: Aws = request.getfixturevalue("aws")
        return adapters
    secrets = FakeSecrets()

    def store(version: str) -> None:
        secrets.store(version, {"version": version})

    return Account(secrets=secrets, notes=FakeNotes(), store=store)


# --- the secret ---


def test_a_version_is_written_once_and_then_stays(account: Account) -> None:
    account.store(FIRST)
    assert account.secrets.text(NAME, SECOND) is None
    for text in ("first", "first", "second"):
        account.secrets.put(NAME, SECOND, Secret(text))
    found = account.secrets.text(NAME, SECOND)
    assert found is not None
    assert found.reveal() == "first"
    assert account.secrets.describe(NAME).at(NEXT) == SECOND
    assert account.secrets.describe(NAME).at(CURRENT) == FIRST


def test_a_label_is_put_on_and_taken_off(account: Account) -> None:
    account.store(FIRST)
    account.secrets.put(NAME, SECOND, Secret("new"))
    for _ in range(2):
        account.secrets.move(NAME, PENDING, to=SECOND, off=None)
        assert account.secrets.describe(NAME).at(PENDING) == SECOND
    for _ in range(2):
        account.secrets.move(NAME, PENDING, to=None, off=SECOND)
        assert account.secrets.describe(NAME).at(PENDING) is None


def test_the_current_version_changes_and_the_one_before_is_known(account: Account) -> None:
    account.store(FIRST)
    account.secrets.put(NAME, SECOND, Secret("new"))
    for _ in range(2):
        account.secrets.move(NAME, CURRENT, to=SECOND, off=FIRST)
    versions = account.secrets.describe(NAME)
    assert versions.at(CURRENT) == SECOND
    assert versions.at("AWSPREVIOUS") == FIRST


@pytest.mark.parametrize(("to", "off"), [(THIRD, FIRST), (THIRD, None), (THIRD, THIRD), (SECOND, FIRST)])
def test_a_label_that_is_elsewhere_is_left_where_it_is(account: Account, to: str, off: str | None) -> None:
    account.store(FIRST)
    account.secrets.put(NAME, THIRD, Secret("third"))
    account.store(SECOND)
    if to == SECOND:
        account.secrets.move(NAME, CURRENT, to=to, off=off)  # as wanted already
    else:
        with pytest.raises(StageMovedError):
            account.secrets.move(NAME, CURRENT, to=to, off=off)
    assert account.secrets.describe(NAME).at(CURRENT) == SECOND


def test_without_a_secret_the_error_names_the_command(aws: Aws) -> None:
    with pytest.raises(ConnectionNotFound, match="sfmint connection add orders"):
        aws.secrets.describe(NAME)
    aws.store(FIRST)
    aws.secrets_manager.delete_secret(SecretId=f"sfmint/{STACK}/{NAME}")
    with pytest.raises(ConnectionNotFound, match="--restore"):
        aws.secrets.describe(NAME)


def test_a_version_that_secrets_manager_has_staged_keeps_its_label(aws: Aws) -> None:
    aws.store(FIRST)
    aws.secrets.put(NAME, SECOND, Secret("new"))
    aws.secrets.move(NAME, PENDING, to=SECOND, off=None)
    asked: list[Any] = []
    aws.secrets_manager.meta.events.register(
        "before-parameter-build.secretsmanager.PutSecretValue", lambda params, **_: asked.append(params)
    )
    aws.secrets.put(NAME, SECOND, Secret("new"))
    aws.secrets.put(NAME, THIRD, Secret("another"))
    assert [set(each["VersionStages"]) for each in asked] == [{NEXT, PENDING}, {NEXT}]
    assert aws.secrets.describe(NAME).at(PENDING) == SECOND


@pytest.mark.parametrize("operation", ["PutSecretValue", "UpdateSecretVersionStage"])
def test_what_was_done_though_no_answer_came_is_done_once(aws: Aws, operation: str) -> None:
    def promote() -> None:
        aws.secrets.put(NAME, SECOND, Secret("new"))
        aws.secrets.move(NAME, CURRENT, to=SECOND, off=FIRST)

    aws.store(FIRST)
    aws.lose_next_answer(aws.secrets_manager, f"secrets-manager.{operation}")
    with pytest.raises(CacheUnavailable):
        promote()
    promote()
    assert aws.secrets.describe(NAME).at(CURRENT) == SECOND


def test_a_key_stands_in_no_error(aws: Aws) -> None:
    aws.store(FIRST)
    aws.lose_next_answer(aws.secrets_manager, "secrets-manager.PutSecretValue")
    with pytest.raises(CacheUnavailable) as caught:
        aws.secrets.put(NAME, SECOND, Secret("-----BEGIN PRIVATE KEY-----"))
    assert "PRIVATE" not in repr(caught.value) + repr(caught.value.__cause__)


# --- the note ---


def test_a_note_is_found_as_it_was_written(account: Account) -> None:
    assert account.notes.find(NAME) is None
    assert account.notes.put(NAME, NOTE)
    assert account.notes.find(NAME) == replace(NOTE, revision=1)


def test_of_two_who_read_the_same_revision_one_writes(account: Account) -> None:
    assert account.notes.put(NAME, NOTE)
    read = account.notes.find(NAME)
    assert read is not None
    assert [account.notes.put(NAME, replace(read, why=why)) for why in ("mine", "theirs")] == [True, False]
    after = account.notes.find(NAME)
    assert after is not None
    assert (after.why, after.revision) == ("mine", 2)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.integers(1, 12), late=st.integers(0, 12))
def test_whoever_is_late_by_however_much_changes_nothing(aws: Aws, writes: int, late: int) -> None:
    for name in _names(aws):
        aws.ssm.delete_parameter(Name=name)
    for number in range(writes):
        assert aws.notes.put(NAME, replace(NOTE, revision=number, why=f"write {number + 1}"))
    based_on = max(0, writes - late)
    written = aws.notes.put(NAME, replace(NOTE, revision=based_on, why="late"))
    assert written is (based_on == writes)
    found = aws.notes.find(NAME)
    assert found is not None
    assert found.why == ("late" if written else f"write {writes}")
    assert len(_names(aws)) <= 10  # what counts no more is deleted


def _names(aws: Aws) -> list[str]:
    return [each["Name"] for each in aws.ssm.get_parameters_by_path(Path=FOLDER, MaxResults=10)["Parameters"]]


def test_a_note_that_was_written_though_no_answer_came_is_there(aws: Aws) -> None:
    aws.lose_next_answer(aws.ssm, "ssm.PutParameter")
    with pytest.raises(CacheUnavailable):
        aws.notes.put(NAME, NOTE)
    assert not aws.notes.put(NAME, NOTE)
    assert aws.notes.find(NAME) == replace(NOTE, revision=1)


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '{"rotation": 1', "x" * 4000, '{"decision": "maybe"}', '{"began_at": 1}', "[" * 2000]
)
def test_a_note_that_cannot_be_read_is_shown_and_left_alone(aws: Aws, text: str) -> None:
    aws.notes.put(NAME, NOTE)
    name = f"{FOLDER}/0000000002"
    aws.ssm.put_parameter(Name=name, Value=text, Type="String")
    with pytest.raises(RotationRefused) as caught:
        aws.notes.find(NAME)
    assert name in caught.value.cause
    assert f"delete-parameter --name {name}" in caught.value.remedy
    assert not aws.notes.put(NAME, replace(NOTE, revision=1))
    assert aws.ssm.get_parameter(Name=name)["Parameter"]["Value"] == text
    aws.ssm.delete_parameter(Name=name)
    assert aws.notes.find(NAME) == replace(NOTE, revision=1)


def test_what_somebody_else_keeps_in_the_folder_is_no_note(aws: Aws) -> None:
    for name in ("notes", "7", "00000000007", "000000000x"):
        aws.ssm.put_parameter(Name=f"{FOLDER}/{name}", Value="theirs", Type="String")
    assert aws.notes.find(NAME) is None
    assert aws.notes.put(NAME, NOTE)
    assert aws.notes.find(NAME) == replace(NOTE, revision=1)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(letter=st.sampled_from(["x", '"', "é", "鍵", "🔑"]), length=st.integers(0, 3000), versions=st.integers(1, 20))
def test_whatever_somebody_said_fits_into_a_parameter(aws: Aws, letter: str, length: int, versions: int) -> None:
    for name in _names(aws):
        aws.ssm.delete_parameter(Name=name)
    said = letter * length
    note = replace(NOTE, why=said, reason=said, versions=tuple(str(UUID(int=each)) for each in range(versions)))
    assert aws.notes.put(NAME, note)
    (kept,) = aws.ssm.get_parameters_by_path(Path=FOLDER)["Parameters"]
    assert len(kept["Value"]) <= 4096
    found = aws.notes.find(NAME)
    assert found is not None
    assert said.startswith(found.why)
    assert said.startswith(found.reason)
    assert replace(found, why="", reason="") == replace(note, why="", reason="", revision=1)


# --- the certificate ---


def test_a_certificate_is_published_replaced_and_withdrawn(account: Account) -> None:
    assert account.notes.published(NAME) is None
    account.notes.withdraw(NAME)
    for certificate in ("one", "two"):
        account.notes.publish(NAME, certificate)
        assert account.notes.published(NAME) == certificate
    account.notes.withdraw(NAME)
    assert account.notes.published(NAME) is None


def test_all_that_is_kept_is_a_plain_string_of_the_standard_tier(aws: Aws) -> None:
    aws.notes.put(NAME, NOTE)
    aws.notes.publish(NAME, "certificate")
    kept = aws.ssm.describe_parameters()["Parameters"]
    assert {(each["Type"], each["Tier"]) for each in kept} == {("String", "Standard")}
    assert {each["Name"] for each in kept} == {
        f"{FOLDER}/0000000001",
        f"/sfmint/{STACK}/connections/{NAME}/next-certificate",
    }


@pytest.mark.parametrize(
    "ask",
    [
        lambda aws: aws.notes.find(NAME),
        lambda aws: aws.notes.put(NAME, NOTE),
        lambda aws: aws.notes.published(NAME),
        lambda aws: aws.notes.publish(NAME, "certificate"),
        lambda aws: aws.notes.withdraw(NAME),
        lambda aws: aws.secrets.describe(NAME),
        lambda aws: aws.secrets.text(NAME, FIRST),
        lambda aws: aws.secrets.put(NAME, SECOND, Secret("new")),
        lambda aws: aws.secrets.move(NAME, PENDING, to=FIRST, off=None),
    ],
    ids=["find", "put note", "published", "publish", "withdraw", "describe", "text", "put", "move"],
)
def test_what_does_not_answer_is_unavailable_in_our_words(aws: Aws, ask: Callable[[Aws], object]) -> None:
    aws.store(FIRST)

    def silent(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://aws.example")

    for client in (aws.secrets_manager, aws.ssm):
        client.meta.events.register_first("before-call", silent)
    with pytest.raises(CacheUnavailable, match="did not answer: ReadTimeoutError"):
        ask(aws)
