"""What botocore raises, in our words: its own messages are left out, for they may quote the request."""

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from sfmint_client.errors import BrokerUnavailable, NotConfigured, SfmintError
from sfmint_values.aws_codes import THROTTLED, code_of, status_of

type AwsError = BotoCoreError | ClientError

UNREADABLE = (ResponseParserError, LookupError, ValueError, TypeError, AttributeError)  # botocore's, of a page of HTML

_NO_REGION = frozenset({"NoRegionError", "InvalidRegionError"})
NO_CREDENTIALS = frozenset({"NoAuthTokenError", "NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"})
BAD_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "CredentialRetrievalError",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "LoginRefreshRequired",
        "LoginTokenLoadError",
        "MetadataRetrievalError",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "SSOTokenLoadError",
        "SignatureDoesNotMatch",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        "UnrecognizedClientException",
    }
)

# AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT in a region that has no such host, or a value that is none.
_NO_ENDPOINT = frozenset(
    {
        "EndpointProviderError",
        "EndpointResolutionError",
        "EndpointVariantError",
        "InvalidConfigError",
        "InvalidEndpointConfigurationError",
        "UnknownEndpointError",
        "UnknownFIPSEndpointError",
    }
)
_FAULTS_FROM = 500  # HTTP


def in_our_words(service: str, error: AwsError) -> SfmintError:
    """Return the error for what any service may answer: no credentials, throttled, unavailable.

    Args:
        service: as a person calls it.
        error: botocore's.
    """
    code = code_of(error)
    if code in _NO_REGION:
        return NotConfigured("No AWS region is known. Set AWS_REGION, or give a botocore session that has one.")
    if code in NO_CREDENTIALS:
        return NotConfigured(f"No AWS credentials were found ({code}). Give the process a role, or set AWS_PROFILE.")
    if code in BAD_CREDENTIALS:
        return NotConfigured(f"The AWS credentials cannot be used ({code}). Renew them, and check the clock.")
    if code in _NO_ENDPOINT:
        return NotConfigured(
            f"No endpoint of {service} is known for this region ({code}). Correct the region, or leave out "
            "AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT."
        )
    if code in THROTTLED and (status_of(error) or 0) < _FAULTS_FROM:  # EC2ThrottledException is a fault of Lambda's
        return BrokerUnavailable(
            f"{service} throttles calls of this account ({code}). Call again later, or raise the limit.", throttled=True
        )
    if isinstance(error, ClientError):
        return BrokerUnavailable(f"{service} answered {code}. Call again; if it lasts, look at health.aws.amazon.com.")
    if code == "SSLError":
        return BrokerUnavailable(
            f"The certificate of what answered in the place of {service} is of no authority that is trusted here. Where a"
            " proxy opens TLS, name a file with its authority in AWS_CA_BUNDLE; else check the clock."
        )
    return BrokerUnavailable(
        f"{service} did not answer: {code}. Call again; in a VPC check the endpoint or the way out."
    )
