"""What the template tells each function that reaches Salesforce with tokens of the broker, as its environment holds it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sfmint_values.aws_endpoints import OwnEndpoint, own_endpoints, switches
from sfmint_values.embedded_metrics import NAMESPACE
from sfmint_values.function_network import ca_bundle, proxy_url
from sfmint_values.hosts import listed_hosts

PROXY_SECRET = "SFMINT_HTTPS_PROXY_SECRET_ARN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """Settings that such functions share.

    Attributes:
        stack: the stack's name.
        connections: the names of its connections, those of administrators among them.
        broker_arn: the broker without an alias.
        token_hosts: hosts beside Salesforce's own that may be given tokens, `host` or `host:port`.
        https_proxy: URL of a proxy to Salesforce, or None.
        https_proxy_secret: ARN of the secret with the proxy's user and password, or None.
        ca_bundle: path of the authorities to trust, or None for certifi's.
        build: digest of artefact and parameters, empty after a plain deploy.
        own_endpoints: places that are asked in AWS's.
        metrics_namespace: CloudWatch's namespace of the metrics.
    """

    stack: str
    connections: frozenset[str]
    broker_arn: str
    token_hosts: frozenset[str]
    https_proxy: str | None
    https_proxy_secret: str | None
    ca_bundle: str | None
    build: str
    own_endpoints: tuple[OwnEndpoint, ...]
    metrics_namespace: str = NAMESPACE

    @classmethod
    def read(cls, env: Mapping[str, str], services: Collection[str], **more: Any) -> Self:
        """Return the settings of an environment.

        Args:
            env: the environment.
            services: of AWS, that botocore will ask.
            more: the function's own settings.

        Raises:
            ValueError: a variable is missing or unusable; the message names it, and says what to do.
        """
        own = own_endpoints(env, services)
        switches(env, own)  # botocore obeys them, and would say it later and less plainly
        return cls(
            stack=required(env, "SFMINT_STACK"),
            connections=_names(required(env, "SFMINT_CONNECTIONS")),
            broker_arn=required(env, "SFMINT_BROKER_ARN"),
            token_hosts=listed_hosts(env.get("SFMINT_TOKEN_HOSTS", "")),
            https_proxy=proxy_url(env),
            https_proxy_secret=env.get(PROXY_SECRET) or None,
            ca_bundle=ca_bundle(env),
            build=env.get("SFMINT_BUILD", ""),
            own_endpoints=own,
            metrics_namespace=env.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE,
            **more,
        )


def required(env: Mapping[str, str], name: str) -> str:
    """Return a variable that the template sets.

    Raises:
        ValueError: it is not set.
    """
    if value := env.get(name):
        return value
    raise ValueError(f"{name} is not set. Deploy the function with sfmint's template.")


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())
