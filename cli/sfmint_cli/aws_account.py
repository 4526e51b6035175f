"""The AWS account that a command works in, and AWS's errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from sfmint_cli import render
from sfmint_cli.endpoint import Endpoint, asked_elsewhere
from sfmint_cli.options import Target
from sfmint_cli.result import Failed
from sfmint_client.aws_error import AwsError
from sfmint_client.system import region_of_environment
from sfmint_values.aws_codes import ACCESS_DENIED, THROTTLED, code_of

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

_SERVICES = ("cloudformation", "lambda", "secretsmanager", "ssm")
CONNECT_S, ANSWER_S = 5, 65  # a function of the stack may take its 60 s

_SIGN_IN = "Sign in (aws sso login, aws configure), or name a profile with --profile."
_RENEW = "Renew them (aws sso login), check this machine's clock, or name another profile with --profile."
# By AWS's error code, or by botocore's class where no answer came: name, cause, remedy.
_MEANINGS = {
    ("NoCredentialsError",): ("NoCredentials", "There are no AWS credentials.", _SIGN_IN),
    ("PartialCredentialsError", "CredentialRetrievalError", "NoAuthTokenError"): (
        "NoCredentials",
        "The AWS credentials are incomplete.",
        _SIGN_IN,
    ),
    ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRetrievalError", "UnauthorizedSSOTokenError"): (
        "ExpiredCredentials",
        "The AWS credentials have expired.",
        _RENEW,
    ),
    ("SSOTokenLoadError", "LoginRefreshRequired", "LoginTokenLoadError"): (
        "ExpiredCredentials",
        "The sign-in to AWS is missing or over.",
        _RENEW,
    ),
    (
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "AuthFailure",
    ): ("InvalidCredentials", "AWS does not accept the credentials.", _RENEW),
    ("ProfileNotFound",): (
        "UnknownProfile",
        "The AWS configuration has no such profile.",
        "See `aws configure list-profiles`, and name one with --profile.",
    ),
    ("ConfigParseError", "ConfigNotFound"): (
        "InvalidConfiguration",
        "The AWS configuration cannot be read.",
        "Correct ~/.aws/config and ~/.aws/credentials.",
    ),
    ("NoRegionError",): ("NoRegion", "No AWS region is known.", "Name one with --region, or set AWS_REGION."),
    ("InvalidRegionError", "UnknownRegionError", "UnknownEndpointError"): (
        "UnknownRegion",
        "That is no AWS region.",
        "Correct --region, AWS_REGION or the profile's region.",
    ),
    ("SSLError", "ProxyConnectionError", "InvalidProxiesConfigError"): (
        "Unreachable",
        "AWS cannot be reached: the proxy, or what opens TLS on the way, is in between.",
        "Check HTTPS_PROXY, and AWS_CA_BUNDLE where a proxy opens TLS.",
    ),
}
_KNOWN = {code: meaning for codes, meaning in _MEANINGS.items() for code in codes}
_UNREACHABLE = frozenset(
    {"EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"}
)


class Account:
    """Clients of the account and region that the global options name.

    Args:
        target: the global options.

    Attributes:
        region: the region's name.
        botocore: the session below, for whoever makes clients of it.

    Raises:
        Failed: there is no such profile, no region, or the configuration cannot be read.
    """

    def __init__(self, target: Target) -> None:
        Endpoint.named()  # botocore says of one that is no URL only that a value is wrong
        with asking("prepare its calls"):
            self.botocore = botocore.session.Session()
            self._session = boto3.Session(
                botocore_session=self.botocore,
                profile_name=target.profile,
                region_name=target.region or region_of_environment(),
            )
        if self._session.region_name is None:
            name, cause, remedy = _KNOWN["NoRegionError"]
            raise Failed(cause, remedy=remedy, name=name)
        self.region = self._session.region_name
        if not target.as_json:
            self._tell_who_answers()
        self._config = Config(connect_timeout=CONNECT_S, read_timeout=ANSWER_S, retries={"mode": "standard"})

    def _tell_who_answers(self) -> None:
        """Warn of what answers in AWS's place, before a key or a token goes there."""
        with asking("prepare its calls"):
            elsewhere = asked_elsewhere(self.botocore, _SERVICES)
        for address, services in elsewhere.items():
            named = endpoint.variable if (endpoint := Endpoint.find(address)) else "the AWS configuration"
            render.warn(f"{address} is asked in AWS's place ({', '.join(services)}), because {named} names it.")

    def cloudformation(self) -> "CloudFormationClient":
        """Return a client of CloudFormation."""
        with asking("prepare its calls"):
            return self._session.client("cloudformation", config=self._config)

    def secrets_manager(self) -> "SecretsManagerClient":
        """Return a client of Secrets Manager."""
        with asking("prepare its calls"):
            return self._session.client("secretsmanager", config=self._config)

    def parameter_store(self) -> "SSMClient":
        """Return a client of Parameter Store."""
        with asking("prepare its calls"):
            return self._session.client("ssm", config=self._config)

    def functions(self) -> "LambdaClient":
        """Return a client of Lambda."""
        with asking("prepare its calls"):
            return self._session.client("lambda", config=self._config)


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Raise what AWS answers in our words; its own are left out, for they may quote the request.

    Args:
        what: AWS is asked to do, such as `create the secret sfmint/acme/orders`.

    Raises:
        Failed: AWS refused, or did not answer.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise _failed(what, error) from None


def _failed(what: str, error: AwsError) -> Failed:
    code = code_of(error)
    if code in _KNOWN:
        name, cause, remedy = _KNOWN[code]
        return Failed(cause, remedy=remedy, name=name)
    if code in ACCESS_DENIED:
        action = f" ({error.operation_name})" if isinstance(error, ClientError) else ""
        return Failed(
            f"AWS does not let these credentials {what}{action}.",
            remedy="Have the action allowed for them, or name another profile with --profile.",
            name="AccessDenied",
        )
    if code in _UNREACHABLE and (endpoint := Endpoint.find(str(getattr(error, "kwargs", {}).get("endpoint_url", "")))):
        return Failed(
            f"Nothing usable answered at {endpoint.address} when asked to {what}: {code}.",
            remedy=f"The environment variable {endpoint.variable} names that address in AWS's place: unset it, or start"
            " what should answer there.",
            name="Unreachable",
        )
    if code in _UNREACHABLE:
        return Failed(
            f"AWS did not answer when asked to {what}: {code}.",
            remedy="Check the network, HTTPS_PROXY, and that --region names a region of AWS.",
            name="Unreachable",
        )
    remedy = "Wait a minute and run this again." if code in THROTTLED else "Run this again; if it lasts, look it up."
    return Failed(f"AWS did not {what}: {code}.", remedy=remedy, name="AwsError")
