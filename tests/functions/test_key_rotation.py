"""key_rotation's handler: whole rotations, and what is refused before anything is done."""

from typing import Any
from uuid import uuid4

import pytest

from functions.rotation_stack import ADMIN, SECRET_ARN, RotationStack
from functions.stack import CONNECTION, Context, arn_of

TOKEN = {"action": "get_token"}


def test_a_person_uploads_the_certificate_and_the_key_is_rotated(rotation_stack: RotationStack) -> None:
    old = rotation_stack.secret()
    begun = rotation_stack.order("start")
    assert begun["phase"] == "waiting"
    certificate = rotation_stack.published()
    assert certificate is not None
    assert rotation_stack.secret()["private_key"] == old["private_key"]
    rotation_stack.upload(certificate)
    assert rotation_stack.order("finish")["phase"] == "testing"
    ticked = rotation_stack.invoke({"action": "tick"})
    assert [each["phase"] for each in ticked["rotations"]] == ["finished"]
    new = rotation_stack.secret()
    assert new["certificate"] == certificate
    assert new["private_key"] != old["private_key"]
    assert {name: new[name] for name in old if name != "private_key"} == {
        name: old[name] for name in old if name != "private_key"
    }
    assert rotation_stack.published() is None
    assert "access_token" in rotation_stack.broker.invoke(TOKEN)


def test_an_admin_connection_rotates_without_anybody(rotation_stack: RotationStack) -> None:
    consumer_key = rotation_stack.has_admin()
    old = rotation_stack.secret()
    rotation_stack.order("start")
    ticked = rotation_stack.invoke({"action": "tick"})
    assert [each["phase"] for each in ticked["rotations"]] == ["finished"]
    new = rotation_stack.secret()
    assert new["private_key"] != old["private_key"]
    assert new["consumer_key"] == consumer_key
    assert new["admin_connection"] == ADMIN
    (component,) = [
        part
        for part in rotation_stack.stack.customer.control.components(new["app"])
        if part.type == "ExtlClntAppGlobalOauthSettings"
    ]
    assert component.text("certificate").split() == new["certificate"].split()


def test_secrets_manager_rotates_by_its_four_steps(rotation_stack: RotationStack) -> None:
    rotation_stack.has_admin()
    version, before = str(uuid4()), rotation_stack.secret()
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        for _ in range(2):  # AWS repeats what it heard no answer of
            answer = rotation_stack.step(step, version)
            assert "errorType" not in answer, (step, answer)
    assert rotation_stack.stages()[version] >= {"AWSCURRENT"}
    assert not any("AWSPENDING" in labels for labels in rotation_stack.stages().values())
    assert rotation_stack.secret()["private_key"] != before["private_key"]


def test_a_step_that_waits_for_a_person_says_so_and_is_done_later(rotation_stack: RotationStack) -> None:
    version = str(uuid4())
    assert "errorType" not in rotation_stack.step("createSecret", version)
    assert rotation_stack.step("setSecret", version)["phase"] == "waiting"
    pending = rotation_stack.step("testSecret", version)
    assert pending["errorType"] == "RotationPending"
    assert "uploaded" in pending["errorMessage"]
    assert rotation_stack.step("finishSecret", version)["errorType"] == "RotationPending"
    certificate = rotation_stack.published()
    assert certificate is not None
    rotation_stack.upload(certificate)
    rotation_stack.order("finish")
    assert "errorType" not in rotation_stack.step("testSecret", version)
    assert rotation_stack.step("finishSecret", version)["phase"] == "finished"


def test_secrets_manager_tries_the_function_alone_where_a_schedule_is_set(rotation_stack: RotationStack) -> None:
    before = rotation_stack.stages()
    assert rotation_stack.step("testSecret", str(uuid4()))["phase"] == "none"
    assert rotation_stack.stages() == before
    assert rotation_stack.parameters() == {}


@pytest.mark.parametrize("step", ["setSecret", "finishSecret"])
def test_a_step_without_a_rotation_is_void(rotation_stack: RotationStack, step: str) -> None:
    assert rotation_stack.step(step, str(uuid4()))["errorType"] == "RotationVoid"


