"""The stack of the functions' tests: the real handlers, moto for AWS, the embedded org for Salesforce."""

from functions.conftest import (
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
    "cloud",
    "customer",
    "make_customer",
    "org",
    "org_announcement",
    "org_control",
    "org_log",
    "stack",
]
