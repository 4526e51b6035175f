"""A rotation's way to an org: the certificate of one app is read and replaced, over TLS against the embedded org."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from requests import Session

from key_rotation.adapters.admin_org import LEAST_S, MARGIN_S, AdminOrgs
from key_rotation.adapters.apps import SetupApps
from key_rotation.adapters.deadline import Deadline
from key_rotation.ports import AppAsked, SetupRefusedError, SetupUnansweredError
from setup.conftest import Admin, MakeAdmin
from sfmint_client.access_token import AccessToken
from sfmint_client.errors import BrokerUnavailable, InternalError, InvokeForbidden, SfmintError
from sfmint_client.rest.session import https_session
from sfmint_local.org.setup import rights
from sfmint_local.org.setup.components import Component
from sfmint_local.org.values import Fault
from sfmint_setup.app_files import AppPlan, components_of
from sfmint_setup.component import CONNECTED_APP, GLOBAL_OAUTH
from sfmint_setup.connected_app import one_line
from sfmint_setup.package import files_of
from sfmint_setup.records import Identity
from sfmint_values.secret import Secret, fingerprint_of

if TYPE_CHECKING:
    from conftest import KeyPair

ADMIN = "admin-org"
REMAINING_S = 600.0


def nothing() -> None:
    """Wait for a deployment, and do nothing."""


@dataclass
class Tokens:
    """What the broker would hand out for the admin connection, and what it was asked."""

    user: Identity
    hands_out: list[str]
    fails: SfmintError | None = None
    rejected: list[str | None] = field(default_factory=list)

    def get_token(self, *, min_ttl: int | None = None, rejected: str | None = None) -> AccessToken:
        self.rejected.append(rejected)
        if self.fails is not None:
            raise self.fails
        if rejected is not None and len(self.hands_out) > 1:
            self.hands_out.pop(0)
        token, now = self.hands_out[0], datetime.now(UTC)
        return AccessToken(
            connection=ADMIN,
            fingerprint=fingerprint_of(token),
            instance_url=self.user.instance_url,
            token_type="Bearer",
            scope="api",
            id="",
            org_id=self.user.org_id,
            user_id=self.user.user_id,
            issued_at=now,
            expires_at=now,
            expires_in=900,
            min_ttl_applied=min_ttl or 60,
            source="cache",
            hidden=Secret(token),
        )


@dataclass(frozen=True, kw_only=True)
class Rotated:
    """An app of an org, and a rotation's way to it."""

    admin: Admin
    tokens: Tokens
    apps: SetupApps
    asked: AppAsked
    sessions: list[Session]

    def certificate_there(self) -> str:
        app = self.admin.setup.app(self.asked.app)
        return (app.certificate or "").strip() if app else ""

    def certificate_seen(self) -> str:
        return (self.apps.certificate(self.asked) or "").strip()


type MakeRotated = Callable[..., Rotated]


@pytest.fixture
def make_rotated(make_admin: MakeAdmin, plan: AppPlan) -> MakeRotated:
    def make(admin: Admin | None = None, *, remaining_s: float = REMAINING_S, app: str = "", key: str = "") -> Rotated:
        owner = make_admin()
        name = app or plan.name
        if not app:
            owner.deploy(files_of(components_of(plan))).require_success()
        there = owner.setup.app(name)
        of = admin or owner
        org, sessions = of.control, list[Session]()
        tokens = Tokens(of.setup.identity(), [of.person.token])
        deadline = Deadline(of.clock)
        deadline.begin(remaining_s)

        def new_session() -> Session:
            sessions.append(https_session(ca_bundle=org.ca))
            return sessions[-1]

        orgs = AdminOrgs(
            {ADMIN: tokens}.__getitem__,
            new_session,
            listed=frozenset({org.url.removeprefix("https://")}),
            deadline=deadline,
            clock=of.clock,
        )
        consumer_key = key or (there.consumer_key if there else None) or "3MVG9none"
        asked = AppAsked(admin=ADMIN, app=name, consumer_key=consumer_key)
        return Rotated(
            admin=owner, tokens=tokens, apps=SetupApps(orgs, {ADMIN, "orders"}), asked=asked, sessions=sessions
        )

    return make


def deployments(rotated: Rotated) -> int:
    return len(rotated.admin.control.deployments())


@pytest.mark.parametrize("difference", [{}, {"wants_org_scope": True}, {"takes_consumer_key": False}])
def test_an_app_gets_another_certificate_and_keeps_all_else(
    make_rotated: MakeRotated, other_key_pair: "KeyPair", difference: dict[str, bool]
) -> None:
    rotated = make_rotated()
    rotated.admin.control.change_settings(**difference)
    before = rotated.admin.setup.app(rotated.asked.app)
    was = rotated.apps.certificate(rotated.asked)
    rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=nothing)
    after = rotated.admin.setup.app(rotated.asked.app)
    assert before is not None
    assert after is not None
    assert was == before.certificate
    assert rotated.certificate_seen() == other_key_pair.certificate.strip()
    changed = {
        (kind, name)
        for kind, part in before.components.items()
        for name, value in part.elements.items()
        if after.components[kind].elements.get(name) != value
    }
    assert changed == {(GLOBAL_OAUTH, "certificate")}


