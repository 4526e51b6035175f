"""Where growth ends: each limit, at what it is met, and what to do then.

Quotas are AWS's defaults of a large region, as known in November 2026 from the pages named; an account's own stand in the
console under Service Quotas. What they are met at is worked out from the template and from simulated hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sfmint_bench.growth.hour import EVERY_S, Load, simulated_hour
from sfmint_bench.growth.simulated_stack import LOGIN_BUDGET, REFRESH_S, TRUST_S
from sfmint_bench.growth.template_size import LONGEST_NAME, MOST_RESOURCES, MOST_VARIABLE_BYTES, TemplateSize

SALESFORCE_LOGINS = 3600  # an hour and user

SAMPLE = Load(callers=100, connections=1, way="client")  # a small hour whose shares hold for larger ones

_POLICIES, _PARAMETERS = 1500, 10_000
_LAMBDA_CONCURRENCY, _LAMBDA_RATE = 1000, 10  # requests a second for each
_PARTITION_READS, _KMS_RATE, _SCHEDULER_RATE = 3000, 10_000, 1000
PARAMETER_READS = 40  # a second, for all that an account does


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit.

    Attributes:
        of: whose, and of what.
        number: the limit.
        met_at: at which growth.
        remedy: what to do then.
        source: the page that names it.
    """

    of: str
    number: str
    met_at: str
    remedy: str
    source: str


def limits() -> list[Limit]:
    """Returns them, those of a stack, of an account and region, and of Salesforce."""
    size = TemplateSize.of_template()
    return [*_of_a_stack(size), *_of_iam_and_parameters(size), *_of_calls(), *_of_logins()]


def full_stacks(size: TemplateSize) -> int:
    """Returns how many full stacks fit into an account whose quotas nobody has raised."""
    return _POLICIES // _policies(size)


def _of_a_stack(size: TemplateSize) -> Iterator[Limit]:
    yield Limit(
        of="CloudFormation: resources of a stack",
        number=f"{MOST_RESOURCES}",
        met_at=f"connection {size.most_connections + 1}: {size.once} resources, and {size.each} for each connection",
        remedy="another stack",
        source="CloudFormation User Guide, quotas",
    )
    yield Limit(
        of="Lambda: a function's variables, which list the connections",
        number=f"{MOST_VARIABLE_BYTES:,} bytes",
        met_at=f"connection {size.most_names + 1}, if every name has {LONGEST_NAME} characters: after the former",
        remedy="shorter names",
        source="Lambda Developer Guide, quotas",
    )


def _policies(size: TemplateSize) -> int:
    return size.policies_once + size.most_connections * size.policies_each


def _of_iam_and_parameters(size: TemplateSize) -> Iterator[Limit]:
    full = size.most_connections
    parameters = 1 + full * (size.parameters_each + 1)
    yield Limit(
        of="IAM: managed policies of an account",
        number=f"{_POLICIES:,}",
        met_at=f"{full_stacks(size) * full:,} connections, in {full_stacks(size)} full stacks of {_policies(size)} policies each",
        remedy="raise it (to 10,000), or another account",
        source="IAM User Guide, quotas",
    )
    yield Limit(
        of="IAM: managed policies of a role",
        number="10",
        met_at="a consumer of more than 10 connections",
        remedy="raise it, or one policy of its own that names the aliases",
        source="IAM User Guide, quotas",
    )
    yield Limit(
        of="Parameter Store: standard parameters",
        number=f"{_PARAMETERS:,}",
        met_at=f"{_PARAMETERS // parameters * full:,} connections in full stacks, each with an allow list",
        remedy="advanced parameters, or another account",
        source="Systems Manager, quotas",
    )
    yield Limit(
        of="Parameter Store: reads a second",
        number=f"{PARAMETER_READS}",
        met_at=f"{PARAMETER_READS} processes with the client layer that start in one second: each asks once for its alias",
        remedy="raise it, or give `TokenClient` the `alias_arn`",
        source="Systems Manager, quotas",
    )


def _of_calls() -> Iterator[Limit]:
    calls_a_second = _LAMBDA_CONCURRENCY * _LAMBDA_RATE
    sample = simulated_hour(SAMPLE)
    share = sample.invocations["token_broker"] / sample.asked
    yield Limit(
        of="Lambda: requests a second, ten for each of the concurrency quota",
        number=f"{calls_a_second:,}",
        met_at=f"{calls_a_second * EVERY_S:,.0f} callers that invoke once a minute; with the client layer about"
        f" {_rounded(calls_a_second * EVERY_S / share):,}",
        remedy="the client layer; raise the quota",
        source="Lambda Developer Guide, quotas",
    )
    yield Limit(
        of="Lambda: concurrency, and its growth in ten seconds",
        number=f"{_LAMBDA_CONCURRENCY:,} each",
        met_at=f"a burst of {_LAMBDA_CONCURRENCY:,} calls at the same instant; new accounts have less",
        remedy="the client layer waits and asks again; `ReservedConcurrency`",
        source="Lambda Developer Guide, scaling behavior",
    )
    yield Limit(
        of="DynamoDB: reads a second of a partition, so of a connection's row",
        number=f"{_PARTITION_READS:,}",
        met_at=f"{_PARTITION_READS * TRUST_S:,.0f} environments of token_broker that are all asked for one connection; with"
        f" `MemoryTrustSeconds=0`, {_PARTITION_READS:,} calls a second",
        remedy="keep the trust; the client layer",
        source="DynamoDB Developer Guide, burst and adaptive capacity",
    )
    yield Limit(
        of="DynamoDB: reads a second of a table on demand",
        number="12,000 new, 40,000 grown",
        met_at="as above, over all connections of a stack",
        remedy="another stack has another table; raise it",
        source="DynamoDB Developer Guide, quotas",
    )
    yield Limit(
        of="KMS: requests a second of an account",
        number=f"{_KMS_RATE:,} and more",
        met_at=f"{_KMS_RATE:,} environments that start, or meet a new token, in one second",
        remedy="raise it",
        source="KMS Developer Guide, request quotas",
    )
    yield Limit(
        of="Scheduler: invocations a second; groups",
        number=f"{_SCHEDULER_RATE:,}; 500",
        met_at=f"{_SCHEDULER_RATE * REFRESH_S:,.0f} connections at `RefreshRate=rate(5 minutes)`; 500 stacks",
        remedy="raise it",
        source="EventBridge Scheduler User Guide, quotas",
    )
    yield Limit(
        of="Lambda: an answer",
        number="6 MB",
        met_at="never by a token; what `salesforce_request` hands on ends at 5 MB",
        remedy="smaller pages",
        source="Lambda Developer Guide, quotas",
    )


def _of_logins() -> Iterator[Limit]:
    logins = simulated_hour(SAMPLE).logins
    yield Limit(
        of="sfmint: logins of a Salesforce user, an hour and stack",
        number=f"{LOGIN_BUDGET}",
        met_at=f"more than {LOGIN_BUDGET // logins} connections of a stack that share a user, at {logins} logins each",
        remedy="users of their own, a longer `token_lifetime`, or `LoginBudgetPerHour`",
        source="[parameters.md](parameters.md)",
    )
    yield Limit(
        of="Salesforce: logins of a user, an hour",
        number=f"{SALESFORCE_LOGINS:,}",
        met_at=f"more than {SALESFORCE_LOGINS // logins} connections that share a user, of all stacks",
        remedy="users of their own",
        source="Salesforce Help",
    )


def _rounded(number: float) -> int:
    """Returns it to two digits: it stands for a day that is never quite like the simulated one."""
    return int(float(f"{number:.2g}"))
