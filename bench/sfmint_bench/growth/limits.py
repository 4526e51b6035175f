"""Where growth ends: what the template makes of a connection, AWS's quotas, and at what each is met.

Quotas are AWS's defaults of a large region, as known in November 2026 from the pages that docs/scaling.md names.
"""

from sfmint_bench.growth import hour, stack
from sfmint_bench.growth.dollars import ALARMS, of_alarms
from sfmint_bench.growth.hour import Load, simulated_hour

# What the template may make once, and for each connection, so that no later version makes a full stack too large.
# CloudFormation counts what conditions leave out, too.
RESOURCES = (70, 7)
POLICIES, PARAMETERS = (4, 2), (1, 2)  # what it makes now
VARIABLE_BYTES = 1729  # of the function that has most, with every parameter set and without the connections' names
LONGEST_NAME = 32  # of a connection

MOST_RESOURCES, MOST_VARIABLE_BYTES, MOST_POLICIES, MOST_PARAMETERS = 500, 4096, 1500, 10_000
CONCURRENCY, PARAMETER_READS, ROW_READS, SCHEDULES = 1000, 40, 3000, 1000  # all but the first for a second
LIST_KEPT_S, LIST_STALE_S = 60, 300  # of salesforce_request: how long an allow-list is good, and while SSM is throttled
SALESFORCE_LOGINS = 3600  # for an hour and user

MOST_CONNECTIONS = (MOST_RESOURCES - RESOURCES[0]) // RESOURCES[1]

_SAMPLE = Load(callers=100, connections=1, way="client")  # a small hour whose shares hold for larger ones


def figures() -> dict[str, float]:
    """Return every figure that docs/scaling.md has in a sentence, or in its table of limits."""
    return {**_of_a_stack(), **_of_calls(), **_assumed()}


def _of_a_stack() -> dict[str, float]:
    policies = POLICIES[0] + MOST_CONNECTIONS * POLICIES[1]
    parameters = PARAMETERS[0] + MOST_CONNECTIONS * (PARAMETERS[1] + 1)  # and an allow list for each connection
    return {
        "most": MOST_CONNECTIONS,
        "resources": MOST_RESOURCES,
        "one_more": MOST_CONNECTIONS + 1,
        "once": RESOURCES[0],
        "each": RESOURCES[1],
        "variable_bytes": MOST_VARIABLE_BYTES,
        "one_name_more": (MOST_VARIABLE_BYTES - VARIABLE_BYTES + 1) // (LONGEST_NAME + 1) + 1,
        "longest_name": LONGEST_NAME,
        "policies": MOST_POLICIES,
        "policies_each": policies,
        "stacks": MOST_POLICIES // policies,
        "in_full_stacks": MOST_POLICIES // policies * MOST_CONNECTIONS,
        "parameters": MOST_PARAMETERS,
        "of_parameters": MOST_PARAMETERS // parameters * MOST_CONNECTIONS,
    }


def _of_calls() -> dict[str, float]:
    sample, requests = simulated_hour(_SAMPLE), 10 * CONCURRENCY  # ten a second for each
    calls, logins = sample["calls"] / sample["token_broker"], sample["logins"]
    return {
        "calls": round(calls),
        "logins": logins,
        "concurrency": CONCURRENCY,
        "requests": requests,
        "invoking": round(requests * hour.EVERY_S),
        "layered": int(
            float(f"{requests * hour.EVERY_S * calls:.2g}")
        ),  # two digits: no day is quite like the simulated one
        "reads": PARAMETER_READS,
        "listed": PARAMETER_READS * LIST_KEPT_S,
        "stale_minutes": LIST_STALE_S // 60,
        "pairs": round(PARAMETER_READS * stack.TRUST_S),
        "row_reads": ROW_READS,
        "trusting": round(ROW_READS * stack.TRUST_S),
        "schedules": SCHEDULES,
        "scheduled": round(SCHEDULES * stack.REFRESH_S),
        "budget": stack.LOGIN_BUDGET,
        "sharing": stack.LOGIN_BUDGET // logins,
        "salesforce_logins": SALESFORCE_LOGINS,
        "sharing_all": SALESFORCE_LOGINS // logins,
    }


def _assumed() -> dict[str, float]:
    takes = {f"{source}_ms": round(seconds * 1000) for source, seconds in hour.TAKES_S.items()}
    return {
        "alarms": ALARMS,
        "alarm_dollars": of_alarms(ALARMS),
        "start_ms": round(hour.START_S * 1000),
        "watch_ms": round(hour.WATCH_S * 1000),
        "idle_minutes": round(hour.IDLE_S / 60),
        **takes,
    }
