"""What ends a release. Each message says the cause in one sentence and the remedy in another."""


class ReleaseError(Exception):
    """There is no release, or nothing that could be one; the repository is as it was before."""


class Refused(ReleaseError):  # noqa: N818 - what it is
    """A check has stopped it."""


class Failed(ReleaseError):  # noqa: N818 - what it is
    """It was begun, and a step has failed."""
