"""What the environment says to a client."""

import os

# ruff: noqa: TID251 - this is where the environment is read


def stack_of_environment() -> str | None:
    """Return the stack's name that the environment gives."""
    return os.environ.get("SFMINT_STACK") or None


def region_of_environment() -> str | None:
    """Return the region as Lambda and most SDKs name it; botocore itself reads AWS_DEFAULT_REGION only."""
    return os.environ.get("AWS_REGION") or None
