"""The secret with the user and the password of a proxy, as a function of the stack reads it.

Source: AWS Secrets Manager API Reference, GetSecretValue, "Errors".
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sfmint_client.errors import CacheUnavailable, InvalidCredentials, SfmintError
from sfmint_values.aws_codes import ACCESS_DENIED, code_of
from sfmint_values.function_settings import FunctionSettings
from sfmint_values.proxy_login import LACKS, REMEDY, ProxyLogin, login_of
from sfmint_values.secret import Secret
from sfmint_values.system import Clock
from sfmint_values.text_bytes import text_of

_KEY = "kms:Decrypt on its KMS key (the stack's parameter SecretsKeyArns allows it, and the key's own policy must too)"
# Of a key, which may be a customer's: a secret that cannot be decrypted, a key that is off or gone.
_OF_KEY = frozenset({"DecryptionFailure", "KMSAccessDeniedException"})


def open_proxy_login(settings: FunctionSettings, client: Callable[[], Any], clock: Clock) -> ProxyLogin | None:
    """Return what a proxy is told, of which nothing is read yet; None where there is no proxy, or it asks for no login.

    Args:
        settings: of the function.
        client: returns a client of Secrets Manager.
        clock: time.

    It raises `InvalidCredentials` where the secret cannot be used or may not be read, and `CacheUnavailable` where
    Secrets Manager does not answer.
    """
    secret_arn = settings.https_proxy_secret
    if settings.https_proxy is None or secret_arn is None:
        return None
    return ProxyLogin(lambda: _read(client, secret_arn), clock)


def _read(client: Callable[[], Any], secret_arn: str) -> Secret:
    try:
        answer = client().get_secret_value(SecretId=secret_arn, VersionStage="AWSCURRENT")
    except (BotoCoreError, ClientError) as error:
        raise _unread(secret_arn, code_of(error)) from None
    try:
        return login_of(_text(answer))
    except ValueError as error:
        flaw = str(error)
    raise InvalidCredentials(f"The secret of the proxy, {secret_arn}, is unusable: {flaw}. {REMEDY}")


def _text(answer: Mapping[str, Any]) -> str:
    """Return the text, which is stored as a text or as octets."""
    if "SecretString" in answer:
        return str(answer["SecretString"]).removeprefix("\ufeff")
    return text_of(answer["SecretBinary"])


def _unread(secret_arn: str, code: str) -> SfmintError:
    if lack := LACKS.get(code):
        state, remedy = lack
        return InvalidCredentials(f"The secret of the proxy, {secret_arn}, {state}. {remedy}")
    if code in ACCESS_DENIED | _OF_KEY:
        return InvalidCredentials(
            f"AWS does not let the function read the secret of the proxy, {secret_arn}: {code}. Allow the function's role"
            f" secretsmanager:GetSecretValue on it, as the stack's template does, and {_KEY}; policies of the organisation"
            " and of a VPC endpoint must allow both."
        )
    return CacheUnavailable(
        f"The secret of the proxy, {secret_arn}, cannot be read: {code}. Call again; in a VPC check the endpoint of Secrets"
        " Manager or the way out."
    )
