"""`sfmint app create` as a sequence of steps: whatever ends a run, the same command brings about the same, once."""

import json
import os
import stat as stat_module
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.fake_setup import ADMIN, ORG, Ended, FakeSetup, Interruption
from sfmint_cli.apps.arrival import AT_ONCE_S, IN_A_ROW, MOST, Refusal
from sfmint_cli.apps.create import Create, Ready
from sfmint_cli.apps.key_folder import KeyFolder
from sfmint_cli.apps.look import Wanted
from sfmint_cli.apps.one_run import alone
from sfmint_cli.result import Facts, Failed
from sfmint_setup.app_files import TIMEOUT
from sfmint_setup.component import APP, APP_POLICIES, GLOBAL_OAUTH, OAUTH_POLICIES, PERMISSION_SET, Component
from sfmint_setup.key_pair import KeyPair as NewPair
from sfmint_setup.records import User
from sfmint_testing.fakes import FakeClock

if TYPE_CHECKING:
    from conftest import KeyPair

USER = User(
    id="005000000000002AAA",
    username="integration@acme.example",
    is_active=True,
    profile="Minimum Access",
    permission_sets=(),
)
WANTED = Wanted(connection="my-org", app="my_org", username=USER.username, label="my-org", token_lifetime_s=900)


@dataclass
class FakePerson:
    """Agrees, and types what is to be typed."""

    agrees: bool = True
    lends: bool = True
    types: str | None = None
    is_asked: bool = True
    told: list[str] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.told.append(text)

    def agree(self, question: str) -> None:
        self.told.append(question)
        if not self.agrees:
            raise Failed("Nothing was changed.", remedy="Run this again.", name="NotConfirmed")

    def allows(self, question: str) -> bool:
        self.told.append(question)
        return self.lends

    def consumer_key(self, app: str) -> str | None:
        del app
        return self.types


@dataclass
class FakeDestination:
    """Keeps what is stored."""

    stored: list[tuple[str, str]] = field(default_factory=list)

    def require(self, org: object) -> list[str]:
        del org
        return ["new: a secret"]

    def store(self, ready: Ready) -> Facts:
        what = (ready.consumer_key, ready.key_file.signing_key.key_id)
        if what not in self.stored:
            self.stored.append(what)
        return {"secret": "sfmint/acme/my-org"}


@dataclass
class World:
    """All that a run meets, and what stays when it ends."""

    folder: Path
    pair: "KeyPair"
    setup: FakeSetup = field(default_factory=lambda: FakeSetup(users={USER.username: USER}))
    person: FakePerson = field(default_factory=FakePerson)
    destination: FakeDestination = field(default_factory=FakeDestination)
    clock: FakeClock = field(default_factory=FakeClock)
    refusals: Sequence[bool | None] = ()  # of the first logins, whether it may pass; None and later ones are granted
    logins: int = 0
    wanted: Wanted = WANTED
    given_key: str | None = None

    def run(self, interruption: Interruption | None = None) -> Facts:
        end = interruption or Interruption(None, after=False)
        self.setup.inside = end.step
        create = Create(
            wanted=self.wanted,
            setup=end.before(self.setup),
            folder_of=lambda org_id: KeyFolder(folder=self.folder / org_id, name="my-org", new=end.call(self._pair)),
            person=end.before(self.person),
            log_in=end.call(self._log_in),
            destination=end.before(self.destination),
            alone=partial(alone, self.folder.with_name("runs")),
            clock=end.before(self.clock),
            given_key=self.given_key,
        )
        return create.run()

    def failure(self) -> Failed:
        with pytest.raises(Failed) as caught:
            self.run()
        return caught.value

    def _pair(self) -> NewPair:
        return NewPair(private_key=self.pair.pem, certificate=self.pair.certificate, fingerprint="")

    def _log_in(self, ready: Ready) -> Refusal | None:
        number, self.logins = self.logins, self.logins + 1
        assert self.setup.user(USER.username).permission_sets == ("my_org_access",)  # type: ignore[union-attr]
        assert ready.consumer_key == "3MVG9.my_org"
        may_pass = self.refusals[number] if number < len(self.refusals) else None
        if may_pass is not None:
            failed = Failed("Salesforce does not know the consumer key.", remedy="Wait.", name="AssertionRejected")
            return Refusal(failed=failed, may_pass=may_pass)
        return None

    def state(self) -> Any:
        """Return what stands in the end."""
        setup = self.setup
        files = {path.name: path.stat().st_mode & 0o777 for path in (self.folder / ORG.org_id).iterdir()}
        return setup.components, setup.assigned, setup.tied, setup.switch_on, setup.made, self.destination.stored, files


