"""How a function reaches AWS: its region, its credentials, where each service answers, and for how long it is asked (`budget`)."""

from collections.abc import Mapping
from dataclasses import dataclass

from sfmint_values.secret import Secret

# What hosts end in that answer over IPv6 too, by what AWS's hosts end in otherwise.
DUAL_STACK = {
    "amazonaws.com": "api.aws",
    "amazonaws.com.cn": "api.amazonwebservices.com.cn",
    "amazonaws.eu": "api.amazonwebservices.eu",
    "c2s.ic.gov": "api.aws.ic.gov",
    "cloud.adc-e.uk": "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov": "api.aws.hci.ic.gov",
    "sc2s.sgov.gov": "api.aws.scloud",
}
_GOV_CLOUD = "us-gov-"
_FIPS_THERE_ANYWAY = frozenset({"dynamodb", "ssm"})  # in GovCloud their usual hosts are FIPS's
# Hosts that answer over IPv6 under their usual names.
_DUAL_STACK_ANYWAY = frozenset(
    {
        ("secretsmanager", "amazonaws.com"),
        ("secretsmanager-fips", "amazonaws.com"),
        ("secretsmanager", "amazonaws.com.cn"),
    }
)


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
        fips: whether the hosts are asked whose cryptography is validated (FIPS 140).
        dual_stack: whether the hosts are asked that answer over IPv6 too.
    """

    region: str
    url_suffix: str
    key_id: str
    secret_key: Secret
    session_token: Secret | None
    endpoints: Mapping[str, str]
    fips: bool = False
    dual_stack: bool = False

    def url(self, service: str) -> str:
        """Return where a service answers, such as `https://kms.eu-central-1.amazonaws.com`.

        Source: the endpoint rules of botocore's models (`endpoint-rule-set-1`), to which a test holds every region.
        """
        if own := self.endpoints.get(service) or self.endpoints.get(""):
            return own
        name, suffix = service, self.url_suffix
        is_fips = service in _FIPS_THERE_ANYWAY and self.region.startswith(_GOV_CLOUD) and not self.dual_stack
        if self.fips and not is_fips:
            name = f"{service}-fips"
        if self.dual_stack and (name, suffix) not in _DUAL_STACK_ANYWAY:
            suffix = DUAL_STACK[suffix]
        return f"https://{name}.{self.region}.{suffix}"
