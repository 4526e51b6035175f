"""The account that a stack is in, and AWS's refusals in our words."""

import difflib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deploying.errors import DeployError, Refused
from samconfig import Environment
from sfmint_values.aws_codes import ACCESS_DENIED, THROTTLED, code_of

_RENEW = "Renew them (aws sso login), or name a profile in samconfig.toml or AWS_PROFILE."
_SIGN_IN = "Sign in (aws sso login, aws configure), or name a profile in samconfig.toml or AWS_PROFILE."
_MEANINGS = {
    ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRetrievalError", "UnauthorizedSSOTokenError"): (
        "The AWS credentials have expired.",
        _RENEW,
    ),
    ("SSOTokenLoadError", "LoginRefreshRequired", "LoginTokenLoadError"): (
        "The sign-in to AWS is missing or over.",
        _RENEW,
    ),
    ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoAuthTokenError"): (
        "There are no AWS credentials, or not all of them.",
        _SIGN_IN,
    ),
    (
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "InvalidAccessKeyId",
        "IncompleteSignature",
    ): ("AWS does not accept the credentials.", f"{_RENEW} Check this machine's clock, too."),
    ("ProfileNotFound",): (
        "The AWS configuration has no such profile.",
        "See `aws configure list-profiles`; samconfig.toml or AWS_PROFILE names it.",
    ),
    ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"): (
        "AWS did not answer.",
        "Check the network, HTTPS_PROXY and AWS_ENDPOINT_URL, and run this again.",
    ),
    ("SSLError", "ProxyConnectionError"): (
        "AWS cannot be reached: the proxy, or what opens TLS on the way, is in between.",
        "Check HTTPS_PROXY, and AWS_CA_BUNDLE where a proxy opens TLS.",
    ),
}
_KNOWN = {code: meaning for codes, meaning in _MEANINGS.items() for code in codes}
DENIED = ACCESS_DENIED | {"UnauthorizedOperation", "AuthorizationError", "403"}
_NO_ATTEMPT_LOST = Config(retries={"mode": "standard", "total_max_attempts": 5}, read_timeout=90)


class Account:
    """Clients of the account and region that a stack is in.

    Args:
        target: what samconfig.toml says of it.
        variables: those of the AWS SDKs; they may name region, profile, credentials and another place than AWS.

    Attributes:
        region: the region's name.
        partition: such as ``aws``.

    Raises:
        Refused: there is no such region or profile, or none is named.
    """

    def __init__(self, target: Environment, variables: Mapping[str, str]) -> None:
        named = target.region or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
        with told(Refused):
            self._session = _session(target, named, variables)
        self.profile = target.profile
        self.region = known_region(self._session, self._session.region_name)
        self.partition = self._session.get_partition_for_region(self.region)
        self._endpoint_url = variables.get("AWS_ENDPOINT_URL")

    def client(self, service: str) -> Any:
        """Return a client of a service, such as ``cloudformation``."""
        return self._session.client(service, endpoint_url=self._endpoint_url, config=_NO_ATTEMPT_LOST)  # type: ignore[call-overload]

    def number(self) -> str:
        """Return the account's twelve digits.

        Raises:
            Refused: AWS does not know the credentials.
        """
        with told(Refused):
            return str(self.client("sts").get_caller_identity()["Account"])

    def command(self, words: str) -> str:
        """Return a command of the AWS CLI for this place, such as ``aws cloudformation ... --region eu-central-1``."""
        profile = f" --profile {self.profile}" if self.profile else ""
        return f"aws {words} --region {self.region}{profile}"


def known_region(session: boto3.Session, region: str | None) -> str:
    """Return a region that botocore knows.

    Raises:
        Refused: it knows none of that name, or none is named.
    """
    if not region:
        raise Refused("No AWS region is named. Set AWS_REGION, or add region under [ENV.global.parameters].")
    partitions = session.get_available_partitions()
    known = [name for part in partitions for name in session.get_available_regions("cloudformation", part)]
    if region not in known:
        near = difflib.get_close_matches(region, known, n=1)
        raise Refused(
            f"There is no AWS region {region!r}. {f'Perhaps {near[0]} is meant: correct' if near else 'Correct'} "
            "AWS_REGION, or region in samconfig.toml."
        )
    return region


@contextmanager
def told(kind: type[DeployError]) -> Iterator[None]:
    """Raise what AWS refuses in our words.

    Args:
        kind: the error to raise.
    """
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise kind(in_words(error)) from None


def in_words(error: ClientError | BotoCoreError) -> str:
    """Return cause and remedy of a refusal of AWS, one sentence each."""
    code = code_of(error)
    if code in _KNOWN:
        return " ".join(_KNOWN[code])
    operation = error.operation_name if isinstance(error, ClientError) else "the call"
    if code in DENIED:
        return (
            f"These AWS credentials may not {_action(error) or operation}. "
            "Have that action allowed for them; docs/policies lists what a deployer needs."
        )
    if code in THROTTLED:
        return f"AWS asks for a pause ({operation}: {code}). Wait a minute and run this again."
    return f"AWS refuses {operation}: {str(error).rpartition('operation: ')[2]} Correct that and run this again."


def _action(error: Exception) -> str | None:
    found = re.search(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)(?: on resource:? (\S+))?", str(error))
    return found and f"{found[1]}{f' on {found[2]}' if found[2] else ''}"


def _session(target: Environment, region: str | None, variables: Mapping[str, str]) -> boto3.Session:
    # As the SAM CLI chooses, which packages: keys in the variables count before a profile there, not before one named here.
    shell_profile = None if variables.get("AWS_ACCESS_KEY_ID") else variables.get("AWS_PROFILE")
    if profile := target.profile or shell_profile:
        return boto3.Session(profile_name=profile, region_name=region)
    return boto3.Session(
        aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=variables.get("AWS_SESSION_TOKEN"),
        region_name=region,
    )
