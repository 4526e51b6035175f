"""The token is in no answer: one that repeats it is refused, and never changed without a word."""

from collections.abc import Iterable

from sfmint_client.errors import AnswerHoldsToken
from sfmint_client.rest.answer import RestAnswer
from sfmint_client.rest.request import RestRequest
from sfmint_values.foreign import ForeignBytes
from sfmint_values.repeated_secret import holds
from sfmint_values.secret import Secret


def check_silence(request: RestRequest, answer: RestAnswer, content: ForeignBytes, tokens: Iterable[Secret]) -> None:
    """Refuse an answer whose body or headers hold one of the tokens, or a part of one, in any usual encoding.

    Args:
        request: what was asked for.
        answer: what would be handed on.
        content: its body as it came over the wire.
        tokens: those that were sent.

    Raises:
        AnswerHoldsToken: it does.
    """
    headers = "\n".join(answer.headers.values()).encode()
    if any(holds(text, token) for token in tokens for text in (content, headers)):
        raise _refused(request)


def _refused(request: RestRequest) -> AnswerHoldsToken:
    carried_out = (
        "Ask for a resource, or for fields, that do not repeat it"
        if request.is_repeatable
        else "Do not send it again: look into Salesforce for what it did"
    )
    return AnswerHoldsToken(
        "Salesforce has carried the request out, but its answer repeats the access token that was sent, so it is not"
        f" handed on. {carried_out}; if a class of Apex REST answers so, have its author leave the session id out."
    )
