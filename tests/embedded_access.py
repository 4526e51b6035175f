"""The embedded AWS as a function sees it."""

from sfmint.aws_access import AwsAccess
from sfmint_local.embedded_aws import ACCESS_KEY, REGION
from sfmint_values.secret import Secret


def embedded_access(endpoint_url: str) -> AwsAccess:
    """Return the access of its root."""
    return AwsAccess(
        region=REGION,
        url_suffix="amazonaws.com",
        key_id=ACCESS_KEY,
        secret_key=Secret(ACCESS_KEY),
        session_token=None,
        endpoints={"": endpoint_url},
    )
