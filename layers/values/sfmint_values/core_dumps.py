"""What the system writes of a process that dies: its whole memory, keys and tokens included.

Lambda lets it, as files in /tmp, where they outlive the process. Source: Linux man page core(5), RLIMIT_CORE.
"""

import resource


def leave_none() -> None:
    """Have the system write no memory of this process to a file, however it dies."""
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))
