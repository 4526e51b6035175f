"""`sfmint doctor` on what the stack has made, on its row, and on the rights of a role."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from cli.patient import BROKER, REQUEST, TARGET, Patient, make_prober, patient, with_salesforce
from lambda_service import ACCOUNT, DENIED, REGION, TIMED_OUT, alias_arn
from sfmint.salesforce.access_token import iso8601
from sfmint.salesforce.login_failures.table import REASONS
from sfmint_cli.doctor.words import first_step
from sfmint_cli.pasteable import aws

__all__ = ["patient", "with_salesforce"]

ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/consumer"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/acme-get-token-my-org-{REGION}"


def fake_row(**changes: Any) -> dict[str, Any]:
    row = {"fingerprint": "0123456789abcdef", "issued_at": "2026-11-28T18:00:00Z", "reject_count": 0, "failure": None}
    return {"build": "", "connections": {"my-org": row | changes}}


def failing(code: str) -> dict[str, Any]:
    error = REASONS[code].to_error()
    message = f"{error.cause} {error.remedy}"
    until = "2026-11-28T19:00:00Z"
    return {"error": type(error).__name__, "reason": code, "message": message, "count": 1, "until": until}


# ------------------------------------------------------------------------------------------------- the stack
def test_a_stack_that_is_not_there_stops_everything(patient: Patient) -> None:
    examined = patient.examined("--stack", "other")
    assert examined.wrong == ["stack"]
    assert examined["stack"]["cause"] == f"There is no stack 'other' in {REGION}."
    assert set(examined.not_checked) >= {"secret", "login", "row", "aliases", "broker"}
    assert examined.ended.document["error"]["cause"].endswith(examined["stack"]["cause"])
    assert patient.customer.logins == 0


def test_a_connection_that_the_stack_does_not_have_is_told_with_the_deploy(patient: Patient) -> None:
    ended = patient.run("doctor", "orders", "--json")
    check = ended.document["checks"][0]
    assert check["remedy"] == 'Add it: make deploy PARAMETERS="Connections=my-org,other-org,orders".'


def test_credentials_that_aws_denies_are_a_fault_for_nothing_is_known_then(patient: Patient) -> None:
    from cli.cloud_formation import DENIED as NO_STACK

    patient.account.cloud_formation.refusal = NO_STACK
    examined = patient.examined()
    assert (examined.wrong, examined.ended.code) == (["stack"], 1)
    assert examined["aws_clock"]["outcome"] == "ok"  # a refusal tells the time too


# --------------------------------------------------------------------------------------- what was made for it
@pytest.mark.parametrize("function", [BROKER, REQUEST])
@pytest.mark.parametrize("alias", ["live", "my-org"])
def test_an_alias_that_is_missing_is_told(patient: Patient, function: str, alias: str) -> None:
    del patient.account.functions.aliases[function][alias]
    check = patient.examined()["aliases"]
    assert check["cause"] == f"The function {function} has no alias {alias}."
    arn = alias_arn("", function=function.removeprefix("acme-")).rstrip(":")
    assert check["remedy"] == aws(
        *("lambda", "create-alias", "--function-name", arn, "--name", alias, "--function-version", "7")
    )


def test_where_no_alias_is_left_the_stack_is_put_back(patient: Patient) -> None:
    patient.account.functions.aliases[BROKER] = {}
    assert "reverts drift" in patient.examined()["aliases"]["remedy"]


def test_an_alias_that_a_deploy_has_not_reached_is_told(patient: Patient) -> None:
    patient.account.functions.aliases[REQUEST]["my-org"] = "6"
    check = patient.examined()["aliases"]
    assert check["cause"] == f"The alias my-org of {REQUEST} runs version 6, and live 7."
    arn = alias_arn("", function="salesforce-request").rstrip(":")
    assert check["remedy"] == aws(
        *("lambda", "update-alias", "--function-name", arn, "--name", "my-org", "--function-version", "7")
    )


@pytest.mark.parametrize(("word", "function"), [("broker", "token-broker"), ("request", "salesforce-request")])
@pytest.mark.parametrize("said", [None, "arn:aws:lambda:elsewhere"])
def test_a_parameter_that_does_not_lead_callers_to_the_alias_is_told(
    patient: Patient, word: str, function: str, said: str | None
) -> None:
    name = f"/sfmint/acme/connections/my-org/{word}"
    if said is None:
        patient.account.parameters.delete_parameter(Name=name)
    else:
        patient.account.parameters.put_parameter(Name=name, Type="String", Value=said, Overwrite=True)
    check = patient.examined()["parameters"]
    assert check["outcome"] == "fault"
    assert check["remedy"] == aws(
        *("ssm", "put-parameter", "--name", name, "--type", "String", "--overwrite"),
        *("--value", alias_arn(function=function)),
    )


@pytest.mark.parametrize("kind", ["get-token", "request"])
def test_a_policy_that_is_missing_is_told(patient: Patient, kind: str) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/acme-{kind}-my-org-{REGION}"
    patient.client("iam").delete_policy(PolicyArn=arn)
    check = patient.examined()["policies"]
    assert (check["cause"], "reverts drift" in check["remedy"]) == (f"There is no policy {arn}.", True)


def test_a_schedule_that_is_missing_is_told(patient: Patient) -> None:
    patient.client("scheduler").delete_schedule(GroupName="acme", Name="my-org")
    assert patient.examined()["schedule"]["cause"].startswith("The connection has no schedule")


@pytest.mark.parametrize(
    ("state", "target", "words"), [("DISABLED", TARGET, "is DISABLED"), ("ENABLED", f"{TARGET}2", "invokes")]
)
def test_a_schedule_that_refreshes_nothing_is_told(patient: Patient, state: str, target: str, words: str) -> None:
    patient.client("scheduler").update_schedule(
        GroupName="acme",
        Name="my-org",
        ScheduleExpression="rate(5 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        State=state,
        Target={"Arn": target, "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler"},
    )
    check = patient.examined()["schedule"]
    assert (check["outcome"], words in check["cause"]) == ("fault", True)
    assert check["remedy"]


def test_a_stack_that_refreshes_nothing_by_choice_is_well(patient: Patient) -> None:
    patient.account.cloud_formation.stacks["acme"][0]["RefreshRate"] = "off"
    patient.client("scheduler").delete_schedule(GroupName="acme", Name="my-org")
    assert patient.examined()["schedule"]["outcome"] == "ok"


@pytest.mark.parametrize("function", ["token-broker", "token-keeper", "salesforce-request", "key-rotation"])
def test_a_log_group_that_is_missing_is_told_with_the_command_that_makes_it(patient: Patient, function: str) -> None:
    group = f"/aws/lambda/acme-{function}"
    patient.client("logs").delete_log_group(logGroupName=group)
    check = patient.examined()["logs"]
    assert check["remedy"] == aws("logs", "create-log-group", "--log-group-name", group)


def test_a_stack_without_a_prober_is_well(patient: Patient) -> None:
    assert patient.examined()["prober"]["outcome"] == "ok"


def test_a_prober_that_runs_is_well(patient: Patient) -> None:
    make_prober(patient)
    check = patient.examined()["prober"]
    assert (check["outcome"], "rate(5 minutes)" in check["cause"]) == ("ok", True)


def loses_its_alias(patient: Patient) -> None:
    patient.account.functions.aliases["acme-prober"] = {}


def loses_its_schedule(patient: Patient) -> None:
    patient.client("scheduler").delete_schedule(GroupName="acme", Name="stack_prober")


def is_turned_off(patient: Patient) -> None:
    scheduler = patient.client("scheduler")
    found = scheduler.get_schedule(GroupName="acme", Name="stack_prober")
    kept = {name: found[name] for name in ("GroupName", "Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**kept, State="DISABLED")


def loses_its_logs(patient: Patient) -> None:
    patient.client("logs").delete_log_group(logGroupName="/aws/lambda/acme-prober")


@pytest.mark.parametrize(
    ("happens", "cause", "remedy"),
    [
        (loses_its_alias, "The function acme-prober has no alias live.", "reverts drift"),
        (loses_its_schedule, "The prober has no schedule, so nothing has it probe.", "reverts drift"),
        (is_turned_off, "The schedule acme/stack_prober is DISABLED, so nothing has the prober probe.", "Enable it"),
        (loses_its_logs, "There is no log group /aws/lambda/acme-prober, so", "create-log-group"),
    ],
)
def test_what_keeps_a_prober_from_probing_is_told(
    patient: Patient, happens: Callable[[Patient], None], cause: str, remedy: str
) -> None:
    make_prober(patient)
    happens(patient)
    check = patient.examined()["prober"]
    assert check["outcome"] == "fault"
    assert check["cause"].startswith(cause)
    assert remedy in check["remedy"]


def test_a_command_is_for_the_region_that_was_given(patient: Patient) -> None:
    patient.client("logs").delete_log_group(logGroupName="/aws/lambda/acme-token-keeper")
    assert patient.examined("--region", REGION)["logs"]["remedy"].endswith(f" --region {REGION}")


def test_an_admin_connection_needs_neither_policies_nor_parameters_nor_a_schedule(patient: Patient) -> None:
    patient.account.cloud_formation.stacks["acme"][0]["AdminConnections"] = "admin-acme"
    patient.account.functions.aliases[BROKER]["admin-acme"] = "7"
    patient.account.secrets.create_secret(Name="sfmint/acme/admin-acme", SecretString=patient.account.secret("my-org"))
    ended = patient.run("doctor", "admin-acme", "--ca-bundle", patient.customer.control.ca, "--json")
    outcomes = {check["check"]: check["outcome"] for check in ended.document["checks"]}
    assert {outcomes[name] for name in ("aliases", "parameters", "policies", "schedule")} == {"ok"}


# ---------------------------------------------------------------------------------- what the stack itself says
def test_rejections_that_go_on_are_told(with_salesforce: Patient) -> None:
    row = fake_row(reject_count=3, issued_at=iso8601(time.time() - 30))
    with_salesforce.account.keeper.answers["status"] = row
    assert "have rejected 3 fresh tokens" in with_salesforce.examined()["row"]["cause"]


def test_rejections_now_and_then_are_no_fault(with_salesforce: Patient) -> None:
    row = fake_row(reject_count=2, issued_at=iso8601(time.time() - 30))
    with_salesforce.account.keeper.answers["status"] = row
    assert with_salesforce.examined()["row"]["outcome"] == "ok"


@pytest.mark.parametrize("gone", [{"rejected": "0123456789abcdef"}, {"expires_at": "2026-11-28T18:00:01Z"}])
def test_a_token_that_is_not_served_is_not_said_to_be_there(with_salesforce: Patient, gone: dict[str, Any]) -> None:
    with_salesforce.account.keeper.answers["status"] = fake_row(**gone)
    assert with_salesforce.examined()["row"]["cause"].startswith("It holds no token that is served")


def test_a_row_that_cannot_be_read_is_told(with_salesforce: Patient) -> None:
    unread = {"error": "CacheUnavailable", "message": "The table is gone. Deploy it."}
    with_salesforce.account.keeper.answers["status"] = {"build": "", "connections": {"my-org": unread}}
    check = with_salesforce.examined()["row"]
    assert (check["cause"], check["remedy"]) == ("The table is gone.", "Deploy it.")


@pytest.mark.parametrize(
    "answer", [{}, {"connections": []}, {"connections": {"my-org": 7}}, {"build": 7}, TIMED_OUT, DENIED]
)
def test_a_keeper_that_says_nothing_of_use_hides_nothing_else(with_salesforce: Patient, answer: Any) -> None:
    with_salesforce.account.keeper.answers["status"] = answer
    examined = with_salesforce.examined()
    assert examined["row"]["outcome"] in {"not checked", "fault"}
    assert examined["login"]["outcome"] == "ok"
    assert examined["address"]["outcome"] == "not checked"


def test_a_key_that_the_row_bars_is_told(with_salesforce: Patient) -> None:
    key_id = with_salesforce.examined()["key"]["cause"].split()[2]
    with_salesforce.account.keeper.answers["status"] = fake_row(tainted_keys=[key_id])
    assert with_salesforce.examined()["row"]["cause"] == f"The row bars the key {key_id}, so nobody logs in with it."


def test_a_failure_that_was_mended_is_forgotten_by_one_command(with_salesforce: Patient) -> None:
    with_salesforce.account.keeper.answers["status"] = fake_row(failure=failing("wrong_audience"))
    check = with_salesforce.examined()["row"]
    assert check["remedy"].endswith("sfmint flush my-org")


@pytest.mark.parametrize("code", ["ip_restricted", "unreachable", "untrusted_tls", "proxy_login", "no_answer"])
def test_a_stack_that_is_kept_out_where_this_machine_is_let_in_is_told_to_look_at_its_network(
    with_salesforce: Patient, code: str
) -> None:
    with_salesforce.account.keeper.answers["status"] = fake_row(failure=failing(code))
    check = with_salesforce.examined()["address"]
    assert "lets this machine in, and not the stack" in check["cause"]
    assert check["remedy"] == first_step(REASONS[code])


def test_a_machine_that_is_kept_out_where_the_stack_is_let_in_is_told(with_salesforce: Patient) -> None:
    with_salesforce.meets("oauth_error", error="invalid_grant", description="ip restricted or invalid login hours")
    examined = with_salesforce.examined()
    assert examined["address"]["cause"] == "Only this machine is kept out: the stack logs in from its own address."


BROKERS: dict[str, tuple[dict[str, Any], str, str]] = {
    "cannot read": (
        {"credentials": {"error": "InvalidCredentials", "message": "It is no key. Store one."}},
        "fault",
        "It is no key.",
    ),
    "spent": (
        {"credentials": {}, "budget": {"logins": 240, "limit": 240}},
        "fault",
        "All 240 logins of this hour are spent.",
    ),
    "half spent": ({"credentials": {}, "budget": {"logins": 121, "limit": 240}}, "warning", "121 of the hour's 240"),
    "overwritten": ({"credentials": {}, "budget": {"logins": None, "limit": 240}}, "fault", "was overwritten"),
    "parameter store": ({"credentials": {}, "budget": None}, "ok", "can use the secret"),
}


@pytest.mark.parametrize("case", BROKERS)
def test_what_the_broker_says_of_secret_and_budget_is_told(patient: Patient, case: str) -> None:
    said, outcome, words = BROKERS[case]
    patient.account.keeper.answers["broker status"] = {"build": "", **said}
    check = patient.examined()["broker"]
    assert (check["outcome"], words in check["cause"]) == (outcome, True)


def test_a_broker_that_refuses_is_told_in_its_own_words(patient: Patient) -> None:
    refused = {"errorType": "InvalidCredentials", "errorMessage": "The secret is no JSON. Store one."}
    patient.account.keeper.answers["broker status"] = refused
    check = patient.examined()["broker"]
    assert (check["outcome"], check["cause"], check["remedy"]) == ("fault", "The secret is no JSON.", "Store one.")


def test_a_broker_that_these_credentials_may_not_ask_is_not_checked(patient: Patient) -> None:
    patient.account.keeper.answers["broker status"] = DENIED
    examined = patient.examined()
    assert (examined["broker"]["outcome"], examined.ended.code) == ("not checked", 0)


@pytest.mark.parametrize("build", ["ab12", "35a967caba39"])
@pytest.mark.parametrize(("where", "check"), [("broker status", "broker"), ("status", "build")])
def test_an_alias_of_another_build_is_told(patient: Patient, where: str, check: str, build: str) -> None:
    patient.account.cloud_formation.stacks["acme"][1]["BuildId"] = build
    patient.account.keeper.answers["status"] = fake_row() | {"build": build}
    patient.account.keeper.answers["broker status"] = {"build": build, "credentials": {}, "budget": None}
    assert patient.examined().wrong == []
    patient.account.keeper.answers[where] = patient.account.keeper.answers[where] | {"build": "0ld"}
    examined = patient.examined()
    assert examined.wrong == [check]
    assert "0ld" in examined[check]["cause"]
    assert build in examined[check]["cause"]


# ------------------------------------------------------------------------------------------ the rights of a role
@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answer SimulatePrincipalPolicy, which moto does not know; by the kind of resource."""
    answers: dict[str, Any] = {"token-broker": "allowed", "salesforce-request": "implicitDeny", "parameter": "allowed"}
    ask = vars(BaseClient)["_make_api_call"]

    def call(client: Any, operation: str, given: Any) -> Any:
        if operation != "SimulatePrincipalPolicy":
            return ask(client, operation, given)
        [resource] = given["ResourceArns"]
        assert given["ActionNames"] == (["ssm:GetParameter"] if ":ssm:" in resource else ["lambda:InvokeFunction"])
        answer = next(answer for kind, answer in answers.items() if kind in resource)
        if isinstance(answer, Exception):
            raise answer
        whole = answer if isinstance(answer, dict) else {"EvalDecision": answer}
        return {"EvaluationResults": [{"EvalActionName": "", "MatchedStatements": [], **whole}]}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return answers


