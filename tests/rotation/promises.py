"""What a rotation never does, whatever happens: checked after every event."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from key_rotation.note import Decision, Note
from key_rotation.versions import CURRENT, NEXT, PENDING
from sfmint.salesforce.grace import grace_end
from sfmint_testing.rotation.account import KEY_MARK, NAME, certificate_of, key_id_of, key_of
from sfmint_testing.rotation.world import RotationWorld

_READS = frozenset({"find", "describe", "text", "published", "certificate", "check", "minted_by"})


_OF_THE_KEY = frozenset({"private_key", "signer", "other_signer", "certificate"})


class Promise(Enum):
    """A promise, in words."""

    SERVED = "the old or the new credentials can log in"
    FOREIGN = "nobody else's label is moved, and nobody else's version written"
    PROVEN = "AWSCURRENT becomes only what has logged in five times in a row over five minutes"
    TAINTED = "a tainted key never becomes the current one"
    CARRIED = "what becomes AWSCURRENT says all that the version before said, but for key and app"
    SECRET = "no key leaves the secret"
    ENDED = "after its end a rotation changes nothing"
    END = "it ends"
    RESULT = "it ends as it says"


class BrokenPromiseError(AssertionError):
    """A promise is broken."""


def require(holds: object, promise: Promise, detail: str = "") -> None:
    """Require that a promise is kept."""
    if not holds:
        raise BrokenPromiseError(f"{promise.value}: {detail}")


class Promises:
    """Watches a world.

    Args:
        world: in which one rotation, or several one after the other, take place.

    Attributes:
        own_tokens: of rotations, whose versions are ours though Secrets Manager may have staged them.
        is_starved: SERVED cannot be kept: somebody has barred keys, or taken the new one away.
        is_spoilt: RESULT cannot be kept: somebody has meddled with the rotation's versions.
    """

    def __init__(self, world: RotationWorld) -> None:
        self._world = world
        self._began = world.time
        self.own_tokens: set[str] = set()
        self.is_starved = self.is_spoilt = False
        self.before = dict(world.secrets.labels)

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return self._world.time - self._began

    @contextmanager
    def watching(self, method: str) -> Iterator[None]:
        """Check what a call does."""
        if method in _READS:
            yield
            return
        world = self._world
        labels, texts = dict(world.secrets.labels), set(world.secrets.texts)
        note = world.notes.find(NAME)
        deployments = len(world.org.deployments)
        yield
        if method in {"put", "move", "replace", "publish"}:
            self._check_labels(labels, note)
            self._check_ended(note, labels, deployments)
            self.own_tokens |= set(world.secrets.texts) - texts
        self.check()

    def check(self) -> None:
        """Check what always holds."""
        self._check_served()
        said = self._world.notes.text + (self._world.notes.certificate or "")
        require(KEY_MARK not in said, Promise.SECRET, "in the note")
        told = [news.words + (news.certificate or "") for news in self._world.announcer.told]
        require(not any(KEY_MARK in text for text in told), Promise.SECRET, "in what people are told")

    def _check_served(self) -> None:
        """Whichever server of the org answers, one of the keys that the broker tries logs in."""
        world = self._world
        found: dict[str, set[str | None]] = {}
        for each in world.candidates():
            found.setdefault(each.consumer_key, set()).add(certificate_of(key_of(each)))
        may = any(world.org.possible(consumer_key) <= known for consumer_key, known in found.items())
        require(may or self.is_starved, Promise.SERVED, f"at {self.elapsed:g} s")

    def _check_labels(self, before: dict[str, str], note: Note | None) -> None:
        after = self._world.secrets.labels
        for label in {label for label in before | after if before.get(label) != after.get(label)}:
            was, now = before.get(label), after.get(label)
            if label == PENDING:
                spared = was in (None, before[CURRENT]) or was in self._ours(note)
                require(spared, Promise.FOREIGN, f"AWSPENDING is taken off {was}")
            elif label == CURRENT:
                self._check_promotion(now or "", was or "", note)
            else:
                known = label == NEXT or grace_end(label) is not None or label == "AWSPREVIOUS"
                require(known, Promise.FOREIGN, label)

    def _ours(self, note: Note | None) -> set[str]:
        return self.own_tokens | set(note.versions if note else ())

    def _check_promotion(self, version: str, was: str, note: Note | None) -> None:
        world = self._world
        require(version in self._ours(note), Promise.FOREIGN, f"{version} becomes the current one")
        key_id = self._key_id(version)
        barred = world.connection_at(CURRENT)
        assert barred is not None
        require(key_id not in barred.tainted_keys, Promise.TAINTED, key_id)
        self._check_carried(version, was)
        row = []
        for at, tried, is_in in reversed(world.tries):
            if tried != key_id:
                continue
            if not is_in:
                break
            row.append(at)
        require(len(row) >= 5 and row[0] - row[-1] >= 300, Promise.PROVEN, f"{len(row)} logins")

    def _check_carried(self, version: str, was: str) -> None:
        after, before = (json.loads(self._world.secrets.texts[each]) for each in (version, was))
        if before.get("other_app"):
            turned = ("app", "other_app", "consumer_key", "other_consumer_key")
            require(after["consumer_key"] == before["other_consumer_key"], Promise.CARRIED, "the other app")
            after, before = ({n: v for n, v in each.items() if n not in turned} for each in (after, before))
        kept = {name: value for name, value in before.items() if name not in _OF_THE_KEY and value not in ("", None)}
        require(kept == {n: v for n, v in after.items() if n not in _OF_THE_KEY}, Promise.CARRIED, f"{was}")

    def _key_id(self, version: str) -> str:
        world = self._world
        found: str = key_id_of(key_of(world.parsed(world.secrets.texts[version])))
        return found

    def _check_ended(self, note: Note | None, labels: dict[str, str], deployments: int) -> None:
        if note is None or note.is_open:
            return
        world = self._world
        require(world.secrets.labels[CURRENT] == labels[CURRENT], Promise.ENDED, "AWSCURRENT is moved")
        require(len(world.org.deployments) == deployments, Promise.ENDED, "a certificate is deployed")

    def at_rest(self) -> None:
        """Check how it has ended."""
        world = self._world
        note = world.notes.find(NAME)
        if note is None:
            return
        require(not note.is_open, Promise.END, note.why)
        labels = world.secrets.labels
        require(labels.get(PENDING) not in note.versions, Promise.RESULT, "AWSPENDING is still there")
        require(world.notes.certificate is None, Promise.RESULT, "a certificate is still published")
        current = world.connection_at(CURRENT)
        assert current is not None
        possible = world.org.possible(current.consumer_key)
        if note.decision is Decision.VOID or self.is_spoilt:
            return
        key_id = key_id_of(key_of(current))
        if note.is_promoted and key_id != self._key_id(note.version):
            return  # somebody has stored another key since
        is_new = note.version in world.secrets.texts and key_id == self._key_id(note.version)
        require(is_new == (note.decision is Decision.FINISH), Promise.RESULT, f"{note.decision}")
        require(possible == {certificate_of(key_of(current))}, Promise.RESULT, "the app has another certificate")
