"""What ends a deploy. Each message says the cause in one sentence and the remedy in another."""


class DeployError(Exception):
    """The stack is not deployed as asked; see below for what that means for the account."""


class Refused(DeployError):  # noqa: N818 - what it is
    """A check has stopped it, or the person has: nothing of the stack is changed."""


class Failed(DeployError):  # noqa: N818 - what it is
    """It was begun, and did not come out as asked."""