def by(decision: str, policy: str, line: int) -> dict[str, Any]:
    statement = {
        "SourcePolicyId": policy,
        "SourcePolicyType": "IAM Policy",
        "StartPosition": {"Line": line, "Column": 1},
    }
    return {"EvalDecision": decision, "MatchedStatements": [statement]}


def test_a_role_that_may_get_the_token_is_told_by_which_policy(patient: Patient, simulated: dict[str, Any]) -> None:
    simulated["token-broker"] = by("allowed", "acme-get-token-my-org", 3)
    check = patient.examined("--as-role", ROLE)["role"]
    assert check["outcome"] == "ok"
    assert "get the token: allowed by acme-get-token-my-org (the statement at line 3);" in check["cause"]
    assert "send requests: not allowed by any policy;" in check["cause"]
    assert check["cause"].endswith("Resource policies, service control policies and other accounts are not seen.")


def test_a_role_without_a_policy_is_told_which_to_attach(patient: Patient, simulated: dict[str, Any]) -> None:
    simulated["token-broker"] = "implicitDeny"
    check = patient.examined("--as-role", ROLE)["role"]
    assert check["outcome"] == "fault"
    assert check["remedy"] == aws("iam", "attach-role-policy", "--role-name", "consumer", "--policy-arn", POLICY)


