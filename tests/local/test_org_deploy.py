"""Deployments: what the message must be, what the answers say, and the order of states."""

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.deploying import OPTIONS, AppFiles, Deployer, manifest, package, problems, visitor_of, xml, zipped
from local.org_administrator import hire
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import APP, GLOBAL_OAUTH, SETTINGS, Component
from sfmint_local.org.values import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "/services/data/v67.0/metadata/deployRequest"
JSON = ("json", (None, json.dumps({"deployOptions": OPTIONS}), "application/json"))
ZIP = ("file", ("deploy.zip", zipped({"package.xml": manifest()}), "application/zip"))
DATE = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000"


def refusal(deployer: Deployer, **sent: Any) -> tuple[int, str]:
    answer = deployer.call(PATH, "POST", **sent)
    return answer.status_code, answer.json()[0]["message"]


def said(deployer: Deployer, body: Any) -> tuple[int, str]:
    return refusal(deployer, files=[("json", (None, json.dumps(body), "application/json")), ZIP])


def test_six_files_make_an_app_that_logs_in_who_is_assigned(
    deployer: Deployer, files: AppFiles, org_key: rsa.RSAPrivateKey
) -> None:
    result = deployer.deploy(*files.all())
    visitor = visitor_of(deployer, files, org_key, assigned=False)

    assert (result["status"], problems(result)) == ("Succeeded", {})
    assert visitor.exchange().json()["error"] == "invalid_app_access"
    assert deployer.assign(visitor.user.username, files.permission_set().full_name).status_code == 201
    assert visitor.exchange().ok


def test_the_answers_have_salesforces_shape(deployer: Deployer, files: AppFiles) -> None:
    answer = deployer.send(package(files.eca(), files.permission_set(label=None)))
    body = answer.json()

    assert answer.status_code == 201
    assert re.fullmatch(r"0Af[A-Za-z0-9]{15}", body["id"])
    assert body["deployOptions"] | OPTIONS == body["deployOptions"]
    assert {name: body["deployResult"][name] for name in ("status", "done", "success", "completedDate")} == {
        "status": "Pending",
        "done": False,
        "success": False,
        "completedDate": None,
    }
    result = deployer.look(body["id"])
    counts = [result[f"numberComponent{name}"] for name in ("sTotal", "sDeployed", "Errors")]
    assert (result["id"], result["done"], result["status"], counts) == (body["id"], True, "Failed", [2, 1, 1])
    assert all(re.fullmatch(DATE, result[name]) for name in ("createdDate", "startDate", "completedDate"))
    (failure,), (success,) = result["details"]["componentFailures"], result["details"]["componentSuccesses"]
    assert (
        failure
        | {
            "componentType": "PermissionSet",
            "fileName": f"permissionsets/{files.name}_access.permissionset",
            "problem": "Required field is missing: label",
            "problemType": "Error",
            "success": False,
        }
        == failure
    )
    assert (success["fullName"], success["problem"], success["success"]) == (files.name, None, True)


def test_details_are_null_unless_they_are_asked_for(deployer: Deployer, files: AppFiles) -> None:
    request_id = deployer.send(package(files.eca())).json()["id"]

    for query in ("", "?includeDetails=false"):
        assert deployer.call(f"{PATH}/{request_id}{query}").json()["deployResult"]["details"] is None
    assert deployer.look(request_id[:15])["details"]["componentFailures"] == []


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        pytest.param([ZIP], "must include a non-binary part", id="no-json"),
        pytest.param(
            [("json", ("blob", JSON[1][1], "application/json")), ZIP], "must include a non-binary part", id="filename"
        ),
        pytest.param([("json", (None, JSON[1][1])), ZIP], "application/json", id="json-without-content-type"),
        pytest.param([("json", (None, JSON[1][1], "text/plain")), ZIP], "application/json", id="json-as-text"),
        pytest.param([JSON, JSON, ZIP], "must be one", id="two-jsons"),
        pytest.param([JSON], "must include one binary part", id="no-zip"),
        pytest.param([JSON, ("more", (None, "x")), ZIP], "must be one", id="another-field"),
        pytest.param([JSON, ZIP, ZIP], "must include one binary part", id="two-zips"),
        pytest.param([JSON, ("zip", ZIP[1])], "the name file", id="another-name"),
        pytest.param([JSON, ("file", ("a.zip", b"x", "text/html"))], "application/zip", id="another-type"),
    ],
)
def test_a_message_has_one_json_part_without_and_one_zip_with_a_filename(
    deployer: Deployer, parts: Any, words: str
) -> None:
    status, message = refusal(deployer, files=parts)

    assert status == 400
    assert words in message


