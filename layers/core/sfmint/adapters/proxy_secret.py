"""The secret with the user and the password of a proxy; loaded where the stack has one.

Source: AWS Secrets Manager API Reference, GetSecretValue, "Errors".
"""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws.errors import Asked, AwsError, unavailable
from sfmint.adapters.aws.repeats import Repeats
from sfmint.adapters.aws.secret_value import secret_text
from sfmint.errors import InvalidCredentials, SfmintError
from sfmint.ports import Clock
from sfmint_values.aws_codes import code_of
from sfmint_values.proxy_login import LACKS, REMEDY, ProxyLogin, login_of
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from sfmint.adapters.aws.calls import SecretsManagerCalls


def open_proxy_login(client: "SecretsManagerCalls", secret_arn: str, repeats: Repeats, clock: Clock) -> ProxyLogin:
    """Return what a proxy is told, of which nothing is read yet.

    Args:
        client: of Secrets Manager.
        secret_arn: of the secret.
        repeats: asks Secrets Manager again.
        clock: time.

    It raises `InvalidCredentials` where the secret cannot be used or may not be read, and `CacheUnavailable` where
    Secrets Manager does not answer. Neither is a decision about tokens: one that is still good may be served.
    """
    return ProxyLogin(lambda: _read(client, secret_arn, repeats), clock)


def _read(client: "SecretsManagerCalls", secret_arn: str, repeats: Repeats) -> Secret:
    try:
        answer = repeats.ask(lambda: client.get_secret_value(SecretId=secret_arn, VersionStage="AWSCURRENT"))
    except (BotoCoreError, ClientError) as error:
        raise _unread(secret_arn, error) from None
    try:
        return login_of(secret_text(answer))
    except ValueError as error:
        flaw = str(error)
    raise InvalidCredentials(f"The secret of the proxy, {secret_arn}, is unusable: {flaw}.", remedy=REMEDY)


def _unread(secret_arn: str, error: AwsError) -> SfmintError:
    if lack := LACKS.get(code_of(error)):
        state, remedy = lack
        return InvalidCredentials(f"The secret of the proxy, {secret_arn}, {state}.", remedy=remedy)
    found = unavailable(
        Asked(
            service="Secrets Manager",
            action="to read the secret of the proxy",
            permission="secretsmanager:GetSecretValue",
            thing=f"the secret of the proxy, {secret_arn},",
            key_parameter="SecretsKeyArns",
        ),
        error,
    )
    return InvalidCredentials(found.cause, remedy=found.remedy) if found.denied else found
