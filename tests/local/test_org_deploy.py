"""Deployments: from five files to an app that logs in, and how a client learns what became of them."""

from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.conftest import certificate_of
from local.deploying import AppFiles, Deployer, problems
from local.org_administrator import Administrator
from local.org_visitor import Visitor
from sfmint_local.org.setup.components import GLOBAL_OAUTH
from sfmint_local.org.values import App, User


@pytest.fixture
def deployer(administrator: Administrator) -> Deployer:
    return Deployer(**{name: getattr(administrator, name) for name in ("control", "http", "username", "token")})


@pytest.fixture
def files(org_key: rsa.RSAPrivateKey) -> AppFiles:
    return AppFiles.drawn(certificate_of(org_key))


def visitor_of(deployer: Deployer, files: AppFiles, key: rsa.RSAPrivateKey) -> Visitor:
    consumer_key = deployer.component(GLOBAL_OAUTH.name, files.name).text("consumerKey")
    user = deployer.control.put_user(User(username=f"{uuid4().hex}@example.com"))
    return Visitor(control=deployer.control, http=deployer.http, key=key, app=App(consumer_key=consumer_key), user=user)


def test_five_files_and_a_permission_set_make_an_app_that_logs_in_who_is_assigned(
    deployer: Deployer, files: AppFiles, org_key: rsa.RSAPrivateKey
) -> None:
    result = deployer.deploy(*files.all())
    visitor = visitor_of(deployer, files, org_key)

    assert (result["status"], problems(result)) == ("Succeeded", {})
    assert visitor.exchange().json()["error"] == "invalid_app_access"
    assert deployer.assign(visitor.user.username, files.permission_set().full_name).status_code == 201
    assert visitor.exchange().ok
