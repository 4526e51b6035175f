"""One store as the contract suite meets it: behind its port, with a back door, and with a way to come in between."""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from typing import Any

from botocore.exceptions import ReadTimeoutError
from botocore.session import Session

from fakes import FakeClock, FakeSealer
from moto_client import moto_client
from reference_store import ReferenceStore
from sfmint.adapters.stores.dynamodb import DynamoDBStore
from sfmint.adapters.stores.item_text import to_text
from sfmint.adapters.stores.parameter_folder import DATE_S, Folder, name_of, reported, unreported
from sfmint.adapters.stores.parameter_sealer import ParameterSealer
from sfmint.adapters.stores.parameter_store import ParameterStore
from sfmint.cache_backend import DynamoDb
from sfmint.cache_backend import ParameterStore as ParameterStoreBackend
from sfmint.errors import CacheUnavailable
from sfmint.ports import Sealer, Store
from sfmint.row.conditional_write import ConditionalWrite, Item

TABLE = "tokens"
STACK = "acme"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/made-up"


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A store and what tests need beside it.

    Attributes:
        put: lays an item down as it is, whatever stood there.
        before_next_write: lets something happen once, when the next write has decided and is on its way.
        lose_next_answer: lets the next write be carried out and its answer be lost.
        poll_s: how long who waits for the store pauses.
        put_date_ahead: sets the clock that the store's answers show so many seconds before this one; None: they show none.
    """

    store: Store
    sealer: Sealer
    clock: FakeClock
    put: Callable[[str, Item], None]
    before_next_write: Callable[[Callable[[], object]], None]
    lose_next_answer: Callable[[], None]
    poll_s: tuple[float, float] = DynamoDb.poll_s
    put_date_ahead: Callable[[float], None] | None = None


def in_memory() -> Backend:
    """Return the reference."""
    store, clock = ReferenceStore(), FakeClock()

    def put(key: str, item: Item) -> None:
        store.items[key] = dict(item)

    def before(happen: Callable[[], object]) -> None:
        store.on_the_way = happen

    def lose() -> None:
        store.fail_next("answer", CacheUnavailable("The store did not answer.", remedy="Call again."))

    def put_date_ahead(seconds: float) -> None:
        store.behind = seconds

    return Backend(
        store=store,
        sealer=FakeSealer(),
        clock=clock,
        put=put,
        before_next_write=before,
        lose_next_answer=lose,
        put_date_ahead=put_date_ahead,
    )


def on_dynamodb(session: Session) -> Backend:
    """Return the store in a new table."""
    clock, client = FakeClock(), moto_client(session, "dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    store = DynamoDBStore(client, TABLE, clock)
    put_date_ahead = _date_answers(client, "dynamodb", clock)

    def put(key: str, item: Item) -> None:
        client.delete_item(TableName=TABLE, Key={"pk": {"S": key}})
        store.write(key, ConditionalWrite(name="put", assign=item))

    return Backend(
        store=store,
        sealer=FakeSealer(),
        clock=clock,
        put=put,
        before_next_write=_once_before(client, "dynamodb.UpdateItem"),
        lose_next_answer=_losing_after(client, "dynamodb.UpdateItem"),
        put_date_ahead=put_date_ahead,
    )


def on_parameter_store(session: Session) -> Backend:
    """Return the store in the parameters of an account that has none yet."""
    clock, client = FakeClock(), moto_client(session, "ssm")
    put_date_ahead = _date_answers(client, "ssm", clock)

    def put(key: str, item: Item) -> None:
        folder = f"/sfmint/{STACK}/cache/{key.replace('#', '/')}"
        if names := [each["Name"] for each in client.get_parameters_by_path(Path=folder)["Parameters"]]:
            client.delete_parameters(Names=names)
        parts = {
            name_of(int(clock.now() // DATE_S)): unreported(item),
            Folder.from_texts({}, clock.now()).reporting(item)[0]: reported(item),
        }
        for name, part in parts.items():
            if part:
                client.put_parameter(Name=f"{folder}/{name}", Value=to_text(part), Type="SecureString", KeyId=KEY_ARN)

    return Backend(
        store=ParameterStore(client, STACK, KEY_ARN, clock),
        sealer=ParameterSealer(),
        clock=clock,
        put=put,
        before_next_write=_once_before(client, "ssm.PutParameter"),
        lose_next_answer=_losing_after(client, "ssm.PutParameter"),
        poll_s=ParameterStoreBackend.poll_s,
        put_date_ahead=put_date_ahead,
    )


def _date_answers(client: Any, service: str, clock: FakeClock) -> Callable[[float], None]:
    """Let the answers of a client carry the date of the test's clock; return what puts it ahead of that."""
    ahead_s = [0.0]

    def dated(parsed: Any, **_: object) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = formatdate(clock.now() + ahead_s[0], usegmt=True)

    client.meta.events.register(f"after-call.{service}", dated, f"dated-{service}")
    return partial(ahead_s.__setitem__, 0)


def _once_before(client: Any, call: str) -> Callable[[Callable[[], object]], None]:
    """Return what lets something happen once, just before a call of a client is sent."""

    def before(happen: Callable[[], object]) -> None:
        def strike(**_: object) -> None:
            client.meta.events.unregister(f"before-send.{call}", strike)
            happen()

        client.meta.events.register(f"before-send.{call}", strike)

    return before


def _losing_after(client: Any, call: str) -> Callable[[], None]:
    """Return what lets the answer to the next call of a client be lost, once that call was carried out."""

    def lose() -> None:
        def strike(**_: object) -> None:
            client.meta.events.unregister(f"after-call.{call}", strike)
            raise ReadTimeoutError(endpoint_url="https://aws.example")

        client.meta.events.register(f"after-call.{call}", strike)

    return lose
