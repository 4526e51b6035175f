"""`sfmint taint`: a leaked key stands in the secret for good, and on the row at once; nothing else changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.command_line import CommandLine, Ended, options
from cli.conftest import Account, WriteFile
from lambda_service import DENIED
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint.salesforce.connection import parse_connection
from sfmint_cli.connection_secret import ConnectionSecret
from sfmint_cli.storing_command import storing
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from conftest import KeyPair

SECRET_ID = "sfmint/acme/my-org"
LEAKED = "0123456789abcdef"
OLDER = [f"{number:016x}" for number in range(100)]

type Store = Callable[..., dict[str, Any]]
type Taint = Callable[..., Ended]


@pytest.fixture
def store(account: Account, key_pair: "KeyPair") -> Store:
    """Store a secret with changes, as its only version or the next."""

    def put(**changes: Any) -> dict[str, Any]:
        fields = {
            "consumer_key": "3MVG9.key",
            "username": "integration@acme.example",
            "token_host": "https://acme.my.salesforce.com",
            "private_key": key_pair.pem,
            "token_lifetime": 7200,
            **changes,
        }
        text = json.dumps(fields)
        if account.has_secrets():
            account.secrets.put_secret_value(SecretId=SECRET_ID, SecretString=text)
        else:
            account.secrets.create_secret(Name=SECRET_ID, SecretString=text)
        return fields

    return put


@pytest.mark.parametrize("leaked", ["AWSCURRENT", "AWSPENDING"])
def test_while_a_rotation_is_pending_it_is_the_next_step(
    sfmint: CommandLine, account: Account, store: Store, key_pair: "KeyPair", other_key_pair: "KeyPair", leaked: str
) -> None:
    fields = store()
    sfmint.keys.add(other_key_pair.pem)
    new = json.dumps({**fields, "private_key": other_key_pair.pem})
    account.secrets.put_secret_value(SecretId=SECRET_ID, SecretString=new, VersionStages=["AWSPENDING"])
    is_old = leaked == "AWSCURRENT"
    pair = key_pair if is_old else other_key_pair
    key_id = load_signing_key(Secret(pair.pem), None, None).key_id
    told = sfmint("taint", "my-org", key_id).stderr
    assert f"sfmint rotate {'finish' if is_old else 'cancel'} my-org" in told
    assert "connection add" not in told


@pytest.fixture
def taint(sfmint: CommandLine) -> Taint:
    """Run `taint my-org KEY_ID --json`; the keeper has never met the key."""

    def run(key_id: str = LEAKED, *flags: object) -> Ended:
        return sfmint("taint", "my-org", key_id, "--json", *flags)

    return run


def id_of(key_pair: "KeyPair") -> str:
    return load_signing_key(Secret(key_pair.pem), None, None).key_id


def stages(account: Account) -> dict[str, str]:
    """Return the values that the secret's stages name."""
    versions = account.secrets.describe_secret(SecretId=SECRET_ID)["VersionIdsToStages"]
    return {
        stage: account.secrets.get_secret_value(SecretId=SECRET_ID, VersionId=version)["SecretString"]
        for version, names in versions.items()
        for stage in names
    }


def test_the_secret_bars_the_key_and_keeps_all_other_fields(taint: Taint, store: Store, account: Account) -> None:
    fields = store(audience="https://login.salesforce.com")
    ended = taint()
    assert ended.code == 0
    assert json.loads(account.secret()) == fields | {"tainted_keys": [LEAKED]}
    assert parse_connection("my-org", account.secret(), frozenset()).tainted_keys == {LEAKED}
    assert (ended.document["done"], ended.document["known"]) == ("tainted", False)


def test_the_secret_is_written_before_the_keeper_bars_the_key_on_the_row(
    taint: Taint, store: Store, account: Account
) -> None:
    store()
    answer: Any = account.functions.broker

    def look(arn: str, event: Any) -> Any:
        assert LEAKED in account.secret()
        return answer(arn, event)

    account.functions.broker = look
    assert taint().document["token_dropped"] is False
    assert account.functions.events == [{"action": "taint", "connection": "my-org", "key_id": LEAKED}]


@pytest.mark.parametrize("before", [[OLDER[1]], OLDER[1], f"{OLDER[1]}, {OLDER[2]}", "", []], ids=str)
def test_the_list_keeps_what_it_had_and_its_form(taint: Taint, store: Store, account: Account, before: Any) -> None:
    fields = store(tainted_keys=before)
    was = parse_connection("my-org", json.dumps(fields), frozenset()).tainted_keys
    taint()
    assert parse_connection("my-org", account.secret(), frozenset()).tainted_keys == was | {LEAKED}
    assert type(json.loads(account.secret())["tainted_keys"]) is type(before)


def test_tainting_twice_writes_once_and_asks_the_keeper_again(taint: Taint, store: Store, account: Account) -> None:
    store()
    taint()
    before = account.secrets.describe_secret(SecretId=SECRET_ID)["VersionIdsToStages"]
    again = taint()
    assert (again.code, again.document["done"], again.document["known"]) == (0, "tainted already", True)
    assert account.secrets.describe_secret(SecretId=SECRET_ID)["VersionIdsToStages"] == before
    assert len(account.functions.events) == 2