@pytest.mark.parametrize("content_type", ["text/xml", "application/zip", "multipart/mixed; boundary=x", ""])
def test_another_message_than_a_form_in_parts_is_refused(deployer: Deployer, content_type: str) -> None:
    assert refusal(deployer, data=b"x", headers={"Content-Type": content_type})[0] in {400, 415}


@pytest.mark.parametrize("name", ["checkOnly", "rollbackOnError", "singlePackage", "purgeOnDelete", "ignoreWarnings"])
@pytest.mark.parametrize("value", ["true", "", 1, 0, None, [], {}])
def test_options_are_real_booleans(deployer: Deployer, name: str, value: Any) -> None:
    status, message = said(deployer, {"deployOptions": OPTIONS | {name: value}})

    assert status == 400
    assert name in message


@pytest.mark.parametrize(
    "body",
    [
        {"deployOptions": OPTIONS | {"singlepackage": True}},
        {"deployOptions": OPTIONS | {"rollback": True}},
        {"deployOptions": OPTIONS, "deployoptions": {}},
        {"deployOptions": None},
        {"deployOptions": [True]},
        {"deployOptions": OPTIONS | {"testLevel": "NoTests"}},
        {"deployOptions": OPTIONS | {"runTests": "all"}},
        {},
        [],
        "deploy",
    ],
)
def test_what_is_no_option_is_refused(deployer: Deployer, body: Any) -> None:
    assert said(deployer, body)[0] == 400


def test_a_production_org_wants_everything_or_nothing(deployer: Deployer) -> None:
    options = {"deployOptions": OPTIONS | {"rollbackOnError": False}}

    deployer.control.change_settings(is_sandbox=False)
    assert said(deployer, options) == (400, "rollbackOnError must be true for a production organization")
    deployer.control.change_settings(is_sandbox=True)
    assert deployer.call(PATH, "POST", files=[("j", (None, json.dumps(options), "application/json")), ZIP]).ok


@pytest.mark.parametrize("held", [(rights.APP_DEVELOPER, rights.APP_ADMIN), (rights.MANAGE_USERS,)])
@pytest.mark.parametrize("method", ["POST", "GET", "PATCH"])
def test_the_metadata_api_needs_a_right(
    deployer: Deployer, files: AppFiles, held: tuple[str, ...], method: str
) -> None:
    request_id = deployer.send(package(files.eca())).json()["id"]
    other = hire(deployer.control, deployer.http, *held)
    answer = other.call(PATH if method == "POST" else f"{PATH}/{request_id}", method, json={})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS")
    assert "a user with the ModifyAllData or ModifyMetadata permissions" in answer.json()[0]["message"]


def test_a_token_that_is_a_jwt_may_deploy(deployer: Deployer, files: AppFiles) -> None:
    other = hire(deployer.control, deployer.http, jwt_based=True)

    assert Deployer.like(other).deploy(files.eca())["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("version", "states"),
    [
        ("v67.0", ["Pending", "InProgress", "FinalizingDeploy", "Succeeded"]),
        ("v65.0", ["Pending", "InProgress", "FinalizingDeploy", "Succeeded"]),
        ("v64.0", ["Pending", "InProgress", "InProgress", "Succeeded"]),
    ],
)
def test_a_deployment_takes_its_time_and_changes_nothing_before_its_end(
    deployer: Deployer, files: AppFiles, version: str, states: list[str]
) -> None:
    deployer.control.change_settings(deploy_s=100.0)
    request_id = deployer.send(package(files.eca()), version=version).json()["id"]
    seen = []
    for offset in (0, 50, 95, 101):
        deployer.control.change_settings(clock_offset_s=offset)
        seen.append(deployer.look(request_id)["status"])
        assert bool(deployer.control.components(files.name)) == (offset == 101)

    assert seen == states


def test_deployments_queue(deployer: Deployer, files: AppFiles) -> None:
    deployer.control.change_settings(deploy_s=100.0)
    first = deployer.send(package(files.eca())).json()["id"]
    second = deployer.send(package(files.eca())).json()["id"]
    deployer.control.change_settings(clock_offset_s=105)

    assert [deployer.look(request_id)["done"] for request_id in (first, second)] == [True, False]
    deployer.control.change_settings(clock_offset_s=201)
    assert deployer.look(second)["done"]


@pytest.mark.parametrize(("offset", "at_once"), [(0, "Canceled"), (50, "Canceling")])
def test_a_deployment_can_be_canceled_and_then_changes_nothing(
    deployer: Deployer, files: AppFiles, offset: int, at_once: str
) -> None:
    deployer.control.change_settings(deploy_s=100.0)
    request_id = deployer.send(package(files.eca())).json()["id"]
    deployer.control.change_settings(clock_offset_s=offset)
    answer = deployer.call(f"{PATH}/{request_id}", "PATCH", json={"deployResult": {"status": "Canceling"}})
    deployer.control.change_settings(clock_offset_s=101)

    assert (answer.status_code, answer.json()["deployResult"]["status"]) == (202, at_once)
    result = deployer.look(request_id)
    assert (result["status"], result["done"], result["success"]) == ("Canceled", True, False)
    assert deployer.control.components(files.name) == []


