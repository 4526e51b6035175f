"""The store in Parameter Store, for those who have no table: a lease is a parameter that nobody else could create.

    /sfmint/STACK/cache/t1/CONNECTION/0089771760                  an item, at a date; see `parameter_folder`
    /sfmint/STACK/cache/t1/CONNECTION/rejected-0123456789abcdef   what callers report of one token

Parameter Store has no conditional update, but of several who create one name one succeeds. So a write that takes the lease
or fences its holder out creates the parameter of the next date, and looks once more whether what it has decided on still
stands: of two who took different dates at least one sees the other, and gives its own back. All later writes of a lease
overwrite its own date, their condition decided on a read just before: what a frozen holder writes late has an old fence,
which nobody heeds.

Nobody who looks after a date was deleted creates it again, for which AWS wants a pause of thirty seconds ("DeleteParameter"): one
that is given back stays taken until it is long over. Who has looked before may still do so, and gives back what they get.

A parameter is a plain String, and nothing in it is believed but the copy, which KMS has sealed for this path: ADR 0016.

What this store cannot do is declared in `CANNOT_PROMISE`. It trusts reads to show what was written before, which AWS
calls best effort: where one does not, two may log in at once, and a rejection or flush may take effect late.

Source: AWS Systems Manager API Reference, "PutParameter", "GetParametersByPath", "DeleteParameters".
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING, ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws.errors import Asked, AwsError, LastDate, unavailable, unreadable
from sfmint.adapters.aws.repeats import Repeats
from sfmint.adapters.stores.item_text import to_text
from sfmint.adapters.stores.parameter_folder import (
    GIVEN_BACK,
    HEEDED,
    LARGEST_TEXT,
    Folder,
    name_of,
    reported,
    unreported,
)
from sfmint.errors import CacheUnavailable, InvalidRequest
from sfmint.ports import Clock
from sfmint.row.conditional_write import ConditionalWrite, ConditionFailed, Item, Written
from sfmint.row.evaluate import carried_out, permits
from sfmint.row.guarantees import Guarantee
from sfmint.row.row import BUDGETS
from sfmint_values.aws_codes import code_of

if TYPE_CHECKING:
    from sfmint.adapters.aws.calls import Answer, GetParametersByPath, PutParameter, SsmCalls

PAUSE_S = 1.0  # before a flush that came too late is tried once more
LEASES_AHEAD = 3  # dates; so a token that is rejected and flushed at once has successors at once
FLUSHES_AHEAD = HEEDED - 1  # a date further than leases, and still heeded by who is a date behind
FLUSH_TRIES = 3
_PAGE = 10  # names that a listing gives and a deletion takes
_PERMISSIONS = {
    "to read": "ssm:GetParametersByPath",
    "to write": "ssm:PutParameter",
    "to delete": "ssm:DeleteParameters",
}


def cache_path(stack: str) -> str:
    """Return the path under which a stack's items stand."""
    return f"/sfmint/{stack}/cache"


