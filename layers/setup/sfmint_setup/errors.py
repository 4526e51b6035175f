"""What goes wrong between sfmint and an org's Setup: a sentence of cause, one of remedy, and never a secret."""


class SetupError(Exception):
    """The org was not changed as asked, or did not tell what was asked.

    Args:
        cause: what is wrong, one sentence; what others said in it is redacted and cut.
        remedy: what to do about it, one sentence.
        name: what a program may tell it by; None: the class's name.
    """

    def __init__(self, cause: str, *, remedy: str, name: str | None = None) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy
        self.name = name or type(self).__name__


class SessionExpired(SetupError):  # noqa: N818 - the names are read by programs, as those of the broker
    """The administrator's session has ended, or is of another org."""

    def __init__(self) -> None:
        super().__init__(
            "The org does not know the administrator's session: it has ended, or it is of another org.",
            remedy="Log in again (sf org login web --alias ALIAS), check that the instance URL is of the same org, then run"
            " this again: it goes on where it was.",
        )


class RightMissing(SetupError):  # noqa: N818
    """The administrator lacks a right.

    Args:
        label: the right as Setup writes it, in the permission set or profile of the user.
        task: what it is needed for, to follow "to".

    Attributes:
        label: the same.
    """

    def __init__(self, label: str, task: str) -> None:
        super().__init__(
            f'The user of the session lacks the right "{label}", which is needed to {task}.',
            remedy="Give it in Setup, in a permission set or the profile of that user, or hand this command the session of"
            " another administrator; without one, use `sfmint app metadata`.",
        )
        self.label = label


class OrgUnreachable(SetupError):  # noqa: N818
    """No answer of the org arrived.

    Args:
        cause: see `SetupError`.
        remedy: see `SetupError`.
        is_sent: whether the request may have been carried out all the same.
    """

    def __init__(self, cause: str, *, remedy: str, is_sent: bool) -> None:
        super().__init__(cause, remedy=remedy)
        self.is_sent = is_sent


class UnusableAnswer(SetupError):  # noqa: N818
    """The org's answer is not what its documents promise."""


class OrgRefused(SetupError):  # noqa: N818
    """The org refuses a request, for a reason of its own.

    Args:
        cause: see `SetupError`.
        remedy: see `SetupError`.
        code: Salesforce's `errorCode`, or empty.
    """

    def __init__(self, cause: str, *, remedy: str, code: str = "") -> None:
        super().__init__(cause, remedy=remedy)
        self.code = code


class LimitReached(SetupError):  # noqa: N818
    """The org answers nothing more for a while, so what it has is not known: no refusal of the one request."""

    def __init__(self) -> None:
        super().__init__(
            "The org's limit of API requests in 24 hours is used up.",
            remedy="Wait, and see in Setup, under Company Information, what is left; then run this again.",
        )


class DeployFailed(SetupError):  # noqa: N818
    """A deployment has ended without success: the org is as it was before."""


class DeployUnfinished(SetupError):  # noqa: N818
    """A deployment had not ended when the patience for it did, or nobody knows whether it began."""


class InvalidInstance(SetupError):  # noqa: N818
    """The URL of an org is none that a session may be sent to."""