@pytest.mark.parametrize("offset", [95, 101])
def test_it_can_be_too_late_to_cancel(deployer: Deployer, files: AppFiles, offset: int) -> None:
    deployer.control.change_settings(deploy_s=100.0)
    request_id = deployer.send(package(files.eca())).json()["id"]
    deployer.control.change_settings(clock_offset_s=offset)
    answer = deployer.call(f"{PATH}/{request_id}", "PATCH", json={"deployResult": {"status": "Canceling"}})
    deployer.control.change_settings(clock_offset_s=101)

    assert answer.status_code == 400
    assert deployer.look(request_id)["status"] == "Succeeded"


@pytest.mark.parametrize(
    "body", [{}, {"deployResult": {}}, {"deployResult": {"status": "Canceled"}}, {"status": "Canceling"}, []]
)
def test_nothing_but_canceling_can_be_asked_of_a_deployment(deployer: Deployer, files: AppFiles, body: Any) -> None:
    deployer.control.change_settings(deploy_s=100.0)
    request_id = deployer.send(package(files.eca())).json()["id"]

    assert deployer.call(f"{PATH}/{request_id}", "PATCH", json=body).status_code == 400
    assert not deployer.look(request_id)["done"]
    deployer.control.change_settings(clock_offset_s=101)
    assert deployer.look(request_id)["done"]


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_there_is_no_deployment_that_nobody_asked_for(deployer: Deployer, method: str) -> None:
    body = {"deployResult": {"status": "Canceling"}}

    assert deployer.call(f"{PATH}/0Af000000000000AAA", method, json=body).status_code == 404


def test_a_check_only_run_tells_everything_and_changes_nothing_until_it_is_deployed_quickly(
    deployer: Deployer, files: AppFiles
) -> None:
    checked = deployer.deploy(*files.all(), checkOnly=True)

    assert (checked["status"], checked["checkOnly"], checked["numberComponentsDeployed"]) == ("Succeeded", True, 6)
    assert deployer.control.components(files.name) == []
    quick = deployer.call(PATH, "POST", json={"validatedDeployRequestId": checked["id"]})
    assert (quick.status_code, quick.json()["validatedDeployRequestId"]) == (201, checked["id"])
    assert deployer.look(quick.json()["id"])["status"] == "Succeeded"
    assert len(deployer.control.components(files.name)) == 5


@pytest.mark.parametrize(
    "validated",
    [
        pytest.param(lambda d, f: d.deploy(f.eca())["id"], id="deployed-for-real"),
        pytest.param(lambda d, f: d.deploy(f.eca(label=None), checkOnly=True)["id"], id="failed"),
        pytest.param(lambda d, f: "0Af000000000000AAA", id="unknown"),
        pytest.param(lambda d, f: 7, id="no-id"),
    ],
)
def test_only_what_was_validated_can_be_deployed_quickly(deployer: Deployer, files: AppFiles, validated: Any) -> None:
    body = {"validatedDeployRequestId": validated(deployer, files)}
    assert deployer.call(PATH, "POST", json=body).status_code in {400, 404}


def test_a_validation_is_good_for_ten_days(deployer: Deployer, files: AppFiles) -> None:
    body = {"validatedDeployRequestId": deployer.deploy(files.eca(), checkOnly=True)["id"]}
    deployer.control.change_settings(clock_offset_s=10 * 86400 + 60)
    late = Deployer.like(hire(deployer.control, deployer.http))

    assert late.call(PATH, "POST", json=body).status_code == 400


@pytest.mark.parametrize(
    ("options", "status", "kept"),
    [
        ({"rollbackOnError": True}, "Failed", set()),
        ({"rollbackOnError": False}, "SucceededPartial", {"eca", "oauth"}),
    ],
)
def test_an_error_takes_all_back_or_leaves_the_rest(
    deployer: Deployer, files: AppFiles, options: dict[str, Any], status: str, kept: set[str]
) -> None:
    deployer.control.change_settings(is_sandbox=True, makes_default_policies=False)
    parts = files.eca(), files.oauth(), files.global_oauth(callbackUrl=None)
    result = deployer.deploy(*parts, **options)

    assert (result["status"], set(problems(result))) == (status, {f"{files.name}_global"})
    suffixes = {"ExternalClientApplication": "eca", "ExtlClntAppOauthSettings": "oauth"}
    assert {suffixes[part.type] for part in deployer.control.components(files.name)} == kept