def test_a_rotation_is_cancelled_and_the_old_key_goes_on(rotation_stack: RotationStack) -> None:
    rotation_stack.has_admin()
    old = rotation_stack.secret()
    rotation_stack.order("start")
    assert rotation_stack.order("cancel")["phase"] == "cancelling"
    for _ in range(4):  # the old key has to be back everywhere, and a run lasts fifteen minutes
        rotation_stack.invoke({"action": "tick"})
    assert rotation_stack.order("status")["phase"] == "cancelled"
    assert rotation_stack.secret()["private_key"] == old["private_key"]
    assert not any("AWSPENDING" in labels for labels in rotation_stack.stages().values())
    assert "access_token" in rotation_stack.broker.invoke(TOKEN)
    (line,) = [each for each in rotation_stack.stack.lines if each.get("message") == "rotation cancelled"]
    assert line["why"]


# --- what is told ---


def test_a_rotation_is_counted_while_it_is_pending_and_when_it_ends(rotation_stack: RotationStack) -> None:
    rotation_stack.has_admin()
    assert "access_token" in rotation_stack.broker.invoke(TOKEN)
    rotation_stack.order("start")
    rotation_stack.clock.time += 3 * 3600
    rotation_stack.order("advance")
    rotation_stack.invoke({"action": "tick"})
    counted = [line for line in rotation_stack.stack.lines if "_aws" in line]
    assert 3 in [line["RotationPendingHours"] for line in counted if "RotationPendingHours" in line]
    assert [line["RotationFinished"] for line in counted if "RotationFinished" in line] == [1]
    days = [line["CertificateDaysLeft"] for line in counted if "CertificateDaysLeft" in line]
    assert all(isinstance(each, int) for each in days)
    own = [line for line in counted if any(name.startswith("Rotation") for name in line)]
    dimensions = [each["Dimensions"] for line in own for each in line["_aws"]["CloudWatchMetrics"]]
    assert dimensions
    assert all(each[0] == ["stack", "service"] for each in dimensions)


@pytest.mark.parametrize("number", [7, 10**10 - 1])
@pytest.mark.parametrize("text", ["00D!not-a-note", '{"versions": []}', "[" * 4000])
def test_one_connection_that_fails_holds_up_no_other(rotation_stack: RotationStack, text: str, number: int) -> None:
    rotation_stack.has_admin()
    rotation_stack.order("start")
    note = {"Name": f"/sfmint/acme/rotations/other-org/{number:010}", "Value": text, "Type": "String"}
    rotation_stack.stack.cloud.ssm.put_parameter(**note)
    ticked = rotation_stack.invoke({"action": "tick"})
    assert [each["phase"] for each in ticked["rotations"]] == ["finished"]
    (line,) = [each for each in rotation_stack.stack.lines if each.get("message") == "rotation not done"]
    assert (line["connection"], line["error"]) == ("other-org", "RotationRefused")
    assert note["Name"] in line["cause"]
    assert rotation_stack.parameters()[note["Name"]] == note["Value"]


def test_an_error_is_told_once_with_cause_and_remedy(rotation_stack: RotationStack) -> None:
    rotation_stack.stack.forget_secret()
    assert rotation_stack.order("start")["errorType"] == "ConnectionNotFound"
    (line,) = [each for each in rotation_stack.stack.lines if each.get("message") == "rotation not done"]
    assert (line["error"], line["connection"]) == ("ConnectionNotFound", CONNECTION)
    assert line["remedy"]
    (metric,) = [each for each in rotation_stack.stack.lines if "RotationFailed" in each]
    assert (metric["RotationFailed"], metric["FailedConnectionNotFound"]) == (1, 1)


