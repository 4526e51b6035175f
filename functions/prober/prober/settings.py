"""What the template tells the function; the only place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from prober.questions import Ground
from sfmint_client.errors import NotConfigured
from sfmint_values.function_settings import FunctionSettings, required

_SERVICES = ("dynamodb", "kms", "lambda", "secretsmanager", "ssm")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSettings(FunctionSettings):
    """The function's settings.

    Attributes:
        connection: that is probed.
        key_arn: of the key that seals the tokens.
        table: where the rows are; empty where they are parameters.
    """

    connection: str
    key_arn: str
    table: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Return the settings that the environment holds.

        Raises:
            NotConfigured: a variable is missing or unusable.
        """
        env = os.environ if environment is None else environment  # noqa: TID251 - the one place
        try:
            return cls.read(
                env,
                _SERVICES,
                connection=required(env, "SFMINT_PROBE_CONNECTION"),
                key_arn=required(env, "SFMINT_KEY_ARN"),
                table=env.get("SFMINT_TABLE", ""),
            )
        except ValueError as error:
            raise NotConfigured(str(error)) from None

    @property
    def ground(self) -> Ground:
        """What the questions are about."""
        return Ground(
            stack=self.stack,
            connection=self.connection,
            connections=self.connections,
            broker_arn=self.broker_arn,
            key_arn=self.key_arn,
            table=self.table,
        )
