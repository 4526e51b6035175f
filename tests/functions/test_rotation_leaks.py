"""Whole rotations in which every call fails now and then with keys in its error: nothing of them comes out anywhere."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from conftest import KeyPair
from functions.rotation_stack import ADMIN, RotationStack
from functions.stack import CONNECTION
from key_rotation.wiring import KeyRotation
from kms_keys import a_signing_key, certificate_of, public_key_of
from sfmint_local.secret_pieces import Secrets

TICK = {"action": "tick"}
RUNS = 20


@dataclass
class Strikes:
    """Raises an error at calls 1, 2, 4, 8 ... of each operation, with all keys in its text.

    Attributes:
        rotations: whose keys they are.
        counts: calls, by operation.
        said: what was to be published.
    """

    rotations: RotationStack
    counts: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._kinds: cycle[Any] = cycle(
            (self._refusal, self._denial, ValueError, self._invalid, RuntimeError, KeyError)
        )

    def strike(self, operation: str) -> None:
        """Raise, if it is time to."""
        number = self.counts[operation] = self.counts.get(operation, 0) + 1
        if number.bit_count() == 1:
            raise next(self._kinds)("\n".join(sorted(self.rotations.stack.keys | self.rotations.stack.tokens)))

    def _refusal(self, text: str) -> Exception:
        return ClientError({"Error": {"Code": text, "Message": text}}, text)

    def _denial(self, text: str) -> Exception:
        return ClientError({"Error": {"Code": "AccessDeniedException", "Message": text}}, "GetSecretValue")

    def _invalid(self, text: str) -> Exception:
        return ParamValidationError(report=text)


class Struck:
    """A client of AWS whose calls fail now and then."""

    def __init__(self, client: Any, strikes: Strikes) -> None:
        self._client, self._strikes = client, strikes

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            self._strikes.strike(name)
            if name == "publish":
                return self._strikes.said.append(json.dumps(given))
            return getattr(self._client, name)(**given)

        return call


@pytest.fixture
def strikes(rotation_stack: RotationStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Strikes]:
    strikes, make = Strikes(rotation_stack), KeyRotation._new_client
    rotation_stack.variables["SFMINT_ROTATION_TOPIC_ARN"] = "arn:aws:sns:us-east-1:123456789012:rotations"

    def struck(self: KeyRotation, service: str, *given: Any, **named: Any) -> Any:
        client = make(self, service, *given, **named)
        return client if service == "lambda" else Struck(client, strikes)

    monkeypatch.setattr(KeyRotation, "_new_client", struck)
    yield strikes
    kept = json.dumps(rotation_stack.parameters())
    secrets = Secrets.split(tokens=rotation_stack.stack.tokens, private_keys=rotation_stack.stack.keys)
    for place in (kept, "\n".join(strikes.said)):
        assert not list(secrets.found_in(place.encode()))
        assert "PRIVATE KEY" not in place
    assert "PRIVATE KEY" not in rotation_stack.stack.output.getvalue()


def go_on(these: RotationStack) -> str:
    """Let runs follow each other until the rotation has ended; return how it stands then."""
    for _ in range(RUNS):
        these.invoke(TICK)
        these.clock.time += 600
        phase = these.order("status").get("phase")
        if phase in {"finished", "cancelled", "void"}:
            return str(phase)
    return "open"


def start(these: RotationStack) -> None:
    """Order it until it has begun."""
    for _ in range(RUNS):
        if these.order("status").get("phase") not in {None, "none"}:
            return
        these.order("start")
    raise AssertionError("it never begins")


def test_nothing_comes_out_of_an_unattended_one(rotation_stack: RotationStack, strikes: Strikes) -> None:
    rotation_stack.has_admin()
    start(rotation_stack)
    assert go_on(rotation_stack) == "finished"
    assert len(strikes.counts) >= 8
    assert strikes.said


def test_nothing_comes_out_of_one_that_is_cancelled(rotation_stack: RotationStack, strikes: Strikes) -> None:
    rotation_stack.has_admin()
    start(rotation_stack)
    assert any(rotation_stack.order("cancel").get("phase") in {"cancelling", "cancelled"} for _ in range(RUNS))
    assert go_on(rotation_stack) == "cancelled"


def test_nothing_comes_out_of_an_attended_one_that_is_void(rotation_stack: RotationStack, strikes: Strikes) -> None:
    start(rotation_stack)
    rotation_stack.invoke(TICK)
    rotation_stack.stack.store(rotation_stack.secret() | {"consumer_key": "3MVG9-another"})
    assert go_on(rotation_stack) == "void"


def test_nothing_comes_out_of_one_in_kms(rotation_stack: RotationStack, strikes: Strikes, key_pair: KeyPair) -> None:
    stack = rotation_stack.stack
    mine, other = (a_signing_key(stack.cloud.kms) for _ in range(2))
    certificate = certificate_of(public_key_of(stack.cloud.kms, mine), key_pair.key)
    stack.customer.control.put_app(replace(stack.customer.app, certificate=certificate))
    signers = {"signer": {"kms": mine}, "other_signer": {"kms": other}}
    stack.store(stack.customer.secret(private_key=None, certificate=certificate, **signers))
    start(rotation_stack)
    while (published := rotation_stack.published()) is None:
        rotation_stack.order("advance")
        rotation_stack.clock.time += 60
    rotation_stack.upload(published)
    assert any(rotation_stack.order("finish").get("phase") == "testing" for _ in range(RUNS))
    assert go_on(rotation_stack) == "finished"
    assert {"get_public_key", "sign"} <= set(strikes.counts)


def test_one_rotation_that_fails_unforeseen_holds_up_no_other(
    rotation_stack: RotationStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from key_rotation.adapters.notes import ParameterNotes

    rotation_stack.has_admin()
    rotation_stack.order("start")
    find = ParameterNotes.find

    def broken(self: ParameterNotes, connection: str) -> Any:
        if connection == ADMIN:
            raise RuntimeError("-----BEGIN PRIVATE KEY-----")
        return find(self, connection)

    monkeypatch.setattr(ParameterNotes, "find", broken)
    ticked = rotation_stack.invoke(TICK)
    assert [(each["connection"], each["phase"]) for each in ticked["rotations"]] == [(CONNECTION, "finished")]
    (line,) = [each for each in rotation_stack.stack.lines if each.get("message") == "rotation not done"]
    assert (line["connection"], line["error"]) == (ADMIN, "InternalError")
    assert "PRIVATE" not in rotation_stack.stack.output.getvalue()
