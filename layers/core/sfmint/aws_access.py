"""How a function reaches AWS: its region, its credentials, and where each service answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from sfmint_values.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAccess:
    """What Lambda tells a function about the AWS around it.

    Attributes:
        region: such as `eu-central-1`.
        url_suffix: of the partition, such as `amazonaws.com`.
        key_id: the access key id of the function's role.
        secret_key: its secret access key.
        session_token: its session token; None for a user's own credentials.
        endpoints: URLs that stand in for AWS's own, by service; under "" the one for all others.
    """

    region: str
    url_suffix: str
    key_id: str
    secret_key: Secret
    session_token: Secret | None
    endpoints: Mapping[str, str]

    def url(self, service: str) -> str:
        """Return where a service answers, such as `https://kms.eu-central-1.amazonaws.com`."""
        own = self.endpoints.get(service) or self.endpoints.get("")
        return own or f"https://{service}.{self.region}.{self.url_suffix}"
