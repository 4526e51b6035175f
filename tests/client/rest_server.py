"""A host of REST on 127.0.0.1 that answers what a test says, and tokens for it without a broker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from client.answers import a_token
from sfmint_client import AccessToken
from wsgi_service import serving

EXPIRED = b'[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]'


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it arrived."""

    method: str
    path: str
    authorization: str | None
    body: bytes
    session: str | None = None


@dataclass
class RestServer:
    """A host. It answers what `answer` says, else 401 to every token but those that are `alive`."""

    url: str = ""
    alive: set[str] = field(default_factory=set)
    answer: Callable[[Heard], Response | None] = lambda heard: None
    heard: list[Heard] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Serve as a WSGI application."""
        request = Request(environ)
        heard = Heard(
            request.method,
            request.path,
            request.headers.get("Authorization"),
            request.get_data(),
            request.headers.get("X-SFDC-Session"),
        )
        self.heard.append(heard)
        alive = (heard.authorization or "").removeprefix("Bearer ") in self.alive
        refused = Response(EXPIRED, status=401, content_type="application/json;charset=UTF-8")
        response = self.answer(heard) or (Response(b'{"done": true}') if alive else refused)
        return response(environ, start_response)


@contextmanager
def running_rest_server() -> Iterator[RestServer]:
    host = RestServer()
    with serving(host) as host.url:
        yield host


class Tokens:
    """Hands out one token after the other: the next one where the one before is rejected.

    Args:
        texts: the tokens in turn.
        urls: where each is good; the last stands for all that follow.
    """

    def __init__(self, *texts: str, urls: tuple[str, ...]) -> None:
        last = len(urls) - 1
        self._tokens = [a_token(text, instance_url=urls[min(i, last)]) for i, text in enumerate(texts)]
        self.rejected: list[str | None] = []
        self.fails_with: Exception | None = None

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        if rejected is not None:
            self.rejected.append(rejected)
            if self.fails_with:
                raise self.fails_with
            if self._tokens[0].fingerprint == rejected:
                del self._tokens[0]
        return self._tokens[0]
