"""What AWS charges for an hour: list prices of us-east-1 as known in November 2026, without free tiers and discounts.

They come from copies of the pages that they name: look there before you rely on one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sfmint_bench.growth.hour import Usage
from sfmint_values.embedded_metrics import MOST_BY_CONNECTION

_HOURS_OF_A_MONTH = 730
GB = 1024**3
# Metrics that are kept in total, or of the stack: of the broker, the keeper, key_rotation, salesforce_request and prober (docs/metrics.md).
TOTALS = 107
ALARMS = 20  # of a stack with an AlarmTopicArn and a prober


class Price(NamedTuple):
    """One line of a bill: so many dollars for so many (`per`) of what an hour uses."""

    item: str
    dollars: float
    per: float
    unit: str
    uses: tuple[str, ...]  # of `Usage`

    @property
    def page(self) -> str:
        """AWS's page that says so."""
        return _PAGES[self.item.partition(",")[0]]


_PAGES = {
    "Lambda": "AWS Lambda Pricing",
    "CloudWatch": "Amazon CloudWatch Pricing",
    "DynamoDB": "Pricing for On-Demand Capacity",
    "KMS": "AWS Key Management Service Pricing",
    "Secrets Manager": "AWS Secrets Manager Pricing",
    "Scheduler": "Amazon EventBridge Pricing",
}
PRICES = (
    Price("Lambda, invocations", 0.20, 1e6, "a million invocations", ("token_broker", "token_keeper")),
    # 2,000 ms of half a gigabyte
    Price("Lambda, duration", 0.0000133334, 2000, "a GB-second, arm64, init included", ("ms",)),
    Price("CloudWatch, logs", 0.50, GB, "a GB taken in", ("log bytes",)),
    # A row is smaller than 1 KB: reading or writing it takes one unit.
    Price("DynamoDB, reads", 0.125, 1e6, "a million read request units", ("GetItem",)),
    Price("DynamoDB, writes", 0.625, 1e6, "a million write request units", ("UpdateItem",)),
    Price("KMS, requests", 0.03, 1e4, "10,000 requests", ("Encrypt", "Decrypt")),
    Price("Secrets Manager, reads", 0.05, 1e4, "10,000 calls", ("GetSecretValue",)),
    Price("Scheduler, invocations", 1.00, 1e6, "a million invocations", ("token_keeper",)),
)
STANDING = (
    Price("Secrets Manager, secrets", 0.40, 1, "a secret and month", ("connections",)),
    Price("CloudWatch, custom metrics", 0.30, 1, "a metric and month", ("metrics",)),
    Price("CloudWatch, dashboards", 3.00, 1, "a dashboard and month", ("stacks",)),
    Price("CloudWatch, alarms", 0.10, 1, "an alarm and month", ("alarms",)),
    Price("KMS, keys", 1.00, 1, "a key and month", ("stacks",)),
)


def bill(used: Usage, prices: Sequence[Price] = PRICES) -> Mapping[str, float]:
    """Return the dollars by item."""
    return {price.item: sum(used[name] for name in price.uses) * price.dollars / price.per for price in prices}


def a_month(used: Usage) -> float:
    """Return the dollars of a month of such hours, with what stands by the month."""
    return _HOURS_OF_A_MONTH * sum(bill(used).values()) + sum(bill(used, STANDING).values())


def most_metrics(connections: int) -> int:
    """Return how many metrics a stack has at most."""
    return TOTALS + connections * MOST_BY_CONNECTION


def of_metrics(number: int) -> float:
    """Return the dollars of a month of metrics."""
    return bill(Counter(metrics=number), STANDING)["CloudWatch, custom metrics"]


def of_alarms(number: int) -> float:
    """Return the dollars of a month of alarms."""
    return bill(Counter(alarms=number), STANDING)["CloudWatch, alarms"]


def of_logs(gigabytes: float) -> float:
    """Return the dollars of what CloudWatch takes in."""
    [price] = (price for price in PRICES if price.item == "CloudWatch, logs")
    return gigabytes * price.dollars


def of_a_month(an_hour: float) -> float:
    """Return how much is used in a month of such hours."""
    return _HOURS_OF_A_MONTH * an_hour


def per_million_calls(used: Usage) -> float:
    """Return the dollars that a million of the callers' calls cost, without what stands by the month."""
    return sum(bill(used).values()) / used["calls"] * 1e6
