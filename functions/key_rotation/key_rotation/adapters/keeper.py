"""The stack's keeper, which logs in: its alias `live`, by Lambda's Invoke."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

from key_rotation.adapters.asking import asking
from key_rotation.logins import LoggedIn, LoginRefused, LoginUnanswered, LoginUnusable, NoLogin, Tried
from sfmint.adapters.aws.errors import Asked
from sfmint.errors import AssertionRejected, InvalidCredentials, SfmintError
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_client.function_error import FunctionError
from sfmint_values.record_id import is_org_id
from sfmint_values.secret import is_fingerprint

READ_S = 65.0  # the keeper's own time-out, and the way
_OF_KEY = REASONS["wrong_key"].told().cause.removesuffix(".")
_INVOKE = Asked(
    service="Lambda",
    action="to invoke the stack's token_keeper",
    permission="lambda:InvokeFunction",
    thing="the alias live of the stack's token_keeper",
)


class _FailedError(Exception):
    """The keeper has answered with an error of its own."""

    def __init__(self, error: FunctionError) -> None:
        super().__init__(error.name)
        self.name = error.name
        self.said = error.message or f"The keeper's function ended without an answer ({error.name or 'no name'})."


class LambdaKeeper:
    """Asks the keeper.

    Args:
        client: of Lambda, botocore's, which waits `READ_S` for an answer and asks once: a login counts.
        arn: of the keeper's alias `live`.
    """

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def refresh(self, connection: str, *, ahead_s: int) -> NoLogin | None:
        """Have the row's token be good for some time; None: it is, else why not."""
        try:
            said = self._ask("refresh", connection, ahead_s=ahead_s)
        except (_FailedError, SfmintError) as error:
            return _no_login(error)
        failure = said.get("failure")
        if not isinstance(failure, dict):
            return None
        told = {"errorType": failure.get("error"), "errorMessage": failure.get("message")}
        return _no_login(_FailedError(FunctionError.read(told)))

    def try_login(self, connection: str, stage: Literal["AWSCURRENT", "AWSPENDING"]) -> Tried:
        """Log in once with the version that has a label."""
        try:
            said = self._ask("try", connection, stage=stage)
        except (_FailedError, SfmintError) as error:
            return _no_login(error)
        key_id = said.get("key_id")
        if isinstance(key_id, str) and is_fingerprint(key_id):
            return LoggedIn(key_id)
        return LoginUnanswered("What answers in the place of the keeper names no key that logged in.")

    def org_of(self, connection: str) -> str | None:
        """Return the id of the org that the row's token is of; a token that is good is not minted anew for it."""
        try:
            org_id = self._ask("refresh", connection, ahead_s=0).get("org_id")
        except (_FailedError, SfmintError):
            return None
        return org_id if isinstance(org_id, str) and is_org_id(org_id) else None

    def minted_by(self, connection: str) -> str | None:
        """Return the id of the key that minted the row's token; None: there is none, or nobody knows."""
        key_id = self._rows(connection).get(connection, {}).get("key_id")
        return key_id if isinstance(key_id, str) and is_fingerprint(key_id) else None

    def certificate_ends(self) -> Mapping[str, float]:
        """Return when the certificates end of the keys that minted the rows' tokens, by connection; epoch seconds.

        A connection is left out whose row does not tell, and all are where the keeper does not answer.
        """
        until = {name: row.get("certificate_until") for name, row in self._rows(None).items()}
        return {name: at for name, text in until.items() if (at := _instant(text)) is not None}

    def _rows(self, connection: str | None) -> Mapping[str, Mapping[str, Any]]:
        """Return what the keeper tells of one row, or of all, by connection; nothing where it does not answer."""
        try:
            rows = self._ask("status", connection).get("connections")
        except (_FailedError, SfmintError):
            return {}
        return {name: row for name, row in rows.items() if isinstance(row, dict)} if isinstance(rows, dict) else {}

    def _ask(self, action: str, connection: str | None, **more: str | int) -> Mapping[str, Any]:
        event = {"action": action, **({"connection": connection} if connection else {}), **more}
        with asking(_INVOKE):
            answer = self._client.invoke(FunctionName=self._arn, Payload=json.dumps(event).encode())
            payload, has_failed = answer["Payload"].read(), "FunctionError" in answer
        said: object = None
        with suppress(ValueError, RecursionError):
            said = json.loads(payload)
        if isinstance(said, dict) and not has_failed:
            return said
        raise _FailedError(FunctionError.read(said if isinstance(said, dict) else {}))


def _no_login(error: _FailedError | SfmintError) -> NoLogin:
    if isinstance(error, SfmintError):
        return LoginUnanswered(str(error))
    match error.name:
        case AssertionRejected.__name__:
            return LoginRefused(error.said, is_of_key=error.said.startswith(_OF_KEY))
        case InvalidCredentials.__name__:
            return LoginUnusable(error.said)
        case _:
            return LoginUnanswered(error.said)


def _instant(text: object) -> float | None:
    """Return epoch seconds of an instant in ISO 8601, as the keeper's answer has it."""
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
