import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from local.deploying import AppFiles, Deployer
from local.org_administrator import Administrator, hire
from local.org_visitor import Visitor
from sfmint_local.org.announcement import Announcement
from sfmint_local.org.control_client import OrgControl
from sfmint_local.org.server import running_org
from sfmint_local.org.values import App, User

type MakeVisitor = Callable[..., Visitor]


def certificate_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, organisation: str = "sfmint") -> str:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.fixture(scope="session")
def org_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def org_log() -> list[str]:
    return []


@pytest.fixture(scope="session")
def org_announcement(tmp_path_factory: pytest.TempPathFactory, org_log: list[str]) -> Iterator[Announcement]:
    state = tmp_path_factory.mktemp("org")
    with running_org(state=state, clock=time.time, log=org_log.append) as announcement:
        yield announcement


@pytest.fixture(scope="session")
def org_control(org_announcement: Announcement) -> Iterator[OrgControl]:
    with OrgControl(org_announcement) as control:
        yield control


@pytest.fixture(scope="session")
def org_http(org_announcement: Announcement) -> Iterator[requests.Session]:
    with requests.Session() as http:
        http.verify = org_announcement.ca
        http.trust_env = False
        yield http


@pytest.fixture
def org(org_control: OrgControl) -> Iterator[OrgControl]:
    yield org_control
    org_control.clear_faults()
    org_control.cancel_deployments()
    org_control.reset_settings()


@pytest.fixture
def make_visitor(org: OrgControl, org_http: requests.Session, org_key: rsa.RSAPrivateKey) -> MakeVisitor:
    def make(*, approved: bool = True, user: dict[str, Any] | None = None, **app: Any) -> Visitor:
        app = {"certificate": certificate_of(org_key)} | app
        visitor = Visitor(
            control=org,
            http=org_http,
            key=org_key,
            app=org.put_app(App(**app)),
            user=org.put_user(replace(User(username=f"{uuid4().hex}@example.com"), **(user or {}))),
        )
        if approved:
            org.approve(visitor.app.consumer_key, visitor.user.username)
        return visitor

    return make


@pytest.fixture
def visitor(make_visitor: MakeVisitor) -> Visitor:
    return make_visitor()


@pytest.fixture
def administrator(org: OrgControl, org_http: requests.Session) -> Administrator:
    return hire(org, org_http)


@pytest.fixture
def deployer(administrator: Administrator) -> Deployer:
    return Deployer.like(administrator)


@pytest.fixture
def files(org_key: rsa.RSAPrivateKey) -> AppFiles:
    return AppFiles.drawn(certificate_of(org_key))