def test_a_hundred_keys_are_the_most_and_those_may_be_tainted_again(
    taint: Taint, store: Store, account: Account
) -> None:
    store(tainted_keys=OLDER)
    before = account.secret()
    ended = taint()
    assert (ended.code, ended.document["error"]["name"]) == (1, "TooManyKeys")
    assert account.functions.events == []
    assert taint(OLDER[7]).code == 0
    assert account.secret() == before


@pytest.mark.parametrize("versions", [1, 2, 3])
def test_the_credentials_before_these_stay_the_previous_ones(
    taint: Taint, store: Store, account: Account, versions: int
) -> None:
    """Or going back one version would go back to the leaked key, without the list."""
    for number in range(versions):
        store(username=f"{number}@acme.example")
    before = stages(account)
    taint()
    after = stages(account)
    assert after.pop("AWSCURRENT") != before.pop("AWSCURRENT")
    assert after == before


@pytest.mark.parametrize(
    "key_id", ["", "leaked", LEAKED[:-1], f"{LEAKED}0", LEAKED.upper(), f"{LEAKED[:-1]}g", "AKIA", "\u0660" * 16]
)
def test_what_is_no_key_id_is_refused_before_anything_is_asked(
    taint: Taint, store: Store, account: Account, key_id: str
) -> None:
    store()
    before = account.secret()
    assert taint(key_id).code == 2
    assert account.secret() == before
    assert account.functions.events == []


def test_the_key_that_the_secret_holds_is_known_and_to_be_replaced(
    taint: Taint, sfmint: CommandLine, store: Store, key_pair: "KeyPair"
) -> None:
    store()
    assert taint(id_of(key_pair)).document["known"] is True
    ended = sfmint("taint", "my-org", id_of(key_pair))
    assert "warning: Nothing knows" not in ended.stderr
    assert "next: the secret still holds this key" in ended.stderr
    assert f"then: {storing('my-org')}\n" in ended.stderr


def test_the_key_that_the_secret_held_before_is_known(
    taint: Taint, sfmint: CommandLine, store: Store, key_pair: "KeyPair", other_key_pair: "KeyPair"
) -> None:
    sfmint.keys.add(other_key_pair.pem)
    store()
    store(private_key=other_key_pair.pem)
    assert taint(id_of(key_pair)).document["known"] is True


def test_the_key_of_a_certificate_is_known(
    taint: Taint, store: Store, certificate_file: Path, key_pair: "KeyPair", write_file: WriteFile
) -> None:
    store(private_key="no key")
    assert taint(id_of(key_pair)).document["known"] is False
    assert taint(id_of(key_pair), "--certificate", certificate_file).document["known"] is True
    assert taint(LEAKED, "--certificate", write_file("no.crt", "no certificate")).code == 1


def test_a_key_that_the_row_has_met_is_known(taint: Taint, store: Store, account: Account) -> None:
    store()
    account.functions.broker = lambda _arn, _event: {"tainted": True, "known": True, "token_dropped": True}
    document = taint().document
    assert (document["known"], document["token_dropped"]) == (True, True)


def test_a_key_that_nothing_knows_is_tainted_with_a_warning(taint: Taint, store: Store) -> None:
    store()
    ended = taint()
    assert ended.code == 0
    assert f"warning: Neither the secret nor the row knows the key {LEAKED}" in ended.stderr


def test_without_a_table_the_secret_bars_the_key_and_the_token_is_flushed(
    taint: Taint, store: Store, account: Account
) -> None:
    account.cloud_formation.stacks["acme"][0]["CacheBackend"] = "parameter-store"
    store()
    assert taint().document["token_dropped"] is True
    assert account.functions.events == [{"action": "flush", "connection": "my-org"}]
    assert LEAKED in account.secret()


def test_a_keeper_that_fails_does_not_hide_that_the_secret_bars_the_key(
    taint: Taint, store: Store, account: Account
) -> None:
    store()
    account.functions.broker = lambda _arn, _event: DENIED
    ended = taint()
    assert ended.code == 1
    assert ended.document["done"] == "tainted"
    assert ended.document["error"]["cause"].startswith("The secret bars the key, but its token may still be served: ")
    assert LEAKED in account.secret()


@pytest.mark.parametrize(
    "text", ["", "{}x", "[]", '{"a": 1, "a": 2}', '{"tainted_keys": "leaked"}', '{"tainted_keys": {}}']
)
def test_a_secret_that_cannot_be_read_is_left_as_it_is(taint: Taint, account: Account, text: str) -> None:
    account.secrets.create_secret(Name=SECRET_ID, SecretString=text or " ")
    ended = taint()
    assert (ended.code, ended.document["error"]["name"]) == (1, "SecretUnreadable")
    assert account.secret() == (text or " ")
    assert account.functions.events == []


def test_without_a_secret_there_is_nothing_to_bar_a_key_of(taint: Taint, account: Account) -> None:
    assert taint().document["error"]["name"] == "ConnectionNotFound"
    assert not account.has_secrets()