@pytest.fixture
def world(tmp_path: Path, key_pair: "KeyPair") -> World:
    return World(folder=tmp_path / "apps", pair=key_pair)


def shape(world: World, org: str) -> None:
    """Make the world's org one of the kinds that there are."""
    match org:
        case "plain":
            pass
        case "no time-out":
            world.setup.refuses = frozenset({TIMEOUT})
        case "key by REST":
            world.setup.shows_key = "rest"
        case "key in Setup only":
            world.setup.shows_key, world.person.types = "no", "3MVG9.my_org"
        case "ties by record":
            world.setup.ties = False
        case "late":
            world.refusals = (True, True)
        case "all of these":
            for other in ("no time-out", "key by REST", "ties by record", "late"):
                shape(world, other)
        case _:
            raise AssertionError(org)


ORGS = ("plain", "no time-out", "key by REST", "key in Setup only", "ties by record", "late", "all of these")


@pytest.mark.parametrize("org", ORGS)
def test_one_run_makes_an_app_that_works(world: World, org: str) -> None:
    shape(world, org)
    facts = world.run()
    assert (facts["consumer_key"], facts["secret"]) == ("3MVG9.my_org", "sfmint/acme/my-org")
    assert facts["session_timeout_set"] is (not world.setup.refuses)
    assert world.setup.made == 1
    policies = world.setup.components[OAUTH_POLICIES, "my_org_oauthPlcy"]
    assert policies.text("permittedUsersPolicyType") == "AdminApprovedPreAuthorized"
    assert policies.text(TIMEOUT) == ("" if world.setup.refuses else "15")
    assert Path(str(facts["key"])).read_text() == world.pair.pem
    assert Path(str(facts["key"])).stat().st_mode & 0o777 == 0o600


def ends(world: World) -> Iterator[tuple[int, bool]]:
    """Give every place where a run can end."""
    whole = Interruption(None, after=False)
    world.run(whole)
    yield from ((number, after) for number in range(whole.calls) for after in (False, True))


@pytest.mark.parametrize("org", ["plain", "key in Setup only", "all of these"])
def test_a_run_that_ends_anywhere_is_taken_up_by_the_same_command(
    tmp_path: Path, key_pair: "KeyPair", org: str
) -> None:
    numbers = count()

    def fresh() -> World:
        made = World(folder=tmp_path / str(next(numbers)), pair=key_pair)
        shape(made, org)
        return made

    whole = fresh()
    places = list(ends(whole))
    assert len(places) > 40
    for at, after in places:
        world = fresh()
        with pytest.raises(Ended):
            world.run(Interruption(at, after=after))
        world.run()
        assert world.state() == whole.state(), (at, after)


@pytest.mark.parametrize("org", ORGS)
def test_a_second_run_changes_nothing_and_logs_in_once(world: World, org: str) -> None:
    shape(world, org)
    facts = world.run()
    state, logins = world.state(), world.logins
    again = world.run()
    assert world.state() == state
    assert world.logins == logins + 1
    assert again["deployments"] == facts["deployments"]


def test_no_file_beside_the_key_holds_a_key_or_is_for_others(world: World) -> None:
    world.run()
    for path in (world.folder / ORG.org_id).iterdir():
        assert path.stat().st_mode & 0o777 == (0o644 if path.suffix == ".crt" else 0o600)
        assert ("PRIVATE KEY" in path.read_text()) is (path.suffix == ".key")
    assert (world.folder / ORG.org_id).stat().st_mode & 0o777 == 0o700


def test_what_will_be_changed_is_shown_before_it_is_asked(world: World) -> None:
    world.person.agrees = False
    assert world.failure().name == "NotConfirmed"
    shown = "\n".join(world.person.told)
    for words in (ORG.org_id, "Acme", "not production", "new: the External Client App (my_org)", "new: a secret"):
        assert words in shown
    assert (world.setup.components, world.setup.assigned) == ({}, set())
    assert not world.folder.exists()


