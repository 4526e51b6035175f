"""The stores of sfmint as the contract suite meets them, on moto."""

from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Any

from botocore.exceptions import ReadTimeoutError
from botocore.session import Session

from moto_client import moto_client
from sfmint.adapters.stores.dynamodb import DynamoDBStore
from sfmint.adapters.stores.item_text import to_text
from sfmint.adapters.stores.kms_sealer import KmsSealer
from sfmint.adapters.stores.parameter_folder import DATE_S, LARGEST_COPY, Folder, name_of, reported, unreported
from sfmint.adapters.stores.parameter_store import ParameterStore, cache_path
from sfmint.cache_backend import ParameterStore as ParameterStoreBackend
from sfmint.row.conditional_write import ConditionalWrite, Item
from sfmint_testing.backend import Backend
from sfmint_testing.fakes import FakeClock, FakeSealer
from time_for_aws import repeats_by

TABLE = "tokens"
STACK = "acme"


def on_dynamodb(session: Session) -> Backend:
    """Return the store in a new table."""
    clock, client = FakeClock(), moto_client(session, "dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    store = DynamoDBStore(client, TABLE, clock, repeats_by(clock))
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
    clock, client, kms = FakeClock(), moto_client(session, "ssm"), moto_client(session, "kms")
    key_arn, path = kms.create_key()["KeyMetadata"]["Arn"], cache_path(STACK)
    put_date_ahead = _date_answers(client, "ssm", clock)

    def put(key: str, item: Item) -> None:
        folder = f"{path}/{key.replace('#', '/')}"
        if names := [each["Name"] for each in client.get_parameters_by_path(Path=folder)["Parameters"]]:
            client.delete_parameters(Names=names)
        parts = {
            name_of(int(clock.now() // DATE_S)): unreported(item),
            Folder.from_texts({}, clock.now()).reporting(item)[0]: reported(item),
        }
        for name, part in parts.items():
            if part:
                client.put_parameter(Name=f"{folder}/{name}", Value=to_text(part), Type="String")

    return Backend(
        store=ParameterStore(client, path, clock, repeats_by(clock)),
        sealer=KmsSealer(kms, key_arn, path, repeats_by(clock), LARGEST_COPY),
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
