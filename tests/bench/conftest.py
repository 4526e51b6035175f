"""The stack of the functions' tests: the real handlers, moto for AWS, the embedded org for Salesforce."""

from functions.conftest import (
    aws_models,
    cloud,
    customer,
    make_customer,
    org,
    org_announcement,
    org_control,
    org_log,
    stack,
)

__all__ = [
    "aws_models",
    "cloud",
    "customer",
    "make_customer",
    "org",
    "org_announcement",
    "org_control",
    "org_log",
    "stack",
]