def test_another_org_than_the_one_that_is_named_is_left_alone(world: World) -> None:
    world.wanted = replace(WANTED, org_id="00D000000000009EAA")
    assert world.failure().name == "OtherOrg"
    assert (world.setup.components, world.person.told) == ({}, [])


@pytest.mark.parametrize("org_id", [ORG.org_id, ORG.org_id[:15]])
def test_production_wants_its_id_where_nobody_is_asked(world: World, org_id: str) -> None:
    world.setup.identity_ = replace(ORG, is_production=True)
    world.person.is_asked = False
    failed = world.failure()
    assert failed.name == "ProductionNotNamed"
    assert f"--org-id {ORG.org_id}" in failed.remedy
    assert world.setup.components == {}
    world.wanted = replace(WANTED, org_id=org_id)
    world.run()
    assert "PRODUCTION" in "\n".join(world.person.told)


def test_a_user_who_is_missing_or_inactive_is_told_before_anything_is_changed(world: World) -> None:
    world.wanted = replace(WANTED, username="integration@acme.example.uat")
    failed = world.failure()
    assert (failed.name, USER.username in failed.cause) == ("UserNotFound", True)
    world.wanted = WANTED
    world.setup.users = {USER.username: replace(USER, is_active=False)}
    assert world.failure().name == "UserInactive"
    assert world.setup.components == {}


def test_a_connected_app_of_that_name_is_left_alone(world: World) -> None:
    world.setup.connected = {"my_org"}
    failed = world.failure()
    assert failed.name == "ConnectedAppThere"
    assert "--connected-app" in failed.remedy


@pytest.mark.parametrize("certificate", ["", "not readable", "of somebody else"])
def test_an_app_of_that_name_that_is_not_ours_is_left_alone(world: World, certificate: str) -> None:
    if certificate == "of somebody else":
        certificate = NewPair.new("other", bits=2048, days=3, now=world.clock.now()).certificate
    world.setup.components = {
        (APP, "my_org"): Component(type=APP, full_name="my_org", elements={}),
        (GLOBAL_OAUTH, "x"): Component(
            type=GLOBAL_OAUTH,
            full_name="x",
            elements={"externalClientApplication": "my_org", "certificate": certificate},
        ),
    }
    before = dict(world.setup.components)
    assert world.failure().name == "AppNotOurs"
    assert world.setup.components == before


def test_a_permission_set_that_opens_another_app_is_left_alone(world: World) -> None:
    world.setup.components = {
        (PERMISSION_SET, "my_org_access"): Component(type=PERMISSION_SET, full_name="my_org_access", elements={})
    }
    world.setup.tied = {("my_org_access", "0xIother")}
    assert world.failure().name == "PermissionSetInUse"
    assert (APP, "my_org") not in world.setup.components


def test_who_else_holds_the_permission_set_is_shown(world: World) -> None:
    world.setup.components = {
        (PERMISSION_SET, "my_org_access"): Component(type=PERMISSION_SET, full_name="my_org_access", elements={})
    }
    world.setup.users["other@acme.example"] = replace(USER, id="005x", username="other@acme.example")
    world.setup.assigned = {("005x", "my_org_access")}
    world.run()
    assert any("other@acme.example" in line for line in world.person.told)


def test_policies_that_the_org_has_made_itself_are_changed_and_not_doubled(world: World) -> None:
    world.run()
    setup = world.setup
    for kind, ours, theirs in (
        (OAUTH_POLICIES, "my_org_oauthPlcy", "my_org_oauth_defaultPolicy"),
        (APP_POLICIES, "my_org_plcy", "my_org_defaultPolicy"),
    ):
        part = setup.components.pop((kind, ours))
        made = {**part.elements, "permittedUsersPolicyType": "AllSelfAuthorized"} if kind == OAUTH_POLICIES else {}
        elements = {**(made or part.elements), "externalClientApplication": "my_org"}
        setup.components[kind, theirs] = replace(part, full_name=theirs, elements=elements)
    world.run()
    names = {name for kind, name in setup.components if kind in (OAUTH_POLICIES, APP_POLICIES)}
    assert names == {"my_org_oauth_defaultPolicy", "my_org_defaultPolicy"}
    policies = setup.components[OAUTH_POLICIES, "my_org_oauth_defaultPolicy"]
    assert policies.text("permittedUsersPolicyType") == "AdminApprovedPreAuthorized"


