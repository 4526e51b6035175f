"""A request of many parts, of which some may fail while the whole is answered as a success.

Source: REST API Developer Guide, "Composite", "Composite Batch", "Composite Graph", "sObject Collections" and "sObject
Tree"; Actions Developer Guide, "Invocable Actions"; Bulk API 2.0 Developer Guide, "Get Information About an Ingest Job".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sfmint_client.errors import SalesforcePartlyFailed
from sfmint_client.rest.answer import RestAnswer
from sfmint_client.rest.refusals.refusal import Refusal

_REFUSED = 300
_NAMES = ("compositeResponse", "graphs", "results")
_ENDED_BADLY = {"Failed", "Aborted"}
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
    parts = list(_parts(answer))
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


def _parts(answer: RestAnswer) -> Iterator[_Part]:
    body = answer.body
    if isinstance(body, list):
        yield from (_record(part, answer.status_code) for part in body)
    elif isinstance(body, dict):
        lists = [body[name] for name in _NAMES if isinstance(body.get(name), list)]
        for part in (part for parts in lists for part in parts):
            yield from _of_composite(part, answer.status_code)
        if not lists:
            yield from _job(body, answer.status_code)
            yield _record(body, answer.status_code)


def _of_composite(part: Any, status: int) -> Iterator[_Part]:
    """Yield the parts of a graph; else the part itself."""
    graph = part.get("graphResponse") if isinstance(part, dict) else None
    if isinstance(graph, dict) and isinstance(graph.get("compositeResponse"), list):
        yield from (_record(each, status) for each in graph["compositeResponse"])
    else:
        yield _record(part, status)


def _record(part: Any, status: int) -> _Part:
    """Return what became of one part, in any of the forms that Salesforce has for it."""
    if not isinstance(part, dict):
        return _Part()
    own = next((part[name] for name in ("httpStatusCode", "statusCode") if isinstance(part.get(name), int)), status)
    succeeded = next((part[name] for name in ("success", "isSuccess", "isSuccessful") if name in part), None)
    said = next((part[name] for name in ("body", "result") if name in part), part)
    if own >= _REFUSED or succeeded is False or (succeeded is None and bool(part.get("errors"))):
        return _Part(failure=Refusal.of_part(own, said))
    if said is not part and isinstance(said, list):  # collections inside of a composite
        return next((inner for each in said if (inner := _record(each, own)).failure), _Part())
    return _Part()


def _job(body: dict[str, Any], status: int) -> Iterator[_Part]:
    """Yield what became of a bulk job's records."""
    failed, state = body.get("numberRecordsFailed"), body.get("state")
    if state in _ENDED_BADLY and "object" in body:
        yield _Part(failure=Refusal.of_part(status, {"message": str(body.get("errorMessage") or state)}))
    if isinstance(failed, int) and failed > 0:
        said = "Rows of the job failed: its failedResults name them, and why."
        yield _Part(times=failed, failure=Refusal.of_part(status, {"message": said}))
        done = body.get("numberRecordsProcessed")
        yield _Part(times=max(0, done - failed) if isinstance(done, int) else 0)
