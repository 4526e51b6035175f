"""A rotation from its beginning to its end, as it is meant."""

import pytest

from key_rotation.standing import Phase
from key_rotation.versions import CURRENT, NEXT, PENDING, PREVIOUS
from rotation.conftest import MakeCase
from rotation.deeds import DEEDS
from rotation.scenarios import SETTINGS, TOKEN
from sfmint.salesforce.grace import GRACE_S, grace_label
from sfmint_testing.rotation.account import NAME, certificate_of, key_id_of, key_of
from sfmint_testing.rotation.org import Manner


@pytest.mark.parametrize("manner", Manner)
@pytest.mark.parametrize("setting", ["unattended", "two apps", "two keys in KMS"])
def test_it_ends_with_another_key(case: MakeCase, setting: str, manner: Manner) -> None:
    these = case(setting, manner)
    before = these.key_id
    assert these.rotate().phase is Phase.FINISHED
    labels = these.world.secrets.labels
    assert these.phases == [Phase.CREATING, Phase.SETTING, Phase.TESTING, Phase.FINISHING, Phase.FINISHED]
    assert (labels[CURRENT], labels[PREVIOUS]) == (TOKEN, "version-0000000000000000000000000")
    assert PENDING not in labels
    assert NEXT not in labels
    assert these.key_id != before
    assert these.holds("two" if setting == "two apps" else "orders")
    assert these.world.notes.certificate is None


def test_the_old_key_is_unusable_at_the_end(case: MakeCase) -> None:
    these = case(manner=Manner.LATE)
    old = these.world.connection_at(CURRENT)
    assert old is not None
    these.rotate()
    these.world.time += 600
    assert not these.world.org.log_in(old)


def test_five_logins_over_five_minutes_are_needed(case: MakeCase) -> None:
    these = case(manner=Manner.BY_TURNS)
    these.rotate()
    row = these.world.tries[-5:]
    assert [is_in for _, _, is_in in row] == [True] * 5
    assert row[-1][0] - row[0][0] >= 300


def test_the_key_before_may_log_in_for_thirty_minutes(case: MakeCase) -> None:
    these = case()
    these.rotate()
    (grace,) = these.world.secrets.describe(NAME).graces
    assert grace.version == "version-0000000000000000000000000"
    assert grace.label == grace_label(these.world.time + GRACE_S)


def test_a_tainted_key_before_may_not(case: MakeCase) -> None:
    these = case()
    these.world.edit("edit", tainted_keys=[these.key_id])
    assert these.rotate().phase is Phase.FINISHED
    assert these.world.secrets.describe(NAME).graces == ()


def test_an_older_grace_ends_with_the_next_rotation(case: MakeCase) -> None:
    these = case()
    these.world.secrets.store("version-1", these.world.secrets.fields(CURRENT))
    older = grace_label(these.world.time - 1)
    these.world.secrets.labels[older] = "version-0000000000000000000000000"
    these.rotate()
    assert older not in these.world.secrets.labels


def test_all_that_the_secret_says_is_carried_over(case: MakeCase) -> None:
    these = case(token_lifetime="1800", hosts=["acme.my.site.com"], tainted_keys="0123456789abcdef")
    before = these.world.secrets.fields(CURRENT)
    these.rotate()
    after = these.world.secrets.fields(CURRENT)
    assert {name: before[name] for name in before if name != "private_key"} == {
        name: after[name] for name in after if name not in {"private_key", "certificate"}
    }


def test_two_apps_take_turns(case: MakeCase) -> None:
    these = case("two apps")
    these.rotate()
    said = these.world.secrets.fields(CURRENT)
    assert (said["app"], said["consumer_key"]) == ("two", "3MVG9-two")
    assert (said["other_app"], said["other_consumer_key"]) == ("orders", "3MVG9-one")
    these.world.time += 4000
    these.begin("token-of-the-second-rotation-002")
    assert these.go_on().phase is Phase.FINISHED
    assert these.world.secrets.fields(CURRENT)["consumer_key"] == "3MVG9-one"


def test_two_keys_in_kms_take_turns(case: MakeCase) -> None:
    these = case("two keys in KMS")
    before = these.world.secrets.fields(CURRENT)
    these.rotate()
    said = these.world.secrets.fields(CURRENT)
    assert (said["signer"], said["other_signer"]) == (before["other_signer"], before["signer"])
    assert said["certificate"] == certificate_of(before["other_signer"]["kms"])
    assert these.world.keys.made == 0


def test_callers_get_a_token_of_the_old_key_before_the_app_is_changed(case: MakeCase) -> None:
    these = case()
    old = these.key_id
    these.to(Phase.TESTING)
    assert these.world.keeper.row_key == old


def test_without_an_org_that_answers_the_app_is_not_changed(case: MakeCase) -> None:
    these = case()
    these.begin()
    these.world.org.is_down = True
    for _ in range(12):
        these.advance()
        these.world.time += 60
    assert these.holds()
    these.world.org.is_down = False
    assert these.go_on().phase is Phase.FINISHED


