"""Whatever reads somebody else's text takes as long as the text is: no text keeps a function busy (the one timed test).

Every function of ours with an argument marked `Foreign` is found by walking the packages, and reads hostile text of
growing length. The smallest of five CPU times for sixteen times the length is at most 48 times that for the length.
"""

import gc
import importlib
import inspect
import json
import pkgutil
import re
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast, get_args
from urllib.parse import clear_cache  # type: ignore[attr-defined]  # which typeshed has not

import click
import pytest
from requests import Session

from foreign import hostile_text
from foreign.hostile_text import SHAPES
from sfmint.errors import SfmintError
from sfmint.salesforce.answer_fields import SCOPE, MalformedAnswer
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint.salesforce.vocabulary import Field
from sfmint.settings import InvalidSettings
from sfmint_cli.imports.piece import Piece
from sfmint_cli.imports.source import Source
from sfmint_cli.result import Failed
from sfmint_cli.rotation.given import GivenFields
from sfmint_cli.rotation.schedule import Schedule
from sfmint_client import errors as client_errors
from sfmint_client.rest.answer import RestAnswer
from sfmint_client.rest.reading import EncodedTooOften
from sfmint_client.rest.refusals.refusal import Refusal
from sfmint_client.rest.refusals.table import MEANINGS
from sfmint_client.rest.request import RestRequest
from sfmint_local import places
from sfmint_setup.errors import SetupError
from sfmint_setup.wire import Wire
from sfmint_values.foreign import Foreign, ForeignBytes
from sfmint_values.redaction import redacted
from sfmint_values.repeated_secret import _spellings, holds
from sfmint_values.secret import Secret
from sfmint_values.sent_secrets import _books
from sfmint_values.system import SystemClock
from sfmint_values.vocabulary import LOGIN, REST

sys.path.append(str(places.ROOT / "functions/salesforce_request"))
PACKAGES = ("sfmint", "sfmint_cli", "sfmint_client", "sfmint_setup", "sfmint_values", "prober", "salesforce_request")

LENGTHS = (64, 256, 1024, 4096, 16384)
GROWTH, MOST = 16, 48
ROUNDS = 5
LEAST_S = 50e-6  # what takes less is not measured but counted as this: a clock has its grain
PLAIN_S, ENOUGH = 4e-3, 3  # after a call that takes so long, and three lengths, it is plain how the time grows
STUCK_S = 10.0  # CPU time of one call, after which it is given up

# What a reader may say to text that is none of its kind.
REFUSALS = (
    ValueError,
    CredentialFault,
    MalformedAnswer,
    SfmintError,
    InvalidSettings,
    LoginFailed,
    Failed,
    client_errors.SfmintError,
    click.ClickException,
    EncodedTooOften,
    SetupError,
)
TOKEN = Secret(hostile_text.TOKEN)
# What the other arguments are, by their names.
FILL: dict[str, Any] = {
    "account": None,  # it is asked for nothing but a signature
    "allowed": frozenset({"org.example:8443"}),
    "answer": RestAnswer(status_code=200, headers={}),
    "at": 1,
    "before": '{"tainted_keys": []}',
    "check": str,
    "code": "wrong_key",
    "component": "PermissionSet orders",
    "connections": frozenset({"orders"}),
    "connection": "orders",
    "content": b"",
    "content_type": "text/html",
    "control": " ",
    "deployed": SimpleNamespace(name="orders", stack=SimpleNamespace(token_hosts=frozenset()), account=None),
    "description": "",
    "detail": "",
    "ending": ".force.com",
    "error": "invalid_grant",
    "field": Field.PRIVATE_KEY,
    "function": "token_broker",
    "function_name": "acme-token-broker",
    "event": {"action": "status"},
    "given": GivenFields(admin_connection=None, app="Orders", other_app=None, other_consumer_key=None),
    "hosts": ("api.salesforce.com",),
    "is_json": True,
    "known": frozenset({"api"}),
    "key_id": "0123456789abcdef",
    "largest": 1 << 16,
    "kind": "multipart/form-data",
    "listed": frozenset({"org.example:8443"}),
    "mark": "=",
    "message": "",
    "method": "GET",
    "name": "orders",
    "now": 1_764_316_800.0,
    "number": 1,
    "origin": "SF_PRIVATE_KEY in .env",
    "option": "--query",
    "own": 0,
    "passphrase": lambda: Piece(text=Secret("x"), origin=""),
    "password": None,
    "quote": '"',
    "label": "PRIVATE KEY",
    "permission": "kms:Decrypt",
    "page": "a page\nof spellings",
    "parameter": "/sfmint/acme/connections/orders/next-certificate",
    "parent": (0x30, 0, 1 << 20),
    "path": "/services/data/",
    "place": Field.PRIVATE_KEY,
    "refusal": Refusal(status_code=400, code="", message=""),
    "request": RestRequest(method="GET", path="/services/data/"),
    "said": "Expecting value",
    "secret": TOKEN,
    "schemes": {"https"},
    "sent": (TOKEN,),
    "session": b"a session",
    "sign": bytes,
    "source": ".env",
    "spelling": next(iter(_spellings(TOKEN).values()))[0][0],
    "spellings": _spellings(TOKEN),
    "stack": "acme",
    "status": 400,
    "status_code": 400,
    "text": "{}",
    "token": TOKEN,
    "tokens": (TOKEN,),
    "variable": "AWS_ENDPOINT_URL",
    "vocabulary": REST,
    "wanted": "PRIVATE KEY",
    "what": "no value",
    "word": "invalid_grant",
    "words": "user is frozen",
    "utc": True,
}
# Methods need something to be called on.
INSTANCES: dict[str, Any] = {
    "Schedule": Schedule(secret=cast("Any", None), connection="orders", function="arn"),
    "Shape": SCOPE,
    "Vocabulary": LOGIN,
    "Meaning": MEANINGS[0],
    "Source": Source(
        name="orders",
        given=frozenset(),
        environment={},
        home=Path("home"),
        secret=lambda _: None,
        passphrase=lambda _: Secret("x"),
    ),
    "Wire": Wire(session=Session(), origin="https://acme.my.salesforce.com", token=TOKEN, clock=SystemClock()),
}