@pytest.fixture
def add(sfmint: CommandLine, key_file: Path, certificate_file: Path) -> Callable[[], Ended]:
    given = {
        "key": key_file,
        "certificate": certificate_file,
        "consumer_key": "3MVG9.key",
        "username": "other@acme.example",
        "token_host": "https://acme.my.salesforce.com",
    }
    return lambda: sfmint("connection", "add", "my-org", *options(given), "--yes", "--restore", "--json")


@pytest.mark.parametrize("tainted", [[LEAKED], f"{LEAKED}, {OLDER[3]}"], ids=str)
@pytest.mark.parametrize("deleted", [False, True])
def test_new_credentials_carry_the_list_over(
    add: Callable[[], Ended], store: Store, account: Account, tainted: Any, *, deleted: bool
) -> None:
    before = parse_connection("my-org", json.dumps(store(tainted_keys=tainted)), frozenset())
    if deleted:
        account.secrets.delete_secret(SecretId=SECRET_ID)
    assert add().code == 0
    after = parse_connection("my-org", account.secret(), frozenset())
    assert (after.username, after.tainted_keys) == ("other@acme.example", before.tainted_keys)


def test_a_tainted_key_is_not_stored_again(
    add: Callable[[], Ended], store: Store, account: Account, key_pair: "KeyPair"
) -> None:
    store(tainted_keys=[id_of(key_pair)])
    before = account.secret()
    ended = add()
    assert (ended.code, ended.document["error"]["name"]) == (1, "KeyTainted")
    assert account.secret() == before


def test_a_list_that_cannot_be_read_is_not_lost(add: Callable[[], Ended], store: Store, account: Account) -> None:
    store(tainted_keys="0123;4567")
    before = account.secret()
    assert add().document["error"]["name"] == "SecretUnreadable"
    assert account.secret() == before


def test_a_secret_of_any_other_text_is_replaced(add: Callable[[], Ended], account: Account) -> None:
    account.secrets.create_secret(Name=SECRET_ID, SecretString="to be filled in")
    assert add().code == 0
    assert "tainted_keys" not in account.secret()


STORED: list[Callable[[str], dict[str, Any]]] = [
    lambda text: {"SecretString": f"\ufeff{text}"},
    lambda text: {"SecretString": text.replace("\\n", "\n")},
    lambda text: {"SecretString": json.dumps(text)},
    lambda text: {"SecretBinary": text.encode()},
    lambda text: {"SecretBinary": text.encode("utf-16")},
]


@pytest.mark.parametrize("stored", STORED, ids=["mark", "line breaks", "JSON in JSON", "binary", "UTF-16"])
def test_a_list_is_carried_over_from_a_secret_in_every_form_that_the_broker_reads(
    add: Callable[[], Ended], store: Store, account: Account, stored: Callable[[str], dict[str, Any]]
) -> None:
    store(tainted_keys=[LEAKED])
    account.secrets.put_secret_value(SecretId=SECRET_ID, **stored(account.secret()))
    assert add().code == 0
    assert parse_connection("my-org", account.secret(), frozenset()).tainted_keys == frozenset({LEAKED})


def test_a_key_of_a_retired_connection_is_barred_on_the_row_and_its_secret_is_not_taken_back(
    taint: Taint, sfmint: CommandLine, store: Store, account: Account
) -> None:
    store()
    account.secrets.delete_secret(SecretId=SECRET_ID)
    ended = taint()
    assert (ended.code, ended.document["done"]) == (0, "the secret is scheduled for deletion")
    assert account.functions.events == [{"action": "taint", "connection": "my-org", "key_id": LEAKED}]
    assert "DeletedDate" in account.secrets.describe_secret(SecretId=SECRET_ID)
    assert (
        f"should that be taken back, at once: sfmint taint my-org {LEAKED}" in sfmint("taint", "my-org", LEAKED).stderr
    )
    account.keeper.answers["taint"] = DENIED
    assert (
        taint().document["error"]["cause"].startswith("Nobody logs in with the key, but its token may still be served")
    )


@pytest.mark.parametrize("at", [1, 2])
def test_a_key_that_a_rotation_has_replaced_meanwhile_is_not_put_back(
    taint: Taint, store: Store, account: Account, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """The taint is of the old key: to write its text over the new one would leave callers with a barred key."""
    store()
    read, reads = ConnectionSecret.read, list[str]()

    def promoted_after(self: ConnectionSecret, stage: str = "AWSCURRENT") -> str | None:
        text = read(self, stage)
        reads.append(stage)
        if reads.count("AWSCURRENT") == at and stage == "AWSCURRENT":
            store(private_key="of the rotation")
        return text

    monkeypatch.setattr(ConnectionSecret, "read", promoted_after)
    ended = taint()
    assert json.loads(account.secret())["private_key"] == "of the rotation"
    if ended.code:
        assert ended.document["error"]["name"] == "ChangedMeanwhile"
        assert taint().code == 0
    assert json.loads(account.secret())["tainted_keys"] == [LEAKED]