def test_a_person_is_asked_and_no_login_is_wasted_before_the_upload(case: MakeCase) -> None:
    these = case("attended")
    standing = these.to(Phase.WAITING)
    these.world.time += 10
    for _ in range(5):
        standing = these.advance()
        these.world.time += 100
    assert standing.phase is Phase.WAITING
    assert these.world.tries == []
    (news,) = these.world.announcer.told
    assert (news.kind, news.certificate) == ("upload", these.world.notes.certificate)


def test_callers_own_logins_show_the_upload(case: MakeCase) -> None:
    these = case("attended")
    these.to(Phase.WAITING)
    these.upload()
    these.world.keeper.refresh(NAME, ahead_s=900)
    assert these.go_on().phase is Phase.FINISHED


def test_a_person_may_say_so(case: MakeCase) -> None:
    these = case("two apps, attended")
    these.to(Phase.WAITING)
    these.upload("two")
    these.rotation.finish(NAME, these.run)
    assert these.go_on().phase is Phase.FINISHED


def test_people_who_could_not_be_told_are_told_later(case: MakeCase) -> None:
    these = case("attended")
    these.world.announcer.is_gone = True
    these.to(Phase.WAITING)
    these.world.announcer.is_gone = False
    these.world.time += 100
    these.advance()
    assert [news.kind for news in these.world.announcer.told] == ["upload"]


def test_a_wrong_certificate_is_refused_and_told(case: MakeCase) -> None:
    these = case("attended")
    these.to(Phase.WAITING)
    these.world.org.upload(these.world.org.apps["orders"], certificate_of("of nobody"))
    these.rotation.finish(NAME, these.run)
    standing = these.go_on(lambda standing: standing.refusals >= 5)
    assert [news.kind for news in these.world.announcer.told] == ["upload", "stuck"]
    assert standing.phase is Phase.TESTING
    assert "refuses" in standing.words


def test_the_note_holds_no_key(case: MakeCase) -> None:
    these = case()
    these.rotate()
    pending = these.world.connection_at(CURRENT)
    assert pending is not None
    assert key_of(pending) not in these.world.notes.text
    assert key_id_of(key_of(pending)) not in these.world.notes.text


def test_an_edit_meanwhile_is_carried_over(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    these.world.edit("edit", hosts=["acme.my.site.com"])
    assert these.go_on().phase is Phase.FINISHED
    assert these.world.secrets.fields(CURRENT)["hosts"] == ["acme.my.site.com"]
    assert these.world.secrets.labels[PREVIOUS] == "edit"


def test_a_key_that_somebody_has_promoted_is_the_current_one(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    DEEDS["promotes by hand"].do(these.world)
    assert these.go_on().phase is Phase.FINISHED


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_status_tells_which_certificate_is_to_be_uploaded_to_which_app(case: MakeCase, setting: str) -> None:
    these = case(setting)
    assert these.rotation.status(NAME).certificate is None
    these.begin()
    these.go_on(lambda standing: standing.phase in {Phase.WAITING, Phase.TESTING})
    standing = these.rotation.status(NAME)
    assert standing.is_attended is ("admin_connection" not in SETTINGS[setting])
    assert standing.app == SETTINGS[setting].get("other_app", "orders")
    assert standing.certificate == these.world.notes.certificate is not None
    these.world.notes.certificate = "certificate of somebody's"
    assert these.rotation.status(NAME).certificate == standing.certificate
    these.world.secrets.is_deleted = True
    assert these.rotation.status(NAME).certificate is None


def test_when_cancelling_it_tells_the_old_one(case: MakeCase) -> None:
    these = case("two apps, attended")
    before = these.key_id
    these.to(Phase.WAITING)
    these.cancel()
    standing = these.rotation.status(NAME)
    assert (standing.app, these.world.keys.certified_key_id(standing.certificate or "")) == ("orders", before)


@pytest.mark.parametrize("admin", ["admin", None])
def test_whether_a_person_is_needed_follows_an_edit(case: MakeCase, admin: str | None) -> None:
    these = case("attended" if admin else "unattended")
    these.begin()
    these.advance()
    these.world.edit("edit", admin_connection=admin)
    these.go_on(lambda standing: standing.phase in {Phase.WAITING, Phase.TESTING})
    assert these.rotation.standing(NAME).is_attended is (admin is None)


@pytest.mark.parametrize("back_s", [60, 3600, 5 * 3600, 400 * 86_400])
@pytest.mark.parametrize("phase", [Phase.SETTING, Phase.WAITING, Phase.TESTING, Phase.FINISHING])
def test_a_clock_that_is_put_back_delays_a_rotation_by_two_hours_at_most(
    case: MakeCase, phase: Phase, back_s: float
) -> None:
    these = case(manner=Manner.BY_TURNS)
    these.to(phase)
    these.world.time -= back_s
    for app in these.world.org.apps.values():  # the org's own clock is right
        app.changes[:] = [(since - back_s, certificate) for since, certificate in app.changes]
    began = these.world.time
    assert these.go_on().phase is Phase.FINISHED
    assert these.world.time - began <= 7200 + 3600
