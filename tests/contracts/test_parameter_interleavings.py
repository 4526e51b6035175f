"""The store in Parameter Store, taken apart between its requests: many orders of several callers, drawn by seed.

Each request is atomic, and between any two of them others may come, a caller may freeze, and time may pass.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import pytest
from botocore.exceptions import ClientError
from greenlet import getcurrent, greenlet

from sfmint.adapters.stores.parameter_store import ParameterStore, cache_path
from sfmint.errors import CacheUnavailable
from sfmint.row import writes
from sfmint.row.conditional_write import Written
from sfmint.row.decisions import START_WITHIN_S, Attempt, Lease, Progress, Want, servable
from sfmint.row.row import CacheRow
from sfmint_testing.fakes import NOON
from sfmint_testing.rows import ATTEMPT, TOKEN
from sfmint_values.secret import Secret, fingerprint_of
from time_for_aws import repeats_by

KEY = "t1#orders"
WALKS = 75
STEPS = 250
RECREATED_AFTER_S = 30  # AWS Systems Manager API Reference, "DeleteParameter"


@dataclass
class World:
    """An account of Parameter Store, its time, and what has truly happened."""

    chance: random.Random
    time: float = NOON
    parameters: dict[str, str] = field(default_factory=dict)
    logins: list[int] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    deleted: dict[str, float] = field(default_factory=dict)
    deletions: dict[str, int] = field(default_factory=dict)
    looked_at: dict[object, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(10_000)))

    def get_parameters_by_path(self, **request: Any) -> dict[str, Any]:
        self.pause()
        self.looked_at[getcurrent()] = next(self.numbers)
        names = [name for name in self.parameters if name.startswith(request["Path"])]
        return {"Parameters": [{"Name": name, "Value": self.parameters[name]} for name in names]}

    def put_parameter(self, **request: Any) -> dict[str, Any]:
        self.pause()
        if request["Name"] in self.parameters and not request["Overwrite"]:
            raise ClientError({"Error": {"Code": "ParameterAlreadyExists"}}, "PutParameter")
        deleted_at = self.deleted.get(request["Name"], -inf)
        knows = self.looked_at.get(getcurrent(), -1) > self.deletions.get(request["Name"], -1)
        if knows and not request["Overwrite"]:
            assert self.time - deleted_at >= RECREATED_AFTER_S, "created again too soon"
        self.parameters[request["Name"]] = request["Value"]
        return {}

    def delete_parameters(self, **request: Any) -> dict[str, Any]:
        self.pause()
        for name in request["Names"]:
            if self.parameters.pop(name, None) is not None:
                self.deleted[name], self.deletions[name] = self.time, next(self.numbers)
        return {}

    def pause(self) -> None:
        """Let others come in between."""
        if (parent := getcurrent().parent) is not None:
            parent.switch()


@dataclass
class Actor:
    """A caller with a clock of its own."""

    world: World
    skew_s: float

    def __post_init__(self) -> None:
        self.store = ParameterStore(self.world, cache_path("acme"), self, repeats_by(self))

    def now(self) -> float:
        return self.world.time + self.skew_s

    def monotonic(self) -> float:
        return self.world.time

    def sleep(self, seconds: float) -> None:
        self.world.pause()

    def mint(self) -> None:
        row = CacheRow.from_item(self.store.read(KEY))
        attempt = replace(ATTEMPT, me=str(next(self.world.numbers)), seen=row.fence, since=self.now())
        outcome = self.store.write(KEY, writes.acquire(attempt, row, Want(), Progress()))
        if isinstance(outcome, Written) and self.now() - attempt.since <= START_WITHIN_S:
            self.login(attempt, CacheRow.from_item(outcome.item))

    def login(self, attempt: Attempt, row: CacheRow) -> None:
        text, now = f"token-{next(self.world.numbers)}", self.now()
        self.world.logins.append(row.fence or 0)
        self.world.pause()
        token = replace(
            TOKEN,
            access_token=Secret(text),
            fingerprint=fingerprint_of(text),
            issued_at=now,
            soft_expiry=now + 20,
            hard_expiry=now + 60,
        )
        lease = Lease(attempt=attempt, fence=row.fence or 0, row=row)
        self.store.write(KEY, writes.publish(lease, token, b"copy"))

    def reject(self) -> None:
        if fingerprint := CacheRow.from_item(self.store.read(KEY)).fingerprint:
            outcome = self.store.write(KEY, writes.reject(fingerprint, self.now()))
            if isinstance(outcome, Written):
                self.world.gone.add(fingerprint)

    def flush(self) -> None:
        before = CacheRow.from_item(self.store.read(KEY)).fingerprint
        with suppress(CacheUnavailable):  # too often
            self.store.write(KEY, writes.flush())
            self.world.gone |= {before} if before else set()

    def look(self) -> None:
        gone = set(self.world.gone)
        row = CacheRow.from_item(self.store.read(KEY))
        assert not servable(row, Want(), Progress(), self.now()) or row.fingerprint not in gone


def walk(seed: int) -> World:
    """Let five callers do what they do in an order that a seed draws."""
    chance = random.Random(seed)  # noqa: S311 - an order, not a secret
    world = World(chance)
    actors = [Actor(world, chance.choice([-3.0, 0.0, 0.0, 3.0])) for _ in range(5)]
    frozen_until = [0.0] * len(actors)
    running: list[greenlet | None] = [None] * len(actors)
    for _ in range(STEPS):
        number = chance.randrange(len(actors))
        if frozen_until[number] > world.time:
            continue
        if running[number] is None:
            running[number] = greenlet(_job(chance, actors[number]))
        current = running[number]
        assert current is not None
        current.switch()
        if current.dead:
            running[number] = None
        if chance.random() < 0.03:
            frozen_until[number] = world.time + chance.choice([5, 25, 60])
        if chance.random() < 0.15:
            world.time += chance.choice([0.02, 0.5, 2.0, 12.0, 25.0])
    return world


def _job(chance: random.Random, actor: Actor) -> Callable[[], None]:
    return chance.choices([actor.mint, actor.look, actor.reject, actor.flush], weights=[6, 3, 1, 1])[0]


@pytest.mark.parametrize("part", range(4))
def test_one_login_a_fence_and_nothing_is_served_that_was_given_up(part: int) -> None:
    logins = 0
    for seed in range(part * WALKS, (part + 1) * WALKS):
        world = walk(seed)
        assert len(set(world.logins)) == len(world.logins), f"seed {seed}: {world.logins}"
        logins += len(world.logins)
    assert logins > 2 * WALKS  # the walks lead somewhere