def test_where_nothing_is_taken_nothing_is_partial(deployer: Deployer, files: AppFiles) -> None:
    deployer.control.change_settings(is_sandbox=True)

    assert deployer.deploy(files.eca(label=None), rollbackOnError=False)["status"] == "Failed"


def test_an_app_that_is_refused_takes_what_needs_it_along(deployer: Deployer, files: AppFiles) -> None:
    deployer.control.change_settings(is_sandbox=True)
    result = deployer.deploy(files.eca(contactEmail=None), files.oauth(), files.permission_set(), rollbackOnError=False)

    assert problems(result) == {
        files.name: "Required field is missing: contactEmail",
        f"{files.name}_oauth": f"no ExternalClientApplication named {files.name} found",
    }


def test_switches_of_the_org_are_changed_one_by_one(deployer: Deployer) -> None:
    def switches(**elements: str) -> Component:
        return Component(type=SETTINGS.name, full_name="ExternalClientApp", elements=elements)

    assert deployer.deploy(switches(enableConsumerSecretApiAccess="true"))["status"] == "Succeeded"
    assert deployer.deploy(switches(enableClientSecretInRestApiAccess="false"))["status"] == "Succeeded"

    (there,) = [part for part in deployer.control.components() if part.type == SETTINGS.name]
    assert there.is_true("enableConsumerSecretApiAccess")
    assert not there.is_true("enableClientSecretInRestApiAccess")


def test_a_lost_answer_does_not_mean_that_the_deployment_did_not_take_place(
    deployer: Deployer, files: AppFiles
) -> None:
    before = len(deployer.control.deployments())
    deployer.control.add_fault(Fault(where="deploy", kind="lost_answer"))
    deployer.call("/services/data/v67.0/limits")

    with pytest.raises(OSError, match="Connection"):
        deployer.send(package(files.eca()))
    newest, *rest = deployer.control.deployments()
    assert (newest["Status"], newest["CheckOnly"], len(rest)) == ("Succeeded", False, before)
    assert [part.type for part in deployer.control.components(files.name)] == [APP.name]


def test_a_deployment_that_fails_as_a_whole_names_no_component(deployer: Deployer, files: AppFiles) -> None:
    params = {"code": "UNKNOWN_EXCEPTION", "message": "try again"}
    deployer.control.add_fault(Fault(where="deploy", kind="deploy_fails", params=params))
    result = deployer.deploy(*files.all())

    assert (result["status"], result["errorStatusCode"], result["errorMessage"]) == ("Failed", *params.values())
    assert result["details"]["componentFailures"] == result["details"]["componentSuccesses"] == []
    assert deployer.control.components(files.name) == []


def test_a_deployment_may_hang_and_be_canceled(deployer: Deployer, files: AppFiles) -> None:
    deployer.control.add_fault(Fault(where="deploy", kind="deploy_hangs"))
    request_id = deployer.send(package(files.eca())).json()["id"]
    deployer.control.change_settings(clock_offset_s=100_000)
    later = Deployer.like(hire(deployer.control, deployer.http))

    assert later.look(request_id)["status"] == "InProgress"
    assert later.deploy(files.eca())["status"] == "Succeeded"
    answer = later.call(f"{PATH}/{request_id}", "PATCH", json={"deployResult": {"status": "Canceling"}})
    assert answer.status_code == 202
    assert later.look(request_id)["status"] == "Canceled"


def test_a_deployment_may_stay_half_done(deployer: Deployer, files: AppFiles) -> None:
    deployer.control.add_fault(Fault(where="deploy", kind="deploy_half"))
    result = deployer.deploy(*files.all())

    assert (result["status"], result["numberComponentsDeployed"], result["numberComponentErrors"]) == (
        "SucceededPartial",
        3,
        3,
    )
    types = {part.type for part in deployer.control.components(files.name)}
    assert APP.name in types
    assert GLOBAL_OAUTH.name not in types
    assert deployer.deploy(files.global_oauth())["status"] == "Succeeded"


def test_the_log_names_no_part_of_a_deployment(deployer: Deployer, files: AppFiles, org_log: list[str]) -> None:
    deployer.deploy(*files.all())
    settings = deployer.component(GLOBAL_OAUTH.name, files.name)

    text = "\n".join(org_log)
    for hidden in (settings.text("consumerKey"), settings.text("consumerSecret"), files.certificate, deployer.token):
        assert hidden not in text


def test_a_file_of_any_encoding_that_xml_knows_is_read(deployer: Deployer, files: AppFiles) -> None:
    eca = files.eca(description="größer")
    told: Mapping[str, str | bytes] = package(eca) | {
        f"externalClientApps/{files.name}.eca": xml(eca).replace("UTF-8", "ISO-8859-1").encode("latin-1")
    }

    assert deployer.deploy_files(told)["status"] == "Succeeded"
    assert deployer.component(APP.name, files.name).text("description") == "größer"
