"""The main job, end to end: the real deploy, real TLS, and the counter of the org as the judge."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce

from sfmint_client import TokenClient
from sfmint_client.errors import AliasNotFound
from sfmint_local.embedded_aws import REGION
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.functions import FunctionError
from sfmint_local.key_pair import new_key_pair
from sfmint_local.org.values import Fault

CALLERS = 8


def logins(stack: EmbeddedStack, connection: str) -> int:
    """How many logins the connection's user was granted."""
    users = stack.org.counters().by_user
    user = users.get(f"{connection}@sfmint.example")
    return user.granted if user else 0


def refusal(stack: EmbeddedStack, connection: str, **request: object) -> FunctionError:
    with pytest.raises(FunctionError) as caught:
        stack.functions.broker(connection, **request)
    return caught.value


def test_a_token_is_minted_then_served_from_memory_then_to_a_new_environment(
    stack: EmbeddedStack, connection: str
) -> None:
    minted, again = stack.functions.broker(connection), stack.functions.broker(connection)
    stack.aws.end_environments()
    elsewhere = stack.functions.broker(connection)

    assert [answer["source"] for answer in (minted, again, elsewhere)] == ["minted", "memory", "cache"]
    assert len({answer["access_token"] for answer in (minted, again, elsewhere)}) == 1
    assert logins(stack, connection) == 1


def test_simple_salesforce_queries_with_what_the_broker_handed_out(stack: EmbeddedStack, connection: str) -> None:
    answer = stack.functions.broker(connection)
    session = requests.Session()
    session.verify = stack.org.ca
    session.trust_env = False
    client: Any = Salesforce(
        instance_url=answer["instance_url"], session_id=answer["access_token"], session=session, version="67.0"
    )

    found = client.query("SELECT Id, Name FROM Account LIMIT 3")

    assert [set(record) >= {"Id", "Name"} for record in found["records"]] == [True] * 3


def test_callers_at_a_cold_connection_share_one_login(stack: EmbeddedStack, connection: str) -> None:
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(lambda _: stack.functions.broker(connection), range(CALLERS)))

    assert len({answer["fingerprint"] for answer in answers}) == 1
    assert [answer["source"] for answer in answers].count("minted") == 1
    assert logins(stack, connection) == 1


def test_an_ended_session_is_healed_with_one_login_whoever_reports_it(stack: EmbeddedStack, connection: str) -> None:
    dead = stack.functions.broker(connection)["fingerprint"]
    assert stack.org.end_session(fingerprint=dead)

    with ThreadPoolExecutor(3) as pool:
        healed = list(pool.map(lambda _: stack.functions.broker(connection, rejected=dead), range(3)))

    assert len({answer["fingerprint"] for answer in healed} | {dead}) == 2
    assert logins(stack, connection) == 2


def test_the_deployed_schedules_target_refreshes_its_connection(stack: EmbeddedStack, connection: str) -> None:
    deployed = stack.aws.scheduler.get_schedule(Name=connection, GroupName="sfmint")
    now = datetime.now(UTC)
    stack.aws.scheduler.create_schedule(
        Name=f"{connection}-now",
        ScheduleExpression=f"at({now:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=deployed["Target"],
        ActionAfterCompletion="DELETE",
    )

    for _ in range(60):
        if logins(stack, connection):
            break
        time.sleep(0.5)

    assert logins(stack, connection) == 1
    assert stack.functions.broker(connection)["source"] == "cache"


def test_a_wrong_key_is_refused_once_and_the_repaired_secret_heals_at_once(
    stack: EmbeddedStack, connection: str
) -> None:
    good, wrong = stack.credentials(connection), new_key_pair(connection)
    stack.store_secret(connection, {**good, "private_key": wrong.private_key, "certificate": wrong.certificate})
    before = stack.org.counters().token_requests

    errors = [refusal(stack, connection) for _ in range(3)]
    asked = stack.org.counters().token_requests - before
    stack.store_secret(connection, good)

    assert {error.name for error in errors} == {"AssertionRejected"}
    assert "Upload the certificate" in errors[0].message
    assert asked == 1
    assert stack.functions.broker(connection)["source"] == "minted"


def test_a_broken_secret_harms_no_good_token(stack: EmbeddedStack, connection: str) -> None:
    good = stack.functions.broker(connection)
    stack.store_secret(connection, {**stack.credentials(connection), "surprise": "a field"})
    stack.aws.end_environments()

    assert stack.functions.broker(connection)["fingerprint"] == good["fingerprint"]
    stack.functions.keeper(action="flush", connection=connection)
    time.sleep(0.1)
    stack.aws.end_environments()
    error = refusal(stack, connection)
    assert (error.name, "surprise" in error.message) == ("InvalidCredentials", True)


def test_salesforce_down_is_said_and_retried_later(stack: EmbeddedStack, connection: str) -> None:
    stack.org.add_fault(Fault(where="token", kind="status", times=1, params={"code": 503}))
    try:
        error = refusal(stack, connection)
    finally:
        stack.org.clear_faults()

    assert error.name == "SalesforceUnavailable"
    assert refusal(stack, connection).name == "SalesforceUnavailable"
    time.sleep(3.2)  # what is remembered of a fault, at most, after the first
    assert stack.functions.broker(connection)["source"] == "minted"


@pytest.mark.parametrize("qualifier", ["live", "1", "$LATEST", None])
def test_no_other_qualifier_gives_a_token(stack: EmbeddedStack, connection: str, qualifier: str | None) -> None:
    function = stack.functions.broker_arn(connection).removesuffix(f":{connection}")

    with pytest.raises(FunctionError, match="ConnectionForbidden"):
        stack.functions.invoke(f"{function}:{qualifier}" if qualifier else function, {})


def test_a_connections_policy_allows_its_alias_and_no_other(stack: EmbeddedStack, connection: str) -> None:
    iam = stack.aws.iam
    arn = f"arn:aws:iam::000000000000:policy/sfmint-get-token-{connection}-{REGION}"
    document = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
    alias = stack.functions.broker_arn(connection)
    function = alias.removesuffix(f":{connection}")

    def decision(resource: str) -> str:
        answer = iam.simulate_custom_policy(
            PolicyInputList=[json.dumps(document)],
            ActionNames=["lambda:InvokeFunction"],
            ResourceArns=[resource],
        )
        return answer["EvaluationResults"][0]["EvalDecision"]

    assert decision(alias) == "allowed"
    assert {decision(other) for other in (function, f"{function}:live", f"{function}:test-0")} == {"implicitDeny"}


def test_the_client_finds_the_alias_by_the_stacks_name_and_believes_no_other(
    stack: EmbeddedStack, connection: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.aws.environment().items():
        monkeypatch.setenv(name, value)
    assert TokenClient(connection, stack="sfmint").get_token().connection == connection

    parameter, other = f"/sfmint/sfmint/connections/{connection}/broker", f"{stack.functions.broker_arn(connection)}0"
    stack.aws.parameters.put_parameter(Name=parameter, Value=other, Overwrite=True)
    with pytest.raises(AliasNotFound, match=parameter):
        TokenClient(connection, stack="sfmint").get_token()


def test_a_tainted_key_gives_its_token_up_and_never_mints_again(stack: EmbeddedStack, connection: str) -> None:
    stack.functions.broker(connection)
    key_id = stack.functions.broker(connection, action="status")["key_id"]

    assert stack.functions.keeper(action="taint", connection=connection, key_id=key_id)["token_dropped"] is True
    stack.aws.end_environments()

    error = refusal(stack, connection)
    assert (error.name, key_id in error.message) == ("InvalidCredentials", True)
    assert logins(stack, connection) == 1