def test_a_deployment_that_is_refused_says_why_and_changes_nothing(world: World) -> None:
    world.setup.refuses = frozenset({"certificate"})
    failed = world.failure()
    assert "refuses certificate" in failed.cause
    assert world.setup.components == {}
    assert failed.facts["deployments"] == []


@pytest.mark.parametrize("taken", range(7))
def test_a_deployment_that_is_half_carried_out_is_gone_on_with(world: World, taken: int) -> None:
    world.setup.takes_only = taken
    assert "SucceededPartial" in world.failure().cause
    world.run()
    assert (world.setup.made, len(world.setup.components)) == (1, 6)


def test_a_switch_of_the_permitted_users_is_told_with_what_it_may_end(world: World) -> None:
    world.run()
    key = OAUTH_POLICIES, "my_org_oauthPlcy"
    policies = world.setup.components[key]
    open_to_all = {**policies.elements, "permittedUsersPolicyType": "AllSelfAuthorized"}
    world.setup.components[key] = replace(policies, elements=open_to_all)
    world.person.told.clear()
    world.run()
    assert any("may end sessions" in line for line in world.person.told)


def test_the_user_may_be_written_in_other_letters(world: World) -> None:
    world.run()
    world.wanted = replace(WANTED, username=USER.username.upper())
    assert world.run()["username"] == USER.username


def test_that_a_switch_may_be_borrowed_is_shown_before_it_is_asked(world: World) -> None:
    world.person.agrees = False
    world.failure()
    assert any("put back" in line for line in world.person.told)


def test_a_session_that_ends_is_told_with_how_far_the_run_is(world: World) -> None:
    world.setup.session_ends = True
    failed = world.failure()
    assert failed.name == "SessionExpired"
    assert failed.facts["deployments"] == ["0Af2"]
    world.setup.session_ends = False
    assert world.run()["deployments"] == ["0Af2"]
    assert world.setup.made == 1


def test_without_somebody_to_type_the_key_the_command_line_gives_it(world: World) -> None:
    world.setup.shows_key = "no"
    failed = world.failure()
    assert (failed.name, "--consumer-key" in failed.remedy) == ("ConsumerKeyNotShown", True)
    world.given_key = "3MVG9.my_org"
    assert world.run()["consumer_key"] == "3MVG9.my_org"
    assert world.setup.made == 1


def test_a_switch_is_borrowed_only_from_a_person_who_agrees(world: World) -> None:
    world.setup.shows_key, world.person.lends = "rest", False
    assert world.failure().name == "ConsumerKeyNotShown"
    assert world.setup.switch_on is False


@pytest.mark.parametrize("turns", [(True,), (True, True, True, True), (True,) * (MOST - IN_A_ROW)])
def test_an_app_that_arrives_late_is_waited_for(world: World, turns: tuple[bool, ...]) -> None:
    world.refusals = turns
    start = world.clock.now()
    facts = world.run()
    assert world.logins == len(turns) + IN_A_ROW
    pauses = [60, 120, *[240] * MOST][: len(turns)]
    assert world.clock.now() - start == sum(pauses) + 60 * (IN_A_ROW - 1)
    assert facts["waited_s"] == sum(pauses) + 60 * (IN_A_ROW - 1)


def test_an_app_that_is_there_at_once_is_waited_for_in_seconds(world: World) -> None:
    assert world.run()["waited_s"] == AT_ONCE_S * (IN_A_ROW - 1)


def test_a_refusal_after_a_login_that_was_granted_makes_the_run_patient(world: World) -> None:
    world.refusals = (None, True)
    assert world.run()["waited_s"] == AT_ONCE_S + 60 + 60 * (IN_A_ROW - 1)


def test_an_app_that_does_not_arrive_is_waited_for_by_the_same_command(world: World) -> None:
    world.refusals = (True,) * (MOST + 1)
    failed = world.failure()
    assert (failed.name, world.logins) == ("NotArrived", MOST)
    assert failed.facts["consumer_key"] == "3MVG9.my_org"
    assert world.destination.stored == []
    world.run()
    assert len(world.destination.stored) == 1


def test_a_refusal_that_does_not_pass_ends_the_waiting(world: World) -> None:
    world.refusals = (True, False)
    assert world.failure().name == "AssertionRejected"
    assert (world.logins, world.destination.stored) == (2, [])


