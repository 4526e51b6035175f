"""A query's answer that comes in pages, put together again."""

from dataclasses import replace
from typing import Any

from sfmint_client.errors import RequestNotAllowed, SalesforceUnavailable
from sfmint_client.rest.answer import RestAnswer, too_large, written_length
from sfmint_client.rest.request import RestRequest

_ABOVE = "/services/data/"


class QueryPages:
    """The pages of one answer, each of which names the next in `nextRecordsUrl`.

    Args:
        request: what was asked for; its `max_bytes` holds for all pages together.
        first: the answer to it, perhaps the only page, perhaps none at all.

    Source: REST API Developer Guide, "Query".
    """

    def __init__(self, request: RestRequest, first: RestAnswer) -> None:
        self._request = request
        self._first = self._last = first
        self._seen = {request.path}
        self._records: list[Any] = []
        self._length = 0
        if self._named() is not None:
            self._take(first)

    def following(self) -> RestRequest | None:
        """Return the request for the next page, or None after the last.

        Raises:
            RequestNotAllowed: the page is no resource of the REST API.
            SalesforceUnavailable: the page was here before.
        """
        path = self._named()
        if path is None:
            return None
        if not isinstance(path, str) or path in self._seen:
            raise _malformed()
        self._seen.add(path)
        if not path.startswith(_ABOVE):
            raise _elsewhere()
        try:
            return replace(self._request, path=path, query={})
        except RequestNotAllowed:
            raise _elsewhere() from None

    def add(self, answer: RestAnswer) -> None:
        """Take the answer to the request that `following` returned.

        Raises:
            AnswerTooLarge: all pages so far are longer than `max_bytes`.
            SalesforceUnavailable: it is no page.
        """
        self._take(answer)
        self._last = answer

    def merged(self) -> RestAnswer:
        """Return the first answer with the records of all; the first itself where there is but one."""
        if self._last is self._first:
            return self._first
        rest = {name: value for name, value in self._last.body.items() if name != "records"}
        return replace(self._first, body=rest | {"records": self._records}, api_usage=self._last.api_usage)

    def _named(self) -> object:
        body = self._last.body
        return body.get("nextRecordsUrl") if isinstance(body, dict) else None

    def _take(self, answer: RestAnswer) -> None:
        records = answer.body.get("records") if isinstance(answer.body, dict) else None
        if not isinstance(records, list):
            raise _malformed()
        self._records += records
        self._length += written_length(records)
        if self._length > self._request.max_bytes:
            raise too_large(self._request)


def _elsewhere() -> RequestNotAllowed:
    return RequestNotAllowed(
        f"The answer names a next page that is no plain path below {_ABOVE}, so it is not followed. Leave all_pages out,"
        " and see what answers there: Salesforce's own pages are such paths."
    )


def _malformed() -> SalesforceUnavailable:
    return SalesforceUnavailable(
        "Salesforce's pages do not follow each other: one comes again, or is none. Call again later, or leave"
        " all_pages out and follow nextRecordsUrl."
    )