def test_a_role_that_sends_requests_only_is_well(patient: Patient, simulated: dict[str, Any]) -> None:
    simulated |= {"token-broker": "implicitDeny", "salesforce-request": "allowed", "parameter": "implicitDeny"}
    assert patient.examined("--as-role", ROLE)["role"]["outcome"] == "ok"


def test_a_role_that_does_not_find_the_alias_is_told(patient: Patient, simulated: dict[str, Any]) -> None:
    simulated["parameter"] = "implicitDeny"
    check = patient.examined("--as-role", ROLE)["role"]
    assert (check["outcome"], "find the alias: not allowed" in check["cause"]) == ("fault", True)


@pytest.mark.parametrize("kind", ["token-broker", "salesforce-request", "parameter"])
def test_a_denial_is_told_with_the_policy_that_denies(patient: Patient, simulated: dict[str, Any], kind: str) -> None:
    simulated[kind] = by("explicitDeny", "no-salesforce", 12)
    check = patient.examined("--as-role", ROLE)["role"]
    assert "explicitly denied by no-salesforce (the statement at line 12)" in check["cause"]
    assert check["remedy"].startswith("Take the denial out of no-salesforce")


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}, "its permissions boundary"),
        ({"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}, "a policy of the organization"),
    ],
)
def test_a_boundary_that_refuses_is_told(
    patient: Patient, simulated: dict[str, Any], detail: dict[str, Any], words: str
) -> None:
    simulated["token-broker"] = {"EvalDecision": "implicitDeny", **detail}
    check = patient.examined("--as-role", ROLE)["role"]
    assert f"get the token: not allowed by any policy ({words} does not allow it)" in check["cause"]