def test_a_mistyped_key_is_asked_for_again(world: World) -> None:
    world.setup.shows_key, world.person.types = "no", "3MVG9.my_org"
    world.refusals = (False,)
    world.failure()
    notes = json.loads((world.folder / ORG.org_id / "my-org.app.json").read_text())
    assert notes["typed_key"] is None


@pytest.mark.parametrize("shown", ["********", "", "two words", "x" * 5000, "(hidden)"])
def test_what_an_org_shows_in_place_of_a_key_is_not_taken_for_one(
    world: World, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    world.person.types = "3MVG9.my_org"
    monkeypatch.setattr(FakeSetup, "consumer_key", lambda *_: shown)
    monkeypatch.setattr(FakeSetup, "consumer_key_by_rest", lambda *_, **__: shown)
    assert world.run()["consumer_key"] == "3MVG9.my_org"


def test_a_typed_key_is_kept_where_no_login_was_tried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.setup.shows_key, world.person.types = "no", "3MVG9.my_org"

    def limited(_: Ready) -> Refusal | None:
        raise Failed("Ten logins were made.", remedy="Wait.", name="TooManyLogins")

    with monkeypatch.context() as patched:
        patched.setattr(world, "_log_in", limited)
        assert world.failure().name == "TooManyLogins"
    world.person.types = None
    assert world.run()["consumer_key"] == "3MVG9.my_org"


def test_notes_of_another_run_are_not_taken_up(world: World) -> None:
    world.run()
    world.setup.users[ADMIN] = replace(USER, username=ADMIN)
    world.wanted = replace(WANTED, username=ADMIN)
    assert world.failure().name == "OtherRun"


def test_a_certificate_over_4_kb_is_refused_before_anything_is_changed(world: World) -> None:
    world.run()
    folder = world.folder / ORG.org_id
    certificate = folder / "my-org.crt"
    certificate.write_text(certificate.read_text() + "\n" * 4096)
    assert world.failure().name == "CertificateTooLarge"


@pytest.mark.parametrize("what", ["", "my-org.key", "my-org.crt"])
@pytest.mark.parametrize("how", ["written to", "owned"])
def test_a_pair_that_somebody_else_could_put_there_is_not_taken(
    world: World, monkeypatch: pytest.MonkeyPatch, what: str, how: str
) -> None:
    world.run()
    path = world.folder / ORG.org_id / what
    if how == "written to":
        path.chmod(path.stat().st_mode | 0o002)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        monkeypatch.setattr(Path, "stat", _as_of(path, Path.stat))
    assert world.failure().name == "NotYours"


def _as_of(alien: Path, stat: Any) -> Any:
    def of(path: Path, **named: Any) -> Any:
        found = list(stat(path, **named))
        found[stat_module.ST_UID] = 2000 if path == alien else 1000
        return os.stat_result(found)

    return of


def test_a_key_that_was_removed_is_not_made_anew(world: World) -> None:
    world.run()
    (world.folder / ORG.org_id / "my-org.key").unlink()
    assert world.failure().name == "KeyMissing"


@pytest.mark.parametrize("ends_at", range(6))
def test_a_pair_whose_writing_was_interrupted_is_there_whole_or_made_anew(
    tmp_path: Path, key_pair: "KeyPair", monkeypatch: pytest.MonkeyPatch, ends_at: int
) -> None:
    pair = NewPair(private_key=key_pair.pem, certificate=key_pair.certificate, fingerprint="")
    folder = KeyFolder(folder=tmp_path / "apps", name="my-org", new=lambda: pair)
    numbers = count()

    def at_the_end(change: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            if next(numbers) == ends_at:
                raise Ended
            return change(*given, **named)

        return call

    with monkeypatch.context() as patch:
        for owner, name in ((os, "link"), (Path, "unlink"), (Path, "mkdir")):
            patch.setattr(owner, name, at_the_end(getattr(owner, name)))
        with suppress(Ended):
            folder.make()
    folder.make()
    assert {path.name for path in folder.folder.iterdir()} <= {"my-org.key", "my-org.crt", "my-org.crt.part"}
    assert (folder.files.key.read_text(), folder.files.certificate.read_text()) == (key_pair.pem, key_pair.certificate)
