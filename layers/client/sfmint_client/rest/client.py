"""REST requests to a connection's org, whose token the caller never sees.

client = RestClient(TokenClient("my-org"), https_session())
client.send(RestRequest(method="GET", path="/services/data/v67.0/query", query={"q": "SELECT Id FROM Account"}))
"""

from itertools import count

from requests import Session

from sfmint_client.access_token import TokenProvider
from sfmint_client.errors import RequestNotAllowed
from sfmint_client.rest.allow_list import AllowList
from sfmint_client.rest.answer import RestAnswer
from sfmint_client.rest.exchange import LEAST_S, Exchange, Failed, Observer
from sfmint_client.rest.parts import check_parts
from sfmint_client.rest.query_pages import QueryPages
from sfmint_client.rest.refusals.meaning import Again
from sfmint_client.rest.request import RestRequest
from sfmint_values.system import Chance, Clock, SystemChance, SystemClock

MOST_SENDINGS = 4
FIRST_PAUSE_S = 0.5  # doubled each time, drawn from its upper half
LONGEST_PAUSE_S = 10.0  # a longer wait is an error, and the caller's own


class RestClient:
    """Sends requests; reads and upserts by external id are repeated after a fault, other writes never.

    Args:
        tokens: where the connection's tokens come from.
        session: see `https_session`; several clients may share one.
        listed: hosts beside Salesforce's own that may be given tokens, `host` or `host:port`.
        clock: time, for tests.
        chance: chance, for tests.
    """

    def __init__(
        self,
        tokens: TokenProvider,
        session: Session,
        *,
        listed: frozenset[str] = frozenset(),
        clock: Clock | None = None,
        chance: Chance | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._chance = chance or SystemChance()
        self._exchange = Exchange(tokens, session, listed, self._clock)

    def send(
        self,
        request: RestRequest,
        *,
        allow_list: AllowList | None = None,
        within_s: float = 60.0,
        observe: Observer = lambda _: None,
    ) -> RestAnswer:
        """Return Salesforce's answer to a request that it did not refuse.

        Args:
            request: what to send.
            allow_list: what may be sent, pages that follow included; None: everything.
            within_s: how long it may take, in seconds.
            observe: is told of each answer of Salesforce.

        Raises:
            RequestNotAllowed: the allow-list has no rule for it; nothing was sent.
            AnswerTooLarge: the body is longer than `max_bytes`.
            AnswerHoldsToken: the answer repeats the token.
            SalesforcePartlyFailed: a part failed, and the request asks for that to be an error.
            SfmintError: by its class, why Salesforce refused or there is no token; its message is fit for anyone.
        """
        deadline = self._clock.monotonic() + within_s
        answer = self._allowed(request, allow_list, deadline, observe)
        if request.all_pages:
            pages = QueryPages(request, answer)
            while following := pages.following():
                pages.add(self._allowed(following, allow_list, deadline, observe))
            answer = pages.merged()
        if request.fail_on_partial:
            check_parts(answer)
        answer.check_length(request)
        return answer

    def _allowed(
        self, request: RestRequest, allow_list: AllowList | None, deadline: float, observe: Observer
    ) -> RestAnswer:
        if allow_list is not None:
            _check_allowed(request, allow_list)
        return self._persist(request, deadline, observe)

    def _persist(self, request: RestRequest, deadline: float, observe: Observer) -> RestAnswer:
        """Send a request, and again where that is safe and may help."""
        for sendings in count(1):
            try:
                return self._exchange.once(request, deadline=deadline, observe=observe)
            except Failed as failed:
                pause_s = self._pause_s(sendings, failed.retry_after_s or 0.0)
                safe = failed.again is Again.ALWAYS or (failed.again is Again.IF_REPEATABLE and request.is_repeatable)
                helps = sendings < MOST_SENDINGS and self._clock.monotonic() + pause_s + LEAST_S < deadline
                if not (safe and helps and pause_s <= LONGEST_PAUSE_S):
                    raise failed.error from None
            self._clock.sleep(pause_s)
        raise AssertionError("unreachable")

    def _pause_s(self, sendings: int, retry_after_s: float) -> float:
        longest_s = FIRST_PAUSE_S * 2.0**sendings
        return max(retry_after_s, self._chance.uniform(longest_s / 2, longest_s))


def _check_allowed(request: RestRequest, allow_list: AllowList) -> None:
    if not allow_list.allows(request.method, request.path, request.host):
        raise RequestNotAllowed(
            f"No rule of the connection's allow-list is for {request.method} and this path."
            " Have its operator add one, or ask for something else."
        )
    for name in request.headers:
        if not allow_list.allows_header(name):
            raise RequestNotAllowed(
                f"The connection's allow-list does not name the header {name}. Have its operator add the line HEADER {name}, or"
                " leave the header out."
            )
