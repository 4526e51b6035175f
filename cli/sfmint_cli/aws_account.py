"""The AWS account that a command works in, and AWS's errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    InvalidRegionError,
    NoRegionError,
    ProfileNotFound,
    ProxyConnectionError,
)
from botocore.utils import validate_region_name

from sfmint_cli import render
from sfmint_cli.endpoint import Endpoint, asked_elsewhere, named_by
from sfmint_cli.options import Target
from sfmint_cli.result import Failed
from sfmint_client.aws_error import BAD_CREDENTIALS, UNREADABLE, AwsError
from sfmint_client.system import region_of_environment
from sfmint_values.aws_codes import ACCESS_DENIED, THROTTLED, code_of
from sfmint_values.redaction import redacted

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient

_SERVICES = ("cloudformation", "kms", "lambda", "logs", "secretsmanager", "ssm")
SHORTER_THAN_SECRETS = 32  # characters
LONGEST_NAME = 255  # characters of what is quoted
CONNECT_S, ANSWER_S = 5, 65  # a function of the stack may take its 60 s
LONG_ANSWER_S = 905  # and the one that rotates keys the longest that Lambda lets a function run

_SIGN_IN = "Sign in (aws sso login, aws configure), or name a profile with --profile."
_RENEW = "Renew them (aws sso login), check this machine's clock, or name another profile with --profile."
# By AWS's error code, or by botocore's class where no answer came: name, cause, remedy.
_MEANINGS = {
    tuple(BAD_CREDENTIALS): (
        "InvalidCredentials",
        "AWS does not accept the credentials.",
        _RENEW,
    ),  # but for those below
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
    ("ConfigParseError", "ConfigNotFound"): (
        "InvalidConfiguration",
        "The AWS configuration cannot be read.",
        "Correct ~/.aws/config and ~/.aws/credentials.",
    ),
    ("NoRegionError",): ("NoRegion", "No AWS region is known.", "Name one with --region, or set AWS_REGION."),
    ("UnknownRegionError", "UnknownEndpointError"): (
        "UnknownRegion",
        "AWS's service is not in that region, or there is no such region.",
        "Correct --region, AWS_REGION or the profile's region.",
    ),
    ("SSLError",): (
        "Unreachable",
        "The certificate of what answered in AWS's place is of no authority that is trusted here.",
        "Where a proxy opens TLS, name a file with its certificate authority in AWS_CA_BUNDLE; else check the clock.",
    ),
    ("InvalidProxiesConfigError",): (
        "Unreachable",
        "The AWS configuration names a proxy in a way that cannot be used.",
        "Correct the proxy's settings there.",
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
        with asking("prepare its calls"), _told_whence(target):
            self.botocore = botocore.session.Session()
            self._session = boto3.Session(
                botocore_session=self.botocore,
                profile_name=target.profile,
                region_name=target.region or region_of_environment(),
            )
            if self._session.region_name is None:
                raise NoRegionError
            self.region = self._session.region_name
            validate_region_name(self.region)
        if not target.as_json:
            self._tell_who_answers()
        self._making = Lock()  # a session of boto3 is not for several threads
        self._config = Config(connect_timeout=CONNECT_S, read_timeout=ANSWER_S, retries={"mode": "standard"})

    def _tell_who_answers(self) -> None:
        """Warn of what answers in AWS's place, before a key or a token goes there."""
        with asking("prepare its calls"):
            elsewhere = asked_elsewhere(self.botocore, _SERVICES)
        for address, services in elsewhere.items():
            named = endpoint.variable if (endpoint := Endpoint.find(address)) else "the AWS configuration"
            render.warn(f"{address} is asked in AWS's place ({', '.join(services)}), because {named} names it.")

    def client(self, service: str) -> Any:
        """Return a client of a service by botocore's name for it; several threads may ask."""
        with self._making, asking("prepare its calls"):
            return self._session.client(service, config=self._config)  # type: ignore[call-overload]

    def cloudformation(self) -> "CloudFormationClient":
        """Return a client of CloudFormation."""
        return self.client("cloudformation")  # type: ignore[no-any-return]

    def secrets_manager(self) -> "SecretsManagerClient":
        """Return a client of Secrets Manager."""
        return self.client("secretsmanager")  # type: ignore[no-any-return]

    def parameter_store(self) -> "SSMClient":
        """Return a client of Parameter Store."""
        return self.client("ssm")  # type: ignore[no-any-return]

    def logs(self) -> "CloudWatchLogsClient":
        """Return a client of CloudWatch Logs."""
        with asking("prepare its calls"):
            return self._session.client("logs", config=self._config)

    def functions(self) -> "LambdaClient":
        """Return a client of Lambda."""
        return self.client("lambda")  # type: ignore[no-any-return]

    def long_running_functions(self) -> "LambdaClient":
        """Return a client of Lambda that waits for the longest run of a function, and asks once."""
        config = Config(
            connect_timeout=CONNECT_S,
            read_timeout=LONG_ANSWER_S,
            retries={"total_max_attempts": 1},
            tcp_keepalive=True,
        )
        with self._making, asking("prepare its calls"):
            return self._session.client("lambda", config=config)

    def identities(self) -> "IAMClient":
        """Return a client of IAM."""
        with asking("prepare its calls"):
            return self._session.client("iam", config=self._config)


