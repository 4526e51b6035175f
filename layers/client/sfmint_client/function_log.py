"""What a function that is built on the client says of its surroundings, and what comes out of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sfmint_client.errors import InternalError, SfmintError
from sfmint_values.aws_endpoints import OwnEndpoint
from sfmint_values.exits import EXITS, place_of
from sfmint_values.lambda_runtime import as_reported


@contextmanager
def only_our_errors(told: Callable[[SfmintError, Mapping[str, str]], None], what: str) -> Iterator[None]:
    """Let no error but our own out of the block, for a foreign one may quote a secret.

    Args:
        told: is given each error before it leaves, and what a log line says of it in `error` and `cause`.
        what: the block does, as the log line calls it, such as `request`.

    Raises:
        SfmintError: the block's own, or `InternalError` in the place of any other.
    """
    try:
        yield
    except SfmintError as error:
        told(error, {"error": error.name})
        raise as_reported(error) from None
    except EXITS:
        raise
    except BaseException as error:  # noqa: BLE001 - the last line of defence
        fault = InternalError(
            f"sfmint met a fault of its own. Report the log line of this {what} that names its place."
        )
        told(fault, {"error": fault.name, "cause": place_of(error)})
        raise as_reported(fault) from None


def tell_of_endpoints(warn: Callable[..., Any], endpoints: Iterable[OwnEndpoint]) -> None:
    """Tell of the places that are asked in AWS's and are not on this machine, as an emulator is.

    Args:
        warn: a logger's method.
        endpoints: as the environment names them.
    """
    for endpoint in endpoints:
        if not endpoint.is_here:
            warn("AWS is asked elsewhere", extra={"variable": endpoint.variable, "url": endpoint.url})
