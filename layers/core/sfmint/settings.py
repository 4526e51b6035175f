"""What the template tells the functions; the only place that reads the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from sfmint.aws_access import DUAL_STACK, AwsAccess
from sfmint.cache_backend import CacheBackend, DynamoDb, ParameterStore
from sfmint_values import aws_endpoints
from sfmint_values.aws_endpoints import OwnEndpoint, own_endpoints, switches
from sfmint_values.embedded_metrics import NAMESPACE
from sfmint_values.foreign import Foreign
from sfmint_values.function_network import ca_bundle, proxy_url
from sfmint_values.hosts import listed_hosts
from sfmint_values.secret import Secret

_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)s?\)")
_UNIT_S = {"minute": 60, "hour": 3600, "day": 86_400}
LONGEST_TRUST_S = 60
_SERVICES = ("dynamodb", "kms", "secretsmanager", "ssm")


class InvalidSettings(Exception):  # noqa: N818 - what they are
    """The environment does not describe a stack; the message names the variable and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One function's settings.

    Attributes:
        stack: the stack's name.
        connections: the names of its connections.
        cache: where the tokens are kept.
        key_arn: the KMS key that seals tokens.
        memory_trust_s: seconds, 0 to 60.
        login_budget: logins an hour and Salesforce user.
        token_hosts: hosts beside Salesforce's own, `host` or `host:port`.
        https_proxy: URL of a proxy to Salesforce, or None.
        https_proxy_secret: ARN of the secret with the proxy's user and password, or None.
        build: digest of artefact and parameters, empty after a plain deploy.
        refresh_interval_s: seconds between two ticks of the schedule, 0 where it is off.
        ca_bundle: path of the authorities to trust, or None for certifi's.
        aws: where AWS is, and as whom it is asked.
        own_endpoints: places that are asked in AWS's.
        metrics_namespace: CloudWatch's namespace of the metrics.
    """

    stack: str
    connections: frozenset[str]
    cache: CacheBackend
    key_arn: str
    memory_trust_s: float
    login_budget: int
    token_hosts: frozenset[str]
    https_proxy: str | None
    https_proxy_secret: str | None
    build: str
    refresh_interval_s: float
    ca_bundle: str | None
    aws: AwsAccess
    own_endpoints: tuple[OwnEndpoint, ...] = ()
    metrics_namespace: str = NAMESPACE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Return the settings that the environment holds.

        Raises:
            InvalidSettings: a variable is missing or unusable.
        """
        env = os.environ if environment is None else environment  # noqa: TID251 - the one place
        try:
            proxy, authorities = proxy_url(env), ca_bundle(env)
            own = own_endpoints(env, _SERVICES)
            fips, dual_stack = switches(env, own)
        except ValueError as error:
            raise InvalidSettings(str(error)) from None
        return cls(
            stack=_text(env, "SFMINT_STACK"),
            connections=_names(env, "SFMINT_CONNECTIONS"),
            cache=_cache(env),
            key_arn=_text(env, "SFMINT_KEY_ARN"),
            memory_trust_s=min(_whole(env, "SFMINT_MEMORY_TRUST_SECONDS"), LONGEST_TRUST_S),
            login_budget=_whole(env, "SFMINT_LOGIN_BUDGET_PER_HOUR"),
            token_hosts=listed_hosts(env.get("SFMINT_TOKEN_HOSTS", "")),
            https_proxy=proxy,
            https_proxy_secret=env.get("SFMINT_HTTPS_PROXY_SECRET_ARN") or None,
            build=env.get("SFMINT_BUILD", ""),
            refresh_interval_s=_interval(env.get("SFMINT_REFRESH_RATE", "off")),
            ca_bundle=authorities,
            aws=_aws(env, own, fips=fips, dual_stack=dual_stack),
            own_endpoints=own,
            metrics_namespace=env.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE,
        )


def _text(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name):
        return value
    raise InvalidSettings(f"{name} is not set. Deploy the function with sfmint's template.")


def _aws(env: Mapping[str, str], own: tuple[OwnEndpoint, ...], *, fips: bool, dual_stack: bool) -> AwsAccess:
    """Return what Lambda sets in every function; a role's credentials outlast the environment that has them."""
    token = env.get("AWS_SESSION_TOKEN")
    url_suffix = env.get("SFMINT_URL_SUFFIX") or "amazonaws.com"
    if dual_stack and url_suffix not in DUAL_STACK:
        raise InvalidSettings(
            f"{aws_endpoints.DUAL_STACK} is on, but sfmint knows no such hosts in this partition. Leave it out."
        )
    return AwsAccess(
        region=_text(env, "AWS_REGION"),
        url_suffix=url_suffix,
        key_id=_text(env, "AWS_ACCESS_KEY_ID"),
        secret_key=Secret(_text(env, "AWS_SECRET_ACCESS_KEY")),
        session_token=Secret(token) if token else None,
        endpoints={endpoint.service: endpoint.url for endpoint in own},
        fips=fips,
        dual_stack=dual_stack,
    )


def _cache(env: Mapping[str, str]) -> CacheBackend:
    match env.get("SFMINT_CACHE_BACKEND", "dynamodb"):
        case "dynamodb":
            return DynamoDb(_text(env, "SFMINT_TABLE"))
        case "parameter-store":
            return ParameterStore()
        case _:
            raise InvalidSettings("SFMINT_CACHE_BACKEND is no store. Set CacheBackend to dynamodb or parameter-store.")


def _whole(env: Mapping[str, str], name: str) -> int:
    value = _text(env, name)
    if value.isascii() and value.isdigit():
        return int(value)
    raise InvalidSettings(f"{name} is no whole number. Correct the stack's parameter.")


def _names(env: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in env.get(name, "").split(",") if part.strip())


def _interval(rate: Foreign) -> float:
    if rate == "off":
        return 0.0
    if match := _RATE.fullmatch(rate):
        return float(int(match[1]) * _UNIT_S[match[2]])
    raise InvalidSettings("SFMINT_REFRESH_RATE is no rate expression. Set RefreshRate to rate(5 minutes), say, or off.")