class ParameterStore:
    """Items in the parameters of one stack.

    Args:
        client: of SSM.
        path: under which the items stand, as `cache_path` gives it.
        clock: gives the dates, and is compared with Parameter Store's.
        repeats: asks Parameter Store again.
    """

    CANNOT_PROMISE: ClassVar[frozenset[Guarantee]] = frozenset(Guarantee)
    LONGEST_READ: ClassVar[int] = 1  # a page: who writes deletes what counts no more
    LONGEST_WRITE: ClassVar[int] = 4  # to take the lease: look, create, look, delete or give back

    def __init__(self, client: "SsmCalls", path: str, clock: Clock, repeats: Repeats) -> None:
        self._client = client
        self._path = path
        self._clock = clock
        self._date = LastDate(clock)
        self._repeats = repeats

    def behind_s(self) -> float | None:
        """Return by how many seconds this machine's clock was behind Parameter Store's when that last answered."""
        return self._date.behind_s()

    def read(self, key: str) -> Item | None:
        """Return the item as it stands."""
        return self._look(key).item if _is_kept(key) else None

    def peek(self, key: str) -> Item | None:
        """Return the item without its sealed copy."""
        item = self.read(key) or {}
        return {name: value for name, value in item.items() if name != "sealed"} or None

    def write(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        """Carry out one write, conditional as far as this store can."""
        if not _is_kept(key):
            return Written({})
        if update.takes_lease:
            return self._create(key, update, LEASES_AHEAD)
        if not update.fences_out:
            return self._overwrite(key, update)
        if update.condition is None:
            return self._flush(key, update)
        raise InvalidRequest(  # only a taint fences out under a condition
            "This stack keeps its tokens in Parameter Store, where no row can bar a key.",
            remedy="Bar it in the connection's secret, with sfmint taint, and flush the connection.",
        )

    def _create(self, key: str, update: ConditionalWrite, ahead: int) -> Written | ConditionFailed:
        seen = self._look(key)
        date = seen.next_date(ahead)
        if date is None or not permits(update, seen.item):
            return ConditionFailed(seen.item)
        item = carried_out(update, seen.item)
        own = unreported(item)
        try:
            created = self._put(key, name_of(date), own, overwrite=False, repeatable=True)
        except CacheUnavailable as error:
            if not error.throttled:
                raise
            return ConditionFailed(seen.item)  # others are faster: who asked looks again after a while
        try:
            after = self._look(key)
        except CacheUnavailable:
            if created:
                self._give_back(key, date)
            raise
        if not created and not _is_same_lease(own, after.dated.get(date)):
            return ConditionFailed(after.item)
        others = after.without(date)
        if others.standing != seen.standing:  # somebody whose clock shows another date came in between
            self._give_back(key, date)
            return ConditionFailed(others.item)
        self._delete(key, after.spent)
        return Written(item)

    def _overwrite(self, key: str, update: ConditionalWrite) -> Written | ConditionFailed:
        seen = self._look(key)
        if not permits(update, seen.item):
            return ConditionFailed(seen.item)
        item = carried_out(update, seen.item)
        if reported(item) != reported(seen.item or {}):
            name, seen = seen.reporting(item)
            self._put(key, name, reported(item), repeatable=update.repeatable)
        if (seen.item or {}) != item:
            date = seen.today if seen.current is None else seen.current
            self._put(key, name_of(date), unreported(item))
            self._delete(key, seen.superseded)
        return Written(item)

    def _flush(self, key: str, update: ConditionalWrite) -> Written:
        for _ in range(FLUSH_TRIES):
            outcome = self._create(key, update, FLUSHES_AHEAD)
            if isinstance(outcome, Written):
                return outcome
            self._clock.sleep(PAUSE_S)  # somebody was faster
        raise CacheUnavailable(
            "The connection was flushed several times within a minute, or keeps changing.",
            remedy="Call again after a minute.",
        )

    def _look(self, key: str) -> Folder:
        folder = f"{self._folder(key)}/"
        now = self._clock.now()
        parameters = self._parameters(key)
        return Folder.from_texts({name.removeprefix(folder): text for name, text in parameters}, now)

    def _parameters(self, key: str) -> Iterator[tuple[str, str]]:
        """Give the name and the value of each parameter of a folder."""
        request: GetParametersByPath = {"Path": self._folder(key), "WithDecryption": False, "MaxResults": _PAGE}
        while True:
            call = partial(self._client.get_parameters_by_path, **request)
            parameters, next_token = _read_page(self._send("to read", call))
            yield from map(_read_parameter, parameters)
            match next_token:
                case None | "":
                    return
                case str(token) if token != request.get("NextToken"):
                    request["NextToken"] = token
                case _:
                    raise unreadable("Parameter Store")

    def _put(self, key: str, name: str, item: Item, *, overwrite: bool = True, repeatable: bool = False) -> bool:
        """Write a parameter; return whether this very request did."""
        text = to_text(item)
        if len(text) > LARGEST_TEXT:
            raise CacheUnavailable(
                f"The row does not fit into a parameter of {LARGEST_TEXT:,} characters.",
                remedy="Set the parameter CacheBackend to dynamodb.",
            )
        return self._put_text(key, name, text, overwrite=overwrite, repeatable=repeatable)

    def _put_text(self, key: str, name: str, text: str, *, overwrite: bool, repeatable: bool) -> bool:
        request: PutParameter = {
            "Name": f"{self._folder(key)}/{name}",
            "Value": text,
            "Type": "String",
            "Tier": "Standard",  # never the account's own choice, which may be one that is billed
            "Overwrite": overwrite,
        }
        # To create twice changes nothing: a first try that landed is recognised where it stands.
        call = partial(self._client.put_parameter, **request)
        return self._send("to write", call, repeatable=repeatable) is not None

    def _give_back(self, key: str, date: int) -> None:
        """Take back what I have created, as far as possible: what stays runs out by itself."""
        with suppress(CacheUnavailable):
            self._put_text(key, name_of(date), GIVEN_BACK, overwrite=True, repeatable=True)

    def _delete(self, key: str, names: Sequence[str]) -> None:
        """Delete as far as possible: what stays is outdated, and goes with the next write."""
        with suppress(CacheUnavailable):
            for some in batched([f"{self._folder(key)}/{name}" for name in names], _PAGE, strict=False):
                self._send("to delete", partial(self._client.delete_parameters, Names=some), repeatable=False)

    def _send(self, action: str, call: "Callable[[], Answer]", *, repeatable: bool = True) -> "Answer | None":
        """Return the answer; None to a creation that came too late."""
        try:
            answer = self._repeats.ask(call, repeatable=repeatable)
        except ClientError as error:
            self._date.note(error.response)
            if code_of(error) == "ParameterAlreadyExists":
                return None
            raise self._unavailable(action, error) from None
        except BotoCoreError as error:
            raise self._unavailable(action, error) from None
        self._date.note(answer)
        return answer

    def _unavailable(self, action: str, error: AwsError) -> CacheUnavailable:
        thing = f"the parameters under {self._path}"
        asked = Asked(service="Parameter Store", action=action, permission=_PERMISSIONS[action], thing=thing)
        return unavailable(asked, error)

    def _folder(self, key: str) -> str:
        return f"{self._path}/{key.replace('#', '/')}"


def _read_page(page: "Answer | None") -> tuple[list[object], object]:
    match page:
        case {"Parameters": [*parameters], **rest}:
            return parameters, rest.get("NextToken")
        case _:
            raise unreadable("Parameter Store")


def _read_parameter(parameter: object) -> tuple[str, str]:
    match parameter:
        case {"Name": str(name), "Value": str(text)}:
            return name, text
        case _:
            raise unreadable("Parameter Store")


def _is_kept(key: str) -> bool:
    """Return whether an item is kept: login budgets are not, for the dates are a limit by themselves."""
    return not key.startswith(BUDGETS)


def _is_same_lease(own: Item, found: Item | None) -> bool:
    """Return whether a creation that came too late met itself; of two flushes one cannot tell which it was."""
    return "lease_owner" in own and own == found