def test_a_connected_app_of_old_gets_another_certificate_too(
    make_admin: MakeAdmin, make_rotated: MakeRotated, key_pair: "KeyPair", other_key_pair: "KeyPair"
) -> None:
    name = f"old_{uuid4().hex[:8]}"
    elements = {
        "label": name,
        "contactEmail": "ops@example.com",
        "oauthConfig.consumerKey": f"3MVG9{name}",
        "oauthConfig.certificate": one_line(key_pair.certificate),
        "oauthConfig.callbackUrl": "https://localhost/x",
    }
    make_admin().control.put_component(Component(type=CONNECTED_APP, full_name=name, elements=elements))
    rotated = make_rotated(app=name)
    assert rotated.certificate_seen() == key_pair.certificate.strip()
    rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=nothing)
    assert rotated.certificate_seen() == other_key_pair.certificate.strip()


def test_the_same_certificate_again_changes_nothing(make_rotated: MakeRotated, other_key_pair: "KeyPair") -> None:
    rotated = make_rotated()
    for _ in range(2):
        rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=nothing)
    assert rotated.certificate_there() == other_key_pair.certificate.strip()


def test_at_each_look_at_a_deployment_something_else_is_done(
    make_rotated: MakeRotated, other_key_pair: "KeyPair"
) -> None:
    looked: list[str] = []
    rotated = make_rotated()
    rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=lambda: looked.append("once"))
    assert looked == ["once"]


# --- what is never changed ---


def refused(rotated: Rotated, certificate: str = "unused") -> SetupRefusedError:
    before, there = deployments(rotated), rotated.certificate_there()
    with pytest.raises(SetupRefusedError) as caught:
        rotated.apps.replace(rotated.asked, certificate, meanwhile=nothing)
    assert deployments(rotated) == before
    assert rotated.certificate_there() == there
    return caught.value


def test_an_app_with_another_consumer_key_is_never_changed(make_rotated: MakeRotated) -> None:
    rotated = make_rotated(key="3MVG9another")
    assert "another consumer key" in refused(rotated).cause
    with pytest.raises(SetupRefusedError, match="another consumer key"):
        rotated.apps.certificate(rotated.asked)


def test_an_app_that_was_deleted_is_told_by_its_name(make_rotated: MakeRotated) -> None:
    rotated = make_rotated(app=f"gone_{uuid4().hex[:8]}")
    error = refused(rotated)
    assert f"no app {rotated.asked.app}" in error.cause
    assert "--app" in error.remedy


def test_an_app_of_the_same_name_and_key_in_another_org_is_left_alone(make_rotated: MakeRotated) -> None:
    rotated = make_rotated()
    asked, before = replace(rotated.asked, org_id="00D5g0000000009EAA"), deployments(rotated)
    for ask in (rotated.apps.certificate, lambda it: rotated.apps.replace(it, "unused", meanwhile=nothing)):
        with pytest.raises(SetupRefusedError, match="another org"):
            ask(asked)
    assert deployments(rotated) == before


@pytest.mark.parametrize("length", [15, 18])
def test_an_org_is_known_by_either_form_of_its_id(make_rotated: MakeRotated, length: int) -> None:
    rotated = make_rotated()
    org_id = rotated.tokens.get_token().org_id[:length]
    assert rotated.apps.certificate(replace(rotated.asked, org_id=org_id)) == rotated.apps.certificate(rotated.asked)


@pytest.mark.parametrize("name", ["admin-other", "orders", "", "live"])
def test_an_admin_connection_that_the_stack_does_not_have_is_asked_nothing(
    make_rotated: MakeRotated, name: str
) -> None:
    rotated = make_rotated()
    asked = AppAsked(admin=name, app=rotated.asked.app, consumer_key=rotated.asked.consumer_key)
    for ask in (
        rotated.apps.check,
        rotated.apps.certificate,
        lambda it: rotated.apps.replace(it, "unused", meanwhile=nothing),
    ):
        with pytest.raises(SetupRefusedError, match="no admin connection"):
            ask(asked)
    assert rotated.tokens.rejected == []


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        (rights.MODIFY_METADATA, "Modify Metadata"),
        (rights.VIEW_CLIENT_SECRET, "View External Client App Consumer Secrets"),
    ],
)
def test_a_right_that_is_taken_away_is_told_by_its_label(
    make_admin: MakeAdmin, make_rotated: MakeRotated, other_key_pair: "KeyPair", lacks: str, said: str
) -> None:
    held = sorted(rights.ADMINISTRATOR - {lacks, rights.MODIFY_ALL_DATA})
    error = refused(make_rotated(make_admin(*held)), other_key_pair.certificate)
    assert said in str(error)


# --- sessions ---