@contextmanager
def _told_whence(target: Target) -> Iterator[None]:
    """Say of a profile or region that cannot be which it is, and who has named it."""
    try:
        yield
    except ProfileNotFound as error:
        whence = named_by(target.profile and "--profile", "AWS_PROFILE", "AWS_DEFAULT_PROFILE")
        raise Failed(
            f"The AWS configuration has no profile {_shown(error, 'profile')!r}, which {whence} names.",
            remedy="See `aws configure list-profiles`, and name one with --profile.",
            name="UnknownProfile",
        ) from None
    except InvalidRegionError as error:
        whence = named_by(target.region and "--region", "AWS_REGION", "AWS_DEFAULT_REGION")
        raise Failed(
            f"There is no AWS region {_shown(error, 'region_name')!r}, which {whence} names.",
            remedy="Name one such as eu-central-1 with --region.",
            name="UnknownRegion",
        ) from None


def _shown(error: BotoCoreError, name: str) -> str:
    """Return what was named; something as long as a key or a token may be one, pasted into the wrong place."""
    named = str(error.kwargs.get(name))
    return named if len(named) <= SHORTER_THAN_SECRETS else redacted(named, LONGEST_NAME)


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
    except UNREADABLE:
        raise Failed(
            f"What answered when asked to {what} is not AWS.",
            remedy="Look for a proxy or a sign-in page that answers in its place (HTTPS_PROXY, AWS_ENDPOINT_URL).",
            name="NotAws",
        ) from None


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
    asked = str(getattr(error, "kwargs", {}).get("endpoint_url", ""))
    if isinstance(error, ProxyConnectionError):
        return Failed(
            f"The proxy {_place(str(error.kwargs.get('proxy_url', '')))} let no call of AWS through, when asked to {what}.",
            remedy="Check HTTPS_PROXY, which names it, or name in NO_PROXY what needs none.",
            name="Unreachable",
        )
    if code in _UNREACHABLE and (endpoint := Endpoint.find(asked)):
        return Failed(
            f"Nothing usable answered at {endpoint.address} when asked to {what}: {code}.",
            remedy=f"The environment variable {endpoint.variable} names that address in AWS's place: unset it, or start"
            " what should answer there.",
            name="Unreachable",
        )
    if code in _UNREACHABLE:
        return Failed(
            f"AWS did not answer when asked to {what}: {code}.",
            remedy=f"Check the network, HTTPS_PROXY, and that --region names a region of AWS; {_place(asked)} was asked.",
            name="Unreachable",
        )
    remedy = "Wait a minute and run this again." if code in THROTTLED else "Run this again; if it lasts, look it up."
    return Failed(f"AWS did not {what}: {code}.", remedy=remedy, name="AwsError")


def _place(url: str) -> str:
    """Return the host and port of a URL, which may hold a password too."""
    with suppress(ValueError):
        parts = urlsplit(url if "://" in url else f"//{url}")
        host = redacted(parts.hostname or "", LONGEST_NAME)
        return f"{host}:{parts.port}" if parts.port else host
    return "of no address"
