"""The one place where an error leaves the function: it is told once, and none but our own gets out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from key_rotation.errors import RotationError
from key_rotation.telemetry import RunFailed
from sfmint.errors import InternalError, SfmintError
from sfmint.ports import Telemetry
from sfmint_values.embedded_metrics import NO_CONNECTION
from sfmint_values.exits import EXITS, place_of
from sfmint_values.lambda_runtime import as_reported


@dataclass(slots=True)
class Outcome:
    """What is known of a run by and by.

    Attributes:
        connection: the connection's name.
    """

    connection: str = NO_CONNECTION


class RunLog:
    """Tells how runs end.

    Args:
        telemetry: says it.
    """

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    @contextmanager
    def outcome(self) -> Iterator[Outcome]:
        """Tell of an error once, and let none but our own out: a foreign one may quote a secret."""
        outcome = Outcome()
        try:
            yield outcome
        except EXITS:
            raise
        except BaseException as error:  # noqa: BLE001 - the last line of defence
            ours = self.tell(outcome.connection, error)
            raise as_reported(ours) from None

    def tell(self, connection: str, error: BaseException) -> RotationError | SfmintError:
        """Tell of an error, and return it as others may see it."""
        cause = place_of(error)
        ours: RotationError | SfmintError
        if isinstance(error, RotationError | SfmintError):
            ours, cause = error, error.cause
        else:
            ours = InternalError.unforeseen()
        told = RunFailed(connection=connection, error=type(ours).__name__, cause=cause, remedy=ours.remedy)
        self._telemetry.emit(told)
        return ours
