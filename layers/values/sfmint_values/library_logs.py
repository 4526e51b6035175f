"""The loggers of libraries that print requests and answers at DEBUG, secrets included."""

import logging

_LIBRARIES = ("boto3", "botocore", "requests", "urllib3")


def keep_requests_out() -> None:
    """Hold those loggers at INFO, whatever level the root logger has."""
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.INFO)
