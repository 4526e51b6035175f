"""What becomes of a request on its way to AWS and back, and which requests meet it."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class Pass:
    """The request is carried out and answered.

    Attributes:
        after_s: it waits so long at the wire before.
    """

    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Refuse:
    """The connection is reset; nothing is carried out."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Nothing is carried out and nothing is said until the caller hangs up."""


@dataclass(frozen=True, slots=True)
class LostAnswer:
    """The request is carried out, and the connection reset instead of the answer."""


@dataclass(frozen=True, slots=True)
class AwsError:
    """Nothing is carried out; AWS answers an error.

    Attributes:
        code: AWS's name of it.
        status: of HTTP.
        message: AWS's own words, which may quote anything.
    """

    code: str
    status: int = 400
    message: str = "said at the wire"


@dataclass(frozen=True, slots=True)
class Drip:
    """The request is carried out; the answer comes byte by byte.

    Attributes:
        headers: these do so, too.
        interval_s: between two bytes.
    """

    headers: bool = False
    interval_s: float = 0.1


@dataclass(frozen=True, slots=True)
class EarlyHints:
    """The request is carried out; an interim answer comes first (RFC 8297).

    Attributes:
        after_s: so long before the true one.
    """

    after_s: float = 0.02


@dataclass(frozen=True, slots=True)
class Twice:
    """The request is carried out; its answer comes twice in one go."""


@dataclass(frozen=True, slots=True)
class Endless:
    """The request is carried out; after its answer come blanks without end, as long as the caller takes them."""


type Behaviour = Pass | Refuse | Hang | LostAnswer | AwsError | Drip | EarlyHints | Twice | Endless


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of AWS.

    Attributes:
        service: its name in a signature: `dynamodb`, `kms`, `secretsmanager`, `ssm`.
        operation: `GetItem`, say.
        body: JSON, as it was sent.
    """

    service: str
    operation: str
    body: bytes


type Behave = Callable[[Asked], Behaviour]


def always(behaviour: Behaviour) -> Behave:
    """Return what treats every request alike."""
    return lambda _asked: behaviour


def only(behaviour: Behaviour, *operations: str) -> Behave:
    """Return what strikes requests of these operations and lets all others pass."""
    return lambda asked: behaviour if asked.operation in operations else Pass()


def once(behave: Behave) -> Behave:
    """Return what strikes the first request of each operation and lets all others pass. It remembers, so make one a case."""
    met: set[tuple[str, str]] = set()
    lock = Lock()

    def first(asked: Asked) -> Behaviour:
        operation = (asked.service, asked.operation)
        with lock:
            is_first = operation not in met
            met.add(operation)
        return behave(asked) if is_first else Pass()

    return first


PASSING = always(Pass())
