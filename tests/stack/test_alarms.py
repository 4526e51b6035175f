"""The alarms of the deployed stack are the template's, and the lines of its functions' logs are what they are judged by.

How each of them fires and clears stands in tests/functions/test_alarms.py.
"""

import json
import time
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from expanding.watched import watched
from sfmint_local.cloudwatch import deployed
from sfmint_local.cloudwatch.alarms import Alarm
from sfmint_local.cloudwatch.metric_line import Series
from sfmint_local.embedded_stack import STACK, EmbeddedStack
from stack.conftest import PARAMETERS

BROKER = f"{STACK}-token-broker"
MINUTE = 60.0


def of_broker(name: str) -> Series:
    return "sfmint", name, (("stack", STACK), ("service", "token_broker"))


def test_the_deployed_alarms_are_those_of_the_template(stack: EmbeddedStack) -> None:
    made = watched(STACK, **PARAMETERS)
    found = deployed.alarms(stack.aws, STACK)
    assert found == {name: Alarm.of(said) for name, said in made.alarms.items()}
    said: Any = stack.aws.metrics.describe_alarms(AlarmNamePrefix=f"{STACK}-")["MetricAlarms"]
    topic = [PARAMETERS["AlarmTopicArn"]]
    assert [(each["AlarmActions"], each["OKActions"]) for each in said] == [(topic, topic)] * len(found)


def test_the_deployed_dashboard_is_that_of_the_template(stack: EmbeddedStack) -> None:
    found = stack.aws.metrics.get_dashboard(DashboardName=f"{STACK}-us-east-1")["DashboardBody"]
    body = watched(STACK, **PARAMETERS).dashboard["DashboardBody"]
    here = body.replace("eu-central-1", "us-east-1").replace("123456789012", "000000000000")
    assert json.loads(found) == json.loads(here)


def test_what_the_deployed_functions_log_is_what_alarms_stand_on(stack: EmbeddedStack, connection: str) -> None:
    began = time.time()
    stack.functions.broker(connection)
    metrics = deployed.metrics(stack.aws, functions=(BROKER,), since=began - MINUTE, until=time.time() + MINUTE)
    since, until = began // MINUTE * MINUTE, time.time() + MINUTE
    assert metrics.statistic(of_broker("TokenMinted"), "Sum", since=since, until=until)
    assert metrics.statistic(of_broker("Unserved"), "Minimum", since=since, until=until) == 0


def test_callers_who_are_throttled_wake_somebody(stack: EmbeddedStack) -> None:
    alarm = deployed.alarms(stack.aws, STACK)["BrokerThrottled"]
    began = time.time()
    stack.aws.functions.put_function_concurrency(FunctionName=BROKER, ReservedConcurrentExecutions=0)
    try:
        for _ in range(12):
            with suppress(ClientError):
                stack.aws.functions.invoke(FunctionName=BROKER, Payload=b"{}")
    finally:
        stack.aws.functions.delete_function_concurrency(FunctionName=BROKER)
    metrics = deployed.metrics(stack.aws, functions=(BROKER,), since=began - 600, until=time.time() + MINUTE)
    states = [each.state for each in alarm.changes(metrics, since=began - 600, until=time.time() + 1800)]
    assert states == ["INSUFFICIENT_DATA", "OK", "ALARM", "OK"]
