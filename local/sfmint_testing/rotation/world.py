"""One account, one org, one connection: what a rotation lives in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from key_rotation.logins import LoggedIn, LoginRefused, LoginUnanswered, LoginUnusable, NoLogin, Tried
from key_rotation.ports import News, RotationPorts
from key_rotation.versions import CURRENT, PENDING, PREVIOUS
from sfmint.salesforce.connection import Connection, parse_connection
from sfmint.salesforce.grace import is_in_grace
from sfmint_testing.fakes import NOON
from sfmint_testing.rotation.account import (
    KEY_MARK,
    NAME,
    FakeKeys,
    FakeNotes,
    FakeSecrets,
    certificate_of,
    key_id_of,
    key_of,
)
from sfmint_testing.rotation.org import ORG_ID, FakeApp, FakeOrg, Manner


class FakeKeeper:
    """token_keeper with the broker's choice of keys."""

    def __init__(self, world: "RotationWorld") -> None:
        self._world = world
        self.row_key: str | None = None
        self.is_gone = False

    def refresh(self, connection: str, *, ahead_s: int) -> NoLogin | None:
        if self._world.org.is_down or self.is_gone:
            return LoginUnanswered("Salesforce does not answer.")
        for candidate in self._world.candidates():
            if self._world.org.log_in(candidate):
                self.row_key = key_id_of(key_of(candidate))
                return None
        return LoginRefused("Salesforce refuses each key.")

    def try_login(self, connection: str, stage: Literal["AWSCURRENT", "AWSPENDING"]) -> Tried:
        world = self._world
        if world.org.is_down or self.is_gone:
            return LoginUnanswered("Salesforce does not answer.")
        tried = world.connection_at(stage)
        if tried is None:
            return LoginUnanswered(f"There is no {stage}.")
        key_id = key_id_of(key_of(tried))
        current = world.connection_at(CURRENT)
        if key_id in tried.tainted_keys | (current.tainted_keys if current else frozenset()):
            return LoginUnusable("The key is tainted.")
        if key_id in world.denied:
            return LoginUnusable("KMS denies the key.")
        is_in = world.org.log_in(tried)
        world.tries.append((world.time, key_id, is_in))
        return LoggedIn(key_id) if is_in else LoginRefused("Salesforce refuses the key.")

    def org_of(self, connection: str) -> str | None:
        return None if self.is_gone else ORG_ID

    def minted_by(self, connection: str) -> str | None:
        return self.row_key


class FakeAnnouncer:
    """People who are told."""

    def __init__(self) -> None:
        self.told: list[News] = []
        self.is_gone = False

    def say(self, news: News) -> bool:
        if not self.is_gone:
            self.told.append(news)
        return not self.is_gone


@dataclass
class RotationWorld:
    """One account, one org, one connection, whose secret is stored.

    Attributes:
        manner: how a change of an app arrives.
        fields: of the secret, beside those that each has.
        time: epoch seconds.
        denied: ids of keys that KMS denies to whoever logs in.
        tries: each login that the keeper tried and Salesforce answered: when, which key, whether it was taken.
    """

    manner: Manner = Manner.AT_ONCE
    fields: Mapping[str, Any] = field(default_factory=lambda: {"admin_connection": "admin"})
    time: float = NOON
    denied: set[str] = field(default_factory=set)
    tries: list[tuple[float, str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.secrets, self.notes, self.keys = FakeSecrets(), FakeNotes(), FakeKeys()
        self.org, self.keeper, self.announcer = FakeOrg(self.now, self.manner), FakeKeeper(self), FakeAnnouncer()
        old = {
            "consumer_key": "3MVG9-one",
            "username": "integration@acme.example",
            "token_host": "https://acme.my.salesforce.com",
            "private_key": f"{KEY_MARK}0",
            **self.fields,
        }
        if "signer" in old:
            del old["private_key"]
            old["certificate"] = certificate_of(old["signer"]["kms"])
        self.secrets.store("version-0000000000000000000000000", old)
        self.secrets.labels.pop(PREVIOUS, None)
        certificate = certificate_of(old.get("private_key") or old["signer"]["kms"])
        self.org.apps["orders"] = FakeApp("3MVG9-one", certificate)
        if "other_app" in old:
            self.org.apps[old["other_app"]] = FakeApp(old["other_consumer_key"], certificate)
        self._parsed: dict[str, Connection] = {}

    def now(self) -> float:
        return self.time

    def ports(self) -> RotationPorts:
        """Return the ports of a run."""
        return RotationPorts(
            clock=self,
            secrets=self.secrets,
            notes=self.notes,
            keeper=self.keeper,
            keys=self.keys,
            apps=self.org,
            announcer=self.announcer,
        )

    def connection_at(self, label: str) -> Connection | None:
        """Return what the version with a label means; None: nothing that can be used."""
        text = self.secrets.texts.get(self.secrets.labels.get(label, ""))
        return None if text is None else self.parsed(text)

    def parsed(self, text: str) -> Connection:
        """Return what a version's text means."""
        if text not in self._parsed:
            self._parsed[text] = parse_connection(NAME, text, frozenset())
        return self._parsed[text]

    def candidates(self) -> list[Connection]:
        """Return what the broker tries: AWSCURRENT, then AWSPENDING, or in its place AWSPREVIOUS while in its grace."""
        current, pending = self.connection_at(CURRENT), self.connection_at(PENDING)
        previous = self.connection_at(PREVIOUS) if self._is_in_grace() else None
        found = [each for each in (current, pending or previous) if each is not None]
        tainted = frozenset[str]().union(*(each.tainted_keys for each in found))
        return [each for each in found if key_id_of(key_of(each)) not in tainted | self.denied]

    def _is_in_grace(self) -> bool:
        labels = self.secrets.labels
        return is_in_grace([each for each in labels if labels[each] == labels.get(PREVIOUS)], self.time)

    def edit(self, version: str, **changes: Any) -> None:
        """Store the current version again, with other fields."""
        self.secrets.store(version, {**self.secrets.fields(CURRENT), **changes})
