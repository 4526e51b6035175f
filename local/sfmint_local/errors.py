"""What goes wrong on a person's own machine."""


class LocalStackError(Exception):
    """A part of the local stack failed.

    Args:
        cause: what is wrong, one sentence.
        remedy: what to do about it, one sentence.
    """

    def __init__(self, cause: str, *, remedy: str) -> None:
        super().__init__(f"{cause} {remedy}")
        self.cause = cause
        self.remedy = remedy