def test_a_role_that_is_not_there_is_told(patient: Patient, simulated: dict[str, Any]) -> None:
    error: Any = {"Error": {"Code": "NoSuchEntity", "Message": "no"}}
    simulated["token-broker"] = ClientError(error, "SimulatePrincipalPolicy")
    assert patient.examined("--as-role", ROLE)["role"]["cause"] == f"There is no role {ROLE}."


def test_who_may_not_simulate_is_told_so(patient: Patient, simulated: dict[str, Any]) -> None:
    error: Any = {"Error": {"Code": "AccessDenied", "Message": "no"}}
    simulated["token-broker"] = ClientError(error, "SimulatePrincipalPolicy")
    examined = patient.examined("--as-role", ROLE)
    assert (examined["role"]["outcome"], examined.ended.code) == ("not checked", 0)


def test_a_role_of_another_account_is_not_simulated(patient: Patient, simulated: dict[str, Any]) -> None:
    simulated.clear()
    check = patient.examined("--as-role", "arn:aws:iam::999999999999:role/consumer")["role"]
    assert check["outcome"] == "not checked"
    assert "aws lambda get-policy --function-name" in check["remedy"]


@pytest.mark.parametrize(
    "arn",
    ["consumer", f"arn:aws:sts::{ACCOUNT}:assumed-role/consumer/job", f"arn:aws:iam::{ACCOUNT}:user/joe", ROLE * 20],
)
def test_what_is_no_role_is_a_wrong_command_line(patient: Patient, arn: str) -> None:
    ended = patient.run("doctor", "my-org", "--as-role", arn)
    assert (ended.code, "that is not the ARN of a role" in ended.cause) == (2, True)
    assert json.dumps(ended.stdout) == '""'