def test_a_dead_session_is_reported_once_and_the_work_done_with_the_next(
    make_admin: MakeAdmin, make_rotated: MakeRotated, other_key_pair: "KeyPair"
) -> None:
    rotated = make_rotated()
    alive = rotated.tokens.hands_out[0]
    rotated.tokens.hands_out[:] = ["00D000000000001!dead", alive]
    rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=nothing)
    assert rotated.tokens.rejected == [None, fingerprint_of("00D000000000001!dead")]
    assert rotated.certificate_there() == other_key_pair.certificate.strip()


def test_sessions_that_all_are_dead_are_reported_once(make_rotated: MakeRotated) -> None:
    rotated = make_rotated()
    rotated.tokens.hands_out[:] = ["00D000000000001!dead", "00D000000000001!dead-too"]
    error = refused(rotated)
    assert "not the next one either" in error.cause
    assert "dead" not in str(error)
    assert len(rotated.tokens.rejected) == 2


@pytest.mark.parametrize(
    ("fails", "kind"),
    [
        (InvokeForbidden("IAM does not let it. Attach a policy."), SetupRefusedError),
        (BrokerUnavailable("Lambda throttles. Call again."), SetupUnansweredError),
        (InternalError("A fault. Report it."), SetupUnansweredError),
    ],
)
def test_without_a_token_the_org_is_not_asked(
    make_rotated: MakeRotated, fails: SfmintError, kind: type[Exception]
) -> None:
    rotated = make_rotated()
    rotated.tokens.fails = fails
    with pytest.raises(kind, match=str(fails).partition(".")[0]):
        rotated.apps.certificate(rotated.asked)
    assert rotated.sessions == []


# --- time, and answers that are lost ---


@pytest.mark.parametrize("remaining_s", [0.0, MARGIN_S, LEAST_S + MARGIN_S - 1])
def test_nothing_is_begun_that_the_function_does_not_see_to_its_end(
    make_rotated: MakeRotated, remaining_s: float
) -> None:
    rotated = make_rotated(remaining_s=remaining_s)
    with pytest.raises(SetupUnansweredError, match="Too little"):
        rotated.apps.replace(rotated.asked, "unused", meanwhile=nothing)
    assert rotated.tokens.rejected == []


def test_a_deployment_is_waited_for_within_the_functions_time(
    make_rotated: MakeRotated, other_key_pair: "KeyPair"
) -> None:
    rotated = make_rotated()
    rotated.admin.control.add_fault(Fault(where="deploy", kind="deploy_hangs"))
    began = rotated.admin.clock.monotonic()
    with pytest.raises(SetupUnansweredError, match="had not ended"):
        rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=nothing)
    assert rotated.admin.clock.monotonic() - began <= REMAINING_S - MARGIN_S + 15


@pytest.mark.parametrize("kind", ["lost_answer", "reset"])
def test_an_answer_that_is_lost_is_looked_up(make_rotated: MakeRotated, other_key_pair: "KeyPair", kind: str) -> None:
    rotated = make_rotated()
    before = deployments(rotated)
    rotated.admin.control.add_fault(Fault(where="deploy", kind=kind))
    rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=nothing)
    assert rotated.certificate_there() == other_key_pair.certificate.strip()
    assert deployments(rotated) == before + 1


def test_a_deployment_that_fails_is_a_refusal_in_the_orgs_words(
    make_rotated: MakeRotated, other_key_pair: "KeyPair"
) -> None:
    rotated = make_rotated()
    rotated.admin.control.add_fault(Fault(where="deploy", kind="deploy_fails", params={"message": "Something broke."}))
    with pytest.raises(SetupRefusedError, match="Something broke"):
        rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=nothing)


def test_a_session_that_ends_while_a_deployment_runs_leaves_its_end_open(
    make_rotated: MakeRotated, other_key_pair: "KeyPair"
) -> None:
    rotated = make_rotated()
    control, username = rotated.admin.control, rotated.admin.person.username

    def end() -> None:
        control.end_sessions(username=username)

    rotated.admin.clock.on_sleep = end  # the first pause comes after the deployment was sent
    with pytest.raises(SetupUnansweredError, match="A deployment was sent"):
        rotated.apps.replace(rotated.asked, other_key_pair.certificate, meanwhile=nothing)
    assert len(rotated.tokens.rejected) == 2


@pytest.mark.parametrize("kind", ["reset", "html", "truncate"])
def test_an_org_that_does_not_answer_is_an_outage(make_rotated: MakeRotated, kind: str) -> None:
    rotated = make_rotated()
    rotated.admin.control.add_fault(Fault(where="rest", kind=kind, times=None))
    with pytest.raises(SetupUnansweredError):
        rotated.apps.certificate(rotated.asked)
    rotated.admin.control.clear_faults()


def test_a_token_stands_in_no_error_and_no_repr(make_rotated: MakeRotated) -> None:
    rotated: Any = make_rotated()
    token = rotated.tokens.hands_out[0]
    rotated.admin.control.add_fault(Fault(where="rest", kind="reset", times=None))
    with pytest.raises(SetupUnansweredError) as caught:
        rotated.apps.certificate(rotated.asked)
    rotated.admin.control.clear_faults()
    assert token not in repr(caught.value) + repr(caught.value.__cause__) + repr(vars(rotated.apps))
