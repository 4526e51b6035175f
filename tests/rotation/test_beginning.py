"""Who may begin a rotation, and what a second one meets."""

import json

import pytest

from key_rotation.errors import RotationPending, RotationRefused
from key_rotation.standing import Phase
from key_rotation.versions import CURRENT, NEXT, PENDING
from rotation.conftest import MakeCase
from rotation.scenarios import ANOTHER, ARN, TOKEN
from sfmint_testing.rotation.account import NAME


@pytest.mark.parametrize(
    ("setting", "fields", "words"),
    [
        ("unattended", {"token_lifetime": 899}, "do not outlast"),
        ("unattended", {"admin_connection": "nobody"}, "no admin connection"),
        ("unattended", {"admin_connection": NAME}, "the connection itself"),
        ("two keys in KMS", {"other_signer": ""}, "makes none there"),
    ],
)
def test_it_is_refused_in_words(case: MakeCase, setting: str, fields: dict[str, object], words: str) -> None:
    these = case(setting, **fields)
    labels = dict(these.world.secrets.labels)
    with pytest.raises(RotationRefused, match=words):
        these.begin()
    assert these.world.notes.find(NAME) is None
    assert these.world.secrets.labels == labels


@pytest.mark.parametrize("setting", ["unattended", "two apps"])
def test_what_the_org_would_refuse_is_told_by_a_check(case: MakeCase, setting: str) -> None:
    these = case(setting)
    these.rotation.check(NAME)
    these.world.org.refuses_admin = True
    with pytest.raises(RotationRefused, match="may not change apps"):
        these.rotation.check(NAME)
    these.world.org.is_down = True
    with pytest.raises(RotationPending, match="did not answer"):
        these.rotation.check(NAME)
    assert these.world.notes.find(NAME) is None


@pytest.mark.parametrize("setting", ["unattended", "two apps"])
def test_a_check_reads_the_app_that_would_be_changed(case: MakeCase, setting: str) -> None:
    these = case(setting)
    secrets = these.world.secrets
    said = json.loads(secrets.texts[secrets.labels[CURRENT]])
    changed = said.get("other_consumer_key") or said["consumer_key"]
    for app in these.world.org.apps.values():
        app.consumer_key += "x" if app.consumer_key == changed else ""
    with pytest.raises(RotationRefused, match="no app"):
        these.rotation.check(NAME)


def test_two_apps_need_no_long_lifetime(case: MakeCase) -> None:
    assert case("two apps", token_lifetime=60).rotate().phase is Phase.FINISHED


def test_a_key_in_kms_does_not_follow_itself(case: MakeCase) -> None:
    these = case("two keys in KMS", other_signer={"kms": f"{ARN}1"})
    with pytest.raises(RotationRefused):
        these.begin()


def test_somebody_elses_pending_version_is_left_alone(case: MakeCase) -> None:
    these = case()
    these.world.secrets.texts["theirs"] = "{}"
    these.world.secrets.labels[PENDING] = "theirs"
    with pytest.raises(RotationRefused, match="somebody else's"):
        these.begin()
    assert these.world.secrets.labels[PENDING] == "theirs"


def test_it_may_come_in_between(case: MakeCase) -> None:
    these = case()
    these.begin()
    these.world.secrets.texts["theirs"] = "{}"
    these.world.secrets.labels[PENDING] = "theirs"
    assert these.go_on().phase is Phase.CANCELLED
    assert these.world.secrets.labels[PENDING] == "theirs"


def test_an_empty_version_that_secrets_manager_has_staged_is_ours(case: MakeCase) -> None:
    these = case()
    these.world.secrets.labels[PENDING] = TOKEN
    assert these.rotate().phase is Phase.FINISHED
    assert these.world.secrets.labels[CURRENT] == TOKEN


def test_a_pending_label_on_the_current_version_is_nobodys(case: MakeCase) -> None:
    these = case()
    these.world.secrets.labels[PENDING] = "version-0000000000000000000000000"
    assert these.rotate().phase is Phase.FINISHED


def test_the_same_token_goes_on_with_the_same_key(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    assert these.begin().phase is Phase.TESTING
    assert these.go_on().phase is Phase.FINISHED
    assert these.begin().phase is Phase.FINISHED
    assert these.world.keys.made == 1


def test_a_token_that_has_ended_otherwise_revives_nothing(case: MakeCase) -> None:
    these = case()
    these.begin()
    these.cancel()
    these.go_on()
    assert these.begin().phase is Phase.CANCELLED
    assert these.advance().phase is Phase.CANCELLED
    assert PENDING not in these.world.secrets.labels


def test_a_second_one_goes_on_with_the_first(case: MakeCase) -> None:
    these = case()
    these.to(Phase.SETTING)
    assert these.begin(ANOTHER).rotation == TOKEN
    assert these.go_on().rotation == TOKEN


def test_what_nobody_has_seen_goes_on_under_the_token_of_secrets_manager(case: MakeCase) -> None:
    these = case()
    these.begin()
    these.world.secrets.labels[PENDING] = ANOTHER
    assert these.begin(ANOTHER).rotation == ANOTHER
    assert these.go_on().phase is Phase.FINISHED
    assert these.world.secrets.labels[CURRENT] == ANOTHER


def test_what_the_app_holds_does_not(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    these.world.secrets.labels[PENDING] = ANOTHER
    with pytest.raises(RotationRefused, match="Another rotation"):
        these.begin(ANOTHER)


def test_the_next_one_waits_until_the_last_change_has_arrived(case: MakeCase) -> None:
    these = case()
    these.rotate()
    for left_min in (10, 1):
        with pytest.raises(RotationRefused, match=f"on its way. Begin again in {left_min} min"):
            these.begin(ANOTHER)
        these.world.time += 541
    assert these.begin(ANOTHER).rotation == ANOTHER


def test_a_pending_label_of_the_last_one_is_taken_off(case: MakeCase) -> None:
    these = case()
    these.begin()
    these.go_on(lambda standing: standing.phase is Phase.SETTING)
    these.cancel()
    these.go_on()
    these.world.secrets.labels |= {PENDING: TOKEN, NEXT: TOKEN}
    these.begin(ANOTHER)
    assert these.go_on().rotation == ANOTHER
    assert these.world.secrets.labels[CURRENT] == ANOTHER


def test_a_call_of_the_last_one_may_arrive_while_the_next_one_goes_on(case: MakeCase) -> None:
    these = case()
    these.begin()
    these.cancel()
    these.go_on()
    these.begin(ANOTHER)
    these.world.secrets.labels[PENDING] = TOKEN
    these.go_on(lambda standing: standing.phase is Phase.TESTING)
    these.world.secrets.labels[PENDING] = TOKEN
    assert these.go_on().phase is Phase.FINISHED
    assert these.world.secrets.labels[CURRENT] == ANOTHER
