"""``apps/oauth`` and the Tooling API: finding an app's consumer key, and a deployment whose answer was lost."""

# ruff: noqa: S608 - SOQL, of the tests' own values

from typing import Any

import pytest
import requests

from local.conftest import certificate_of
from local.deploying import AppFiles, Deployer
from local.org_administrator import BASE, Administrator, hire
from local.org_soap import read
from local.org_visitor import Visitor
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import SETTINGS, Component

REVEALING = (rights.APP_DEVELOPER, rights.VIEW_CLIENT_SECRET)


@pytest.fixture
def deployer(administrator: Administrator) -> Deployer:
    return Deployer(**vars(administrator))


@pytest.fixture
def app(deployer: Deployer, visitor: Visitor) -> AppFiles:
    files = AppFiles.drawn(certificate_of(visitor.key))
    assert deployer.deploy(*files.all())["status"] == "Succeeded"
    return files


def switched(deployer: Deployer, state: str) -> None:
    """Turn the org's switch by a deployment, as an administrator does."""
    elements = {"enableClientSecretInRestApiAccess": state}
    result = deployer.deploy(Component(type=SETTINGS.name, full_name="ExternalClientApp", elements=elements))
    assert result["status"] == "Succeeded", result


def listed(who: Administrator, name: str) -> list[dict[str, Any]]:
    answer = who.call(f"{BASE}/apps/oauth/usage").json()
    assert answer["nextPageUrl"].startswith(f"{BASE}/apps/oauth/usage?page=")
    return [app for app in answer["apps"] if app["developerName"] == name]


def test_the_key_is_told_only_while_the_switch_is_on(deployer: Deployer, app: AppFiles) -> None:
    (found,) = listed(deployer, app.name)
    address = f"{BASE}/apps/oauth/credentials/{found['identifier']}"
    (settings,) = read(deployer, "ExtlClntAppGlobalOauthSettings", f"{app.name}_global")
    switched(deployer, "false")

    refused = deployer.call(address)
    switched(deployer, "true")
    (consumer,) = deployer.call(address).json()["consumers"]
    told = deployer.call(f"{address}/{consumer['id']}", params={"part": "key"}).json()
    switched(deployer, "false")

    assert (refused.status_code, refused.json()[0]["errorCode"]) == (403, "FORBIDDEN")
    assert consumer["id"].startswith("888")
    assert (consumer["key"], consumer["secret"]) == (None, None)
    assert (told["key"], told["secret"]) == (settings["consumerKey"], None)
    assert deployer.call(f"{address}/{consumer['id']}", params={"part": "key"}).status_code == 403


@pytest.mark.parametrize(
    ("settings", "held", "status"),
    [
        ({}, REVEALING, 200),
        ({}, (rights.APP_DEVELOPER,), 403),
        ({}, (rights.APP_VIEWER, rights.VIEW_CLIENT_SECRET), 403),
        ({"serves_credentials": False}, REVEALING, 403),
    ],
)
def test_orgs_and_rights_decide_who_is_told_the_key(
    org: OrgControl,
    org_http: requests.Session,
    deployer: Deployer,
    app: AppFiles,
    settings: dict[str, bool],
    held: tuple[str, ...],
    status: int,
) -> None:
    (found,) = listed(deployer, app.name)
    switched(deployer, "true")
    org.change_settings(**settings)

    answer = hire(org, org_http, *held).call(f"{BASE}/apps/oauth/credentials/{found['identifier']}")

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("ending", "status"),
    [("{app}/{consumer}", 400), ("{app}/{consumer}?part=all", 400), ("{app}/888x?part=key", 404), ("0xI9", 404)],
)
def test_a_wrong_address_of_credentials_is_refused(deployer: Deployer, app: AppFiles, ending: str, status: int) -> None:
    switched(deployer, "true")
    (found,) = listed(deployer, app.name)
    address = f"{BASE}/apps/oauth/credentials"
    (consumer,) = deployer.call(f"{address}/{found['identifier']}").json()["consumers"]

    answer = deployer.call(f"{address}/{ending.format(app=found['identifier'], consumer=consumer['id'])}")

    assert answer.status_code == status


def test_an_app_that_nobody_used_may_be_missing(org: OrgControl, deployer: Deployer, app: AppFiles) -> None:
    org.change_settings(lists_unused_apps=False)

    assert listed(deployer, app.name) == []


@pytest.mark.parametrize(("held", "status"), [((rights.APP_VIEWER,), 200), ((rights.VIEW_SETUP,), 403)])
def test_apps_are_listed_to_those_who_see_them(
    org: OrgControl, org_http: requests.Session, held: tuple[str, ...], status: int
) -> None:
    assert hire(org, org_http, *held).call(f"{BASE}/apps/oauth/usage").status_code == status


def test_apps_have_no_such_address_before_version_60(deployer: Deployer) -> None:
    assert deployer.call("/services/data/v59.0/apps/oauth/usage").status_code == 404


def test_a_deployment_whose_answer_was_lost_is_found(deployer: Deployer, app: AppFiles) -> None:
    started = deployer.send(b"no zip").json()["id"]
    (own,) = deployer.rows(f"SELECT Id FROM User WHERE Username = '{deployer.username}'")
    text = f"SELECT Id, Status, CreatedDate FROM DeployRequest WHERE CreatedById = '{own['Id']}'"

    newest, before = deployer.rows(f"{text} ORDER BY CreatedDate DESC, Id DESC", tooling=True)

    assert (newest["Id"], newest["Status"], before["Status"]) == (started, "Failed", "Succeeded")
    later = f"{text} AND CreatedDate > {newest['CreatedDate'].replace('+0000', 'Z')}"
    assert deployer.rows(later, tooling=True) == []


@pytest.mark.parametrize("text", ["SELECT Id FROM DeployRequest", "SELECT Id FROM ApexClass"])
def test_the_tooling_api_hides_deployments_from_those_who_cannot_deploy(visitor: Visitor, text: str) -> None:
    answer = visitor.call(f"{BASE}/tooling/query", visitor.log_in(), params={"q": text})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_TYPE")