@dataclass(frozen=True)
class Reader:
    """A function that reads foreign text.

    Attributes:
        name: its module and name.
        call: itself.
        argument: the one that is marked.
        is_bytes: whether that takes bytes.
    """

    name: str
    call: Callable[..., Any]
    argument: str
    is_bytes: bool

    def read(self, text: str) -> None:
        """Let it read, to the end, and refuse."""
        needed = [
            each.name
            for each in inspect.signature(self.call).parameters.values()
            if each.default is each.empty and each.name != self.argument
        ]
        unknown = [name for name in needed if name not in FILL]
        assert not unknown, f"{self.name}: say in FILL what these arguments are"
        given = {name: FILL[name] for name in needed} | EXTRA.get(self.name, {})
        try:
            result = self.call(**given, **{self.argument: text.encode(errors="replace") if self.is_bytes else text})
            if isinstance(result, Iterator):
                deque(result, maxlen=0)
        except REFUSALS:
            pass


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            yield importlib.import_module(found.name)


def functions_of(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            yield name, value
            for attribute, method in vars(value).items():
                if isinstance(method, classmethod | staticmethod):
                    yield f"{name}.{attribute}", getattr(value, attribute)
                elif inspect.isfunction(method) and not attribute.startswith("__"):
                    yield f"{name}.{attribute}", method


def marks_of(annotation: object) -> set[object]:
    return {each for each in (annotation, *get_args(annotation)) if each in (Foreign, ForeignBytes)}


def readers() -> Iterator[Reader]:
    for module in modules():
        for name, function in functions_of(module):
            try:
                parameters = inspect.signature(function).parameters
            except (TypeError, ValueError):  # a class of C's
                continue
            if any(marks_of(each.annotation) for each in parameters.values()):
                owner = name.partition(".")[0]
                call = getattr(INSTANCES[owner], name.partition(".")[2]) if "self" in parameters else function
                for each in parameters.values():
                    for mark in marks_of(each.annotation):
                        yield Reader(f"{module.__name__}.{name}", call, each.name, mark is ForeignBytes)


# What else is given, so that a reader goes its longest way.
EXTRA: dict[str, dict[str, Any]] = {
    "sfmint_cli.imports.source.Source._of_octets": {"path": Path("a.key")},
    "sfmint_values.redaction.redacted": {"longest": 4096, "sent": (TOKEN,)},
}
READERS = sorted(readers(), key=lambda reader: (reader.name, reader.argument, reader.is_bytes))


@contextmanager
def given_up_when_stuck() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TimeoutError("it does not come to an end")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, STUCK_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def cpu_time_s(read: Callable[[str], None], text: str, enough_s: float = 0.0) -> float:
    """Return the smallest of several CPU times: of fewer, once one is short enough, for more could only be shorter."""
    least = float("inf")
    for _ in range(ROUNDS):
        clear_cache()  # of what urlsplit has read before
        began = time.thread_time_ns()
        with given_up_when_stuck():
            read(text)
        least = min(least, (time.thread_time_ns() - began) / 1e9)
        if least <= enough_s:
            break
    return max(least, LEAST_S)


def growth(read: Callable[[str], None], shape: Callable[[int], str]) -> float:
    """Return by how much the time for sixteen times a length is more than for the length; less is as good as MOST."""
    times: dict[int, float] = {}
    for length in LENGTHS:
        is_compared_with_more = length * GROWTH in LENGTHS
        enough_s = 0.0 if is_compared_with_more else min(PLAIN_S, MOST * times[length // GROWTH])
        times[length] = cpu_time_s(read, shape(length), enough_s)
        if times[length] > PLAIN_S and len(times) > ENOUGH:
            break
    return max(times[length * GROWTH] / times[length] for length in times if length * GROWTH in times)


def too_slow(read: Callable[[str], None]) -> dict[str, float]:
    """Return the shapes of text for which the time grows too much, and by how much: seen twice, for machines are busy."""
    found = {name: growth(read, shape) for name, shape in SHAPES.items()}
    return {name: each for name, by in found.items() if by > MOST and (each := growth(read, SHAPES[name])) > MOST}


@pytest.fixture(autouse=True, scope="module")
def _with_little_to_collect() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # what is there stays: to look at it before each test takes longer than most readers
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _without_the_collector(_with_little_to_collect: None) -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_the_readers_are_found_wherever_they_stand() -> None:
    names = {reader.name for reader in READERS}
    packages = {"sfmint", "sfmint_cli", "sfmint_client", "sfmint_setup", "sfmint_values"}
    assert {name.partition(".")[0] for name in names} >= packages
    assert {
        "sfmint_client.rest.request.RestRequest",
        "sfmint_client.rest.refusals.refusal.Refusal.read",
        "sfmint_values.redaction.redacted",
        "sfmint_values.vocabulary.Vocabulary.is_words",
    } <= names
    assert len(READERS) > 50


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: f"{reader.name}({reader.argument})")
def test_a_reader_takes_as_long_as_the_text_is(reader: Reader) -> None:
    assert not too_slow(reader.read)


@pytest.mark.parametrize("field", ["errorCode", "message"])
def test_a_refusal_of_rest_takes_as_long_as_its_words(field: str) -> None:
    def read(text: str) -> None:
        Refusal.read(400, json.dumps([{field: text}]).encode(), is_json=True, token=TOKEN)

    assert not too_slow(read)


@pytest.mark.parametrize("piece", ["/e", "/a", "/ab"])
@pytest.mark.parametrize("secret", ["a", "ab", "aQ0xBc7De5fG"])
def test_a_long_secret_is_looked_for_in_a_long_text_without_trying_each_in_each(secret: str, piece: str) -> None:
    def read(long: str) -> None:
        _books.cache_clear()
        redacted((piece * len(long))[: len(long)], 4096, vocabulary=REST, sent=(Secret(long),))

    assert growth(read, lambda length: (secret * length)[:length]) <= MOST


@pytest.mark.parametrize("text", ["aaaaaaaab", "a", "aaaaaaaaab%41"])
def test_a_long_secret_is_looked_for_in_a_long_answer_without_trying_each_in_each(text: str) -> None:
    def read(long: str) -> None:
        _spellings.cache_clear()
        holds(text.encode() * (len(long) // len(text)), Secret(long))

    assert growth(read, lambda length: "a" * length) <= MOST


def square(text: str) -> None:
    """Take the square of a text's length, without an expression that a lint could see."""
    for at in range(len(text)):
        text[at::8].upper()


def test_a_reader_that_takes_the_square_is_found() -> None:
    assert growth(square, SHAPES["commas"]) > MOST


def test_a_reader_that_takes_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "STUCK_S", 0.2)
    ambiguous = re.compile("(?:[a-z]?[a-z]{1,15}_)*")  # as the redactor once was
    with pytest.raises(TimeoutError, match="does not come to an end"):
        growth(lambda text: (ambiguous.fullmatch(text), None)[1], SHAPES["words and joints, and no word at the end"])
