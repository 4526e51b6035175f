"""What the template tells the function; the only place that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from sfmint_client.errors import NotConfigured
from sfmint_values.function_settings import PROXY_SECRET, FunctionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSettings(FunctionSettings):
    """The function's settings."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Return the settings that the environment holds.

        Raises:
            NotConfigured: a variable is missing or unusable.
        """
        env = os.environ if environment is None else environment  # noqa: TID251 - the one place
        try:
            return cls.read(env, _asked(env))
        except ValueError as error:
            raise NotConfigured(str(error)) from None


def _asked(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return AWS's services that botocore will ask."""
    return ("lambda", "ssm", *(("secretsmanager",) if env.get(PROXY_SECRET) else ()))
