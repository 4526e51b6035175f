"""What the template tells the function; the only place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from sfmint.settings import InvalidSettings
from sfmint_values.aws_endpoints import OwnEndpoint, own_endpoints, switches
from sfmint_values.embedded_metrics import NAMESPACE
from sfmint_values.function_network import ca_bundle, proxy_url
from sfmint_values.hosts import listed_hosts

_SERVICES = ("kms", "lambda", "secretsmanager", "sns", "ssm")


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationSettings:
    """The function's settings.

    Attributes:
        stack: the stack's name.
        connections: the names of its connections, those of administrators among them.
        broker_arn: the broker without an alias.
        keeper_arn: of the keeper's alias `live`.
        topic_arn: of the SNS topic that is told of rotations, or None.
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
    keeper_arn: str
    topic_arn: str | None
    token_hosts: frozenset[str]
    https_proxy: str | None
    https_proxy_secret: str | None
    ca_bundle: str | None
    build: str
    own_endpoints: tuple[OwnEndpoint, ...]
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
            switches(env, own)  # botocore obeys them, and would say it later and less plainly
        except ValueError as error:
            raise InvalidSettings(str(error)) from None
        return cls(
            stack=_text(env, "SFMINT_STACK"),
            connections=_names(_text(env, "SFMINT_CONNECTIONS")),
            broker_arn=_text(env, "SFMINT_BROKER_ARN"),
            keeper_arn=_text(env, "SFMINT_KEEPER_ARN"),
            topic_arn=env.get("SFMINT_ROTATION_TOPIC_ARN") or None,
            token_hosts=listed_hosts(env.get("SFMINT_TOKEN_HOSTS", "")),
            https_proxy=proxy,
            https_proxy_secret=env.get("SFMINT_HTTPS_PROXY_SECRET_ARN") or None,
            ca_bundle=authorities,
            build=env.get("SFMINT_BUILD", ""),
            own_endpoints=own,
            metrics_namespace=env.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE,
        )


def _text(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name):
        return value
    raise InvalidSettings(f"{name} is not set. Deploy the function with sfmint's template.")


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())
