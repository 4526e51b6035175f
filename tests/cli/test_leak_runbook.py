"""SECURITY.md, "If a key leaked": its commands in its order, on an org that takes and refuses keys as Salesforce does."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import CommandLine, Ended
from cli.conftest import Account
from cli.fake_keeper import FakeKeeper
from org_fixture import Customer
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint.salesforce.connection import parse_connection
from sfmint_cli.login_attempt import Trial
from sfmint_cli.result import Failed
from sfmint_cli.vocabulary import OF_OPTIONS
from sfmint_values.secret import Secret

PAGE = Path(__file__).parents[2] / "SECURITY.md"
ORDER = ["keys new", "connection add", "taint", "refresh"]


@dataclass
class KeeperAtAnOrg(FakeKeeper):
    """A keeper that logs in at the embedded org with what the secret says, as the stack's would."""

    customer: Customer | None = None

    def __call__(self, arn: str, event: dict[str, Any]) -> Any:
        stage = {"try": "SFMINT_TRY", "refresh": "AWSCURRENT"}.get(event["action"])
        refused = None if stage is None else self._refused(stage)
        return refused or super().__call__(arn, event)

    def _refused(self, stage: str) -> dict[str, str] | None:
        assert self.customer is not None
        found = self.secrets.get_secret_value(SecretId="sfmint/acme/my-org", VersionStage=stage)
        listed = frozenset({self.customer.control.url.removeprefix("https://")})
        connection = parse_connection("my-org", found["SecretString"], listed)
        key = load_signing_key(connection.pem(), connection.passphrase, connection.certificate)
        if key.key_id in connection.tainted_keys:
            return {"errorType": "InvalidCredentials", "errorMessage": "The key is tainted. Store another."}
        trial = Trial(
            connection=connection,
            key=key,
            listed=listed,
            ca_bundle=self.customer.control.ca,
            proxy=None,
            vocabulary=OF_OPTIONS,
        )
        try:
            trial.run(show=False)
        except Failed as failed:
            return {"errorType": failed.name, "errorMessage": str(failed)}
        return None


def commands() -> list[list[str]]:
    """Return the commands of the section, in its order."""
    section = PAGE.read_text().partition("## If a key leaked")[2].partition("\n## ")[0]
    return [shlex.split(line) for line in re.findall(r"^ {7}(sfmint .+)$", section, re.MULTILINE)]


@pytest.fixture
def leaked(account: Account, customer: Customer) -> str:
    """Store the connection's secret with the key that leaks, and return the key's id."""
    account.functions.broker = KeeperAtAnOrg(account.secrets, customer=customer)
    account.cloud_formation.deploy("acme", "my-org", token_hosts=customer.control.url.removeprefix("https://"))
    account.secrets.create_secret(Name="sfmint/acme/my-org", SecretString=json.dumps(customer.secret()))
    return load_signing_key(Secret(customer.key_pair.pem), None, None).key_id


@pytest.fixture
def run(sfmint: CommandLine, customer: Customer, leaked: str, tmp_path: Path) -> Any:
    """Run a command of the page with the values of this test."""
    stand_for = {
        "orders": "my-org",
        "KEY_ID": leaked,
        "KEY": customer.app.consumer_key,
        "USER": customer.username,
        "URL": customer.control.url,
    }

    def call(words: list[str]) -> Ended:
        filled = [
            stand_for.get(word, word).replace("~", str(tmp_path)).replace("/orders.", "/my-org.") for word in words
        ]
        ended = sfmint(*filled[1:])
        if "new" in words:
            sfmint.keys.add((tmp_path / "new-keys/my-org.key").read_text())
        return ended

    return call


def test_the_commands_stand_in_the_order_in_which_they_are_safe() -> None:
    assert [" ".join(words[1:3]) if words[1] in {"keys", "connection"} else words[1] for words in commands()] == ORDER


def test_the_runbook_ends_with_callers_served_by_a_new_key_and_the_old_one_barred(
    run: Any, sfmint: CommandLine, account: Account, customer: Customer, leaked: str, tmp_path: Path
) -> None:
    make, add, taint, refresh = commands()
    assert run(make).code == 0
    early = run(add)
    assert early.code == 1, "the certificate is not replaced yet"
    assert "Nothing was replaced" in early.cause
    assert json.loads(account.secret())["private_key"] == customer.key_pair.pem

    customer.control.set_certificate(customer.app.consumer_key, (tmp_path / "new-keys/my-org.crt").read_text())
    customer.control.end_sessions(username=customer.username)
    assert run(add).code == 0

    barred = run(taint)
    assert (barred.code, re.search(r"^known +yes$", barred.stdout, re.MULTILINE) is not None) == (0, True)
    assert run(refresh).code == 0
    stored = json.loads(account.secret())
    assert stored["private_key"] == (tmp_path / "new-keys/my-org.key").read_text()
    assert stored["tainted_keys"] == [leaked]
    assert sfmint("connection", "add", "my-org", "--rollback", "--json").document["error"]["name"] == "KeyTainted"


def test_a_key_that_is_tainted_first_takes_callers_down_until_another_is_stored(
    run: Any, account: Account, leaked: str
) -> None:
    _, _, taint, refresh = commands()
    ended = run(taint)
    assert "next: the secret still holds this key" in ended.stderr
    assert run(refresh).code == 1
    assert json.loads(account.secret())["tainted_keys"] == [leaked]
