"""What AWS charges for it: list prices in dollars, without free tiers and discounts.

As known in November 2026, of us-east-1, from copies of the pages that each price names: look there before you rely on one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sfmint_bench.growth.usage import Usage

REGION = "us-east-1"
AS_OF = "November 2026"
GB = 1024**3
HOURS_OF_A_MONTH = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One line of a bill.

    Attributes:
        item: what is paid for.
        dollars: for a unit.
        per: how many make a unit.
        unit: in words.
        page: of AWS that says so.
        used: how many a usage has.
    """

    item: str
    dollars: float
    per: float
    unit: str
    page: str
    used: Callable[[Usage], float]

    def of(self, usage: Usage) -> float:
        """Returns the dollars for a usage."""
        return self.used(usage) * self.dollars / self.per


PRICES = (
    Price(
        item="Lambda, invocations",
        dollars=0.20,
        per=1e6,
        unit="a million invocations",
        page="AWS Lambda Pricing",
        used=lambda usage: usage.invocations.total(),
    ),
    Price(
        item="Lambda, duration",
        dollars=0.0000133334,
        per=1,
        unit="a GB-second, arm64, init included",
        page="AWS Lambda Pricing",
        used=lambda usage: usage.gb_s,
    ),
    Price(
        item="CloudWatch, logs",
        dollars=0.50,
        per=GB,
        unit="a GB taken in",
        page="Amazon CloudWatch Pricing",
        used=lambda usage: usage.log_bytes,
    ),
    Price(
        item="DynamoDB, reads",
        dollars=0.125,
        per=1e6,
        unit="a million read request units",
        page="Pricing for On-Demand Capacity",
        used=lambda usage: usage.units["read"],
    ),
    Price(
        item="DynamoDB, writes",
        dollars=0.625,
        per=1e6,
        unit="a million write request units",
        page="Pricing for On-Demand Capacity",
        used=lambda usage: usage.units["write"],
    ),
    Price(
        item="KMS, requests",
        dollars=0.03,
        per=1e4,
        unit="10,000 requests",
        page="AWS Key Management Service Pricing",
        used=lambda usage: usage.aws["Encrypt"] + usage.aws["Decrypt"],
    ),
    Price(
        item="Secrets Manager, reads",
        dollars=0.05,
        per=1e4,
        unit="10,000 calls",
        page="AWS Secrets Manager Pricing",
        used=lambda usage: usage.aws["GetSecretValue"],
    ),
    Price(
        item="Scheduler, invocations",
        dollars=1.00,
        per=1e6,
        unit="a million invocations",
        page="Amazon EventBridge Pricing",
        used=lambda usage: usage.invocations["token_keeper"],
    ),
)

STANDING = (
    Price(
        item="Secrets Manager, secrets",
        dollars=0.40,
        per=1,
        unit="a secret and month",
        page="AWS Secrets Manager Pricing",
        used=lambda usage: usage.connections,
    ),
    Price(
        item="CloudWatch, custom metrics",
        dollars=0.30,
        per=1,
        unit="a metric and month",
        page="Amazon CloudWatch Pricing",
        used=lambda usage: usage.metrics,
    ),
    Price(
        item="KMS, keys",
        dollars=1.00,
        per=1,
        unit="a key and month",
        page="AWS Key Management Service Pricing",
        used=lambda usage: usage.stacks,
    ),
)


def bill(usage: Usage, prices: tuple[Price, ...] = PRICES) -> Mapping[str, float]:
    """Returns the dollars by item."""
    return {price.item: price.of(usage) for price in prices}


def a_month(usage: Usage) -> float:
    """Returns the dollars of a month of such hours, with what stands by the month."""
    return HOURS_OF_A_MONTH * sum(bill(usage).values()) + sum(bill(usage, STANDING).values())


def per_million_calls(usage: Usage) -> float:
    """Returns the dollars that a million of the callers' calls cost, without what stands by the month."""
    return sum(bill(usage).values()) / usage.asked * 1e6
