"""The Python that Lambda runs: what is built with another one starts slowly there, or not at all."""

import platform
import sys

# As it marks byte code and compiled modules: another version marks otherwise, and so does another make.
_TAG = "cpython-313"


class OtherPython(Exception):  # noqa: N818 - what runs this
    """The interpreter is not the one that Lambda runs."""


def check() -> None:
    """Refuse another Python than Lambda's, before anything is made.

    Raises:
        OtherPython: this is not CPython 3.13.
    """
    if sys.implementation.cache_tag != _TAG:
        raise OtherPython(
            f"Lambda runs CPython 3.13, and {sys.executable} is {platform.python_implementation()} "
            f"{platform.python_version()}. Use make, which finds the right one, or name it: make PYTHON=/path/to/python3.13."
        )