def test_a_foreign_error_is_told_by_its_place_alone(
    rotation_stack: RotationStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = rotation_stack.environment()

    def broken(*_: object, **__: object) -> None:
        raise ValueError("-----BEGIN PRIVATE KEY-----")

    monkeypatch.setattr(type(environment.app.FUNCTION.runner), "run", broken)
    answer = rotation_stack.invoke({"action": "tick"}, environment=environment)
    assert answer["errorType"] == "InternalError"
    assert "PRIVATE" not in rotation_stack.stack.output.getvalue()


# --- who is let in, and with what ---


def test_the_build_is_told_through_the_alias_alone(rotation_stack: RotationStack) -> None:
    environment = rotation_stack.environment(SFMINT_BUILD="abc")
    assert rotation_stack.invoke({"action": "status"}, environment=environment) == {"build": "abc"}
    assert rotation_stack.invoke({"action": "status"}, None, environment)["errorType"] == "ConnectionForbidden"


def test_there_is_no_way_in_but_the_alias(rotation_stack: RotationStack) -> None:
    environment = rotation_stack.environment()
    for qualifier in (None, "$LATEST", "7", CONNECTION, "observe"):
        for event in ({"action": "tick"}, {"action": "cancel", "connection": CONNECTION}, STEP):
            answer = rotation_stack.invoke(event, qualifier, environment)
            assert answer["errorType"] == "ConnectionForbidden", (qualifier, event)
    assert rotation_stack.service.invocations == []


def test_another_functions_alias_is_no_way_in(rotation_stack: RotationStack) -> None:
    environment = rotation_stack.environment()
    context = Context(environment.name, arn_of("acme-token-keeper", "live"))
    assert environment.invoke_as({"action": "tick"}, context)["errorType"] == "ConnectionForbidden"


STEP = {"Step": "createSecret", "SecretId": SECRET_ARN, "ClientRequestToken": "0" * 36}


REFUSED: tuple[tuple[Any, str], ...] = (
    ([], "InvalidRequest"),
    (None, "InvalidRequest"),
    ({}, "InvalidRequest"),
    ({"action": "rotate", "connection": CONNECTION}, "InvalidRequest"),
    ({"action": ["start"], "connection": CONNECTION}, "InvalidRequest"),
    ({"action": "start"}, "InvalidRequest"),
    ({"action": "start", "connection": {"a": 1}}, "InvalidRequest"),
    ({"action": "start", "connection": "nobody"}, "ConnectionNotFound"),
    ({"action": "start", "connection": CONNECTION, "force": True}, "InvalidRequest"),
    ({"action": "tick", "connection": CONNECTION}, "InvalidRequest"),
    (STEP | {"Step": "deleteSecret"}, "InvalidRequest"),
    (STEP | {"Step": {}}, "InvalidRequest"),
    (STEP | {"ClientRequestToken": "short"}, "InvalidRequest"),
    (STEP | {"ClientRequestToken": "../" * 12}, "InvalidRequest"),
    (STEP | {"ClientRequestToken": None}, "InvalidRequest"),
    (STEP | {"SecretId": None}, "ConnectionForbidden"),
    (STEP | {"SecretId": f"sfmint/other/{CONNECTION}"}, "ConnectionForbidden"),
    (STEP | {"SecretId": "sfmint/acme/nobody"}, "ConnectionForbidden"),
    (STEP | {"SecretId": SECRET_ARN.replace("us-east-1", "eu-west-1")}, "ConnectionForbidden"),
    (STEP | {"SecretId": SECRET_ARN.replace("123456789012", "210987654321")}, "ConnectionForbidden"),
    (STEP | {"SecretId": SECRET_ARN.replace(":secret:", ":other:")}, "ConnectionForbidden"),
    (STEP | {"SecretId": SECRET_ARN.removesuffix("-AbC123")}, "ConnectionForbidden"),
    (STEP | {"SecretId": "corporate/proxy"}, "ConnectionForbidden"),
)


def test_an_event_that_is_none_changes_nothing(rotation_stack: RotationStack) -> None:
    before, environment = rotation_stack.stages(), rotation_stack.environment()
    for event, error in REFUSED:
        answer = rotation_stack.invoke(event, environment=environment)
        assert answer["errorType"] == error, event
    assert rotation_stack.stages() == before
    assert rotation_stack.parameters() == {}


@pytest.mark.parametrize("secret_id", [SECRET_ARN, f"sfmint/acme/{CONNECTION}"])
def test_what_secrets_manager_adds_to_its_event_is_passed_over(rotation_stack: RotationStack, secret_id: str) -> None:
    event = STEP | {"SecretId": secret_id, "ClientRequestToken": str(uuid4()), "RotationToken": "later"}
    assert rotation_stack.invoke(event)["phase"] == "setting"
