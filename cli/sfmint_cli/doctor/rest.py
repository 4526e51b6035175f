"""Two requests to the org's REST API, and what a refusal of them means: by the same tables as every other refusal."""

import json
from typing import Any

from requests import RequestException

from sfmint_cli.doctor.case import Case
from sfmint_cli.way_out import proxy_for
from sfmint_client.access_token import AccessToken
from sfmint_client.rest.answer import media_type
from sfmint_client.rest.refusals.refusal import Refusal
from sfmint_client.rest.session import NotConnected, https_session

VERSIONS = "/services/data/"
_WITHIN_S = 3.0
_OK = 200


class Refused(Exception):  # noqa: N818 - what happened
    """The org has answered with a refusal.

    Args:
        refusal: read, and fit to be shown.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class Unanswered(Exception):  # noqa: N818 - what happened
    """No answer came, or none that is JSON."""


def get(case: Case, path: str) -> Any:
    """Return what a path of the token's org answers, parsed.

    Raises:
        Refused: the answer is a refusal.
        Unanswered: no whole answer came in time.
    """
    token = case.token
    # The client's own form of it, which knows how a token is sent.
    sent = AccessToken.from_answer(token.answer(now=case.clock.now(), min_ttl=0) | {"source": "minted"})
    headers = {"Authorization": sent.authorization, "Accept": "application/json"}
    session = https_session(ca_bundle=case.ca_bundle, proxy=proxy_for(token.instance_url))
    try:
        answer = session.get(f"{token.instance_url}{path}", headers=headers, timeout=_WITHIN_S, allow_redirects=False)
        content = answer.content
    except (NotConnected, RequestException):
        raise Unanswered from None  # without a context: it holds the request, and so the token
    finally:
        session.close()
    is_json = media_type(answer.headers.get("Content-Type", "")) == "application/json"
    if answer.status_code != _OK:
        raise Refused(Refusal.read(answer.status_code, content, is_json=is_json, token=token.access_token))
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Unanswered from None
