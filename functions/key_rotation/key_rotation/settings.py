"""What the template tells the function; the only place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from sfmint.settings import InvalidSettings
from sfmint_values.function_settings import FunctionSettings, required

_SERVICES = ("kms", "lambda", "secretsmanager", "sns", "ssm")


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationSettings(FunctionSettings):
    """The function's settings.

    Attributes:
        keeper_arn: of the keeper's alias `live`.
        topic_arn: of the SNS topic that is told of rotations, or None.
    """

    keeper_arn: str
    topic_arn: str | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Return the settings that the environment holds.

        Raises:
            InvalidSettings: a variable is missing or unusable.
        """
        env = os.environ if environment is None else environment  # noqa: TID251 - the one place
        try:
            return cls.read(
                env,
                _SERVICES,
                keeper_arn=required(env, "SFMINT_KEEPER_ARN"),
                topic_arn=env.get("SFMINT_ROTATION_TOPIC_ARN") or None,
            )
        except ValueError as error:
            raise InvalidSettings(str(error)) from None
