"""The errors of key_rotation beside the core's. Lambda reports the class name as `errorType`: the names are API."""

from typing import ClassVar


class RotationError(Exception):
    """Why a rotation does not go on: one sentence of cause, one of remedy, and never a key, assertion or token.

    It is no kind of `sfmint.errors.SfmintError`, which callers of the broker meet: nobody but operators and Secrets Manager
    meets these.

    Attributes:
        retryable: the same event may succeed later, without anybody changing anything.
        usual_remedy: what helps in most cases, for tables.
    """

    retryable: ClassVar[bool] = False
    usual_remedy: ClassVar[str]

    def __init__(self, cause: str, *, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy


class RotationPending(RotationError):  # noqa: N818 - the names are API
    """The step is not done yet: the next run goes on with it."""

    retryable: ClassVar[bool] = True
    usual_remedy = "Wait: the next run goes on. sfmint rotate status says what it waits for."


class RotationRefused(RotationError):  # noqa: N818
    """The rotation cannot begin."""

    usual_remedy = "Do what the message says, then begin again."


class RotationVoid(RotationError):  # noqa: N818
    """The rotation has ended without a new key: it was cancelled, or somebody stored other credentials meanwhile."""

    usual_remedy = "Read why in sfmint rotate status, then begin another one."
