"""A request of many parts, of which some may fail while the whole is answered as a success.

Source: REST API Developer Guide, "Composite", "Composite Batch", "Composite Graph", "sObject Collections" and "sObject
Tree"; Actions Developer Guide, "Invocable Actions"; Bulk API 2.0 Developer Guide, "Get Information About an Ingest Job";
Bulk API Developer Guide, "Get Information for a Batch".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sfmint_client.errors import SalesforcePartlyFailed
from sfmint_client.rest.answer import RestAnswer
from sfmint_client.rest.refusals.refusal import Refusal

_REFUSED, _NOT_MODIFIED = 300, 304
_LISTS = ("compositeResponse", "graphs", "results", "batchInfo")
_ANSWERS = ("graphResponse", "body", "result")  # of one part; they may have parts of their own
_DEPTH = 16  # of lists and objects in each other
_SUCCESSES = ("success", "isSuccess", "isSuccessful")
_ENDED_BADLY = {"Failed", "Aborted"}
_LONGEST_NUMBER = 12  # digits
_OF_JOBS = {"object", "jobId", "operation", "stateMessage"}
_COUNTS = (
    ("numberRecordsFailed", "Rows of the job failed: its failedResults name them, and why."),
    ("numberBatchesFailed", "Batches of the job failed: the stateMessage of each says why."),
)
# Codes of parts that were only told of another's failure.
_CONSEQUENCES = {"PROCESSING_HALTED", "BATCH_PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"}


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an answer.

    Attributes:
        times: how many it counts for.
        failure: what Salesforce says of it, if it failed.
    """

    times: int = 1
    failure: Refusal | None = None


def check_parts(answer: RestAnswer) -> None:
    """Refuse an answer of which a part failed: of a composite, a batch, a graph, collections, a tree, actions, a bulk job.

    Raises:
        SalesforcePartlyFailed: one did.
    """
    parts = list(_parts(answer.body, answer.status_code))
    failed = [part for part in parts if part.failure]
    if not failed:
        return
    causes = [part.failure for part in failed if part.failure and part.failure.code not in _CONSEQUENCES]
    first = causes[0] if causes else failed[0].failure
    assert first  # noqa: S101 - a failed part has one
    of, failures = (sum(part.times for part in some) for some in (parts, failed))
    raise SalesforcePartlyFailed(
        f"Salesforce answered {answer.status_code}, but of {of} parts {failures} failed, the first with {first.quoted}."
        f" {first.meaning.remedy} The parts that did not fail were carried out: do not send those again."
    )


def _parts(value: Any, status: int, depth: int = _DEPTH) -> Iterator[_Part]:
    """Yield what became of the parts of an answer, and of parts that have parts of their own.

    Args:
        value: what JSON says.
        status: of the answer, or of the part that it is of.
        depth: how many lists and objects may still be in each other.
    """
    if isinstance(value, list) and depth:
        for each in value:
            yield from _parts(each, status, depth - 1)
    elif isinstance(value, dict) and depth:
        yield from _of_object(value, status, depth)
    else:
        yield _Part()


def _of_object(value: dict[str, Any], status: int, depth: int) -> Iterator[_Part]:
    own = next((number for name in ("httpStatusCode", "statusCode") if (number := _number(value.get(name)))), status)
    if own >= _REFUSED and own != _NOT_MODIFIED:
        yield _Part(failure=Refusal.of_part(own, next((value[name] for name in _ANSWERS if name in value), value)))
        return
    if parts := list(_of_job(value, own)):
        yield from parts
        return
    lists = [value[name] for name in _LISTS if isinstance(value.get(name), list)]
    within = lists or [value[name] for name in _ANSWERS if isinstance(value.get(name), list) or _tells(value.get(name))]
    parts = [part for each in within for part in _parts(each, own, depth - 1)]
    if _is_failed(value) and not any(part.failure for part in parts):
        parts = [_Part(failure=Refusal.of_part(own, value))]
    yield from parts or [_Part()]


def _tells(answer: Any) -> bool:
    """Tell whether an object says what became of it or of its parts, and is no record with fields of any name."""
    return isinstance(answer, dict) and not {*_SUCCESSES, *_LISTS, "hasErrors"}.isdisjoint(answer)


def _is_failed(value: dict[str, Any]) -> bool:
    said = next((value[name] for name in _SUCCESSES if value.get(name) is not None), None)
    return said is False or value.get("hasErrors") is True or (said is None and bool(value.get("errors")))


def _of_job(body: dict[str, Any], status: int) -> Iterator[_Part]:
    """Yield what became of the records of a bulk job, or of a batch of one."""
    if body.get("state") in _ENDED_BADLY and not _OF_JOBS.isdisjoint(body):
        said = body.get("errorMessage") or body.get("stateMessage") or body["state"]
        yield _Part(failure=Refusal.of_part(status, {"message": str(said)}))
    failed = 0
    for name, said in _COUNTS:
        if times := _number(body.get(name)):
            failed += times
            yield _Part(times=times, failure=Refusal.of_part(status, {"message": said}))
    if failed:
        yield _Part(times=max(0, _number(body.get("numberRecordsProcessed")) - failed))


def _number(value: object) -> int:
    """Return a whole number above zero, which some answers write as a text; 0 where it is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:_LONGEST_NUMBER])
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
