"""How a rotation ends without a new key."""

import pytest

from key_rotation.standing import Phase
from key_rotation.versions import CURRENT, PENDING, PREVIOUS
from rotation.conftest import MakeCase
from rotation.deeds import DEEDS
from rotation.scenarios import ARN
from sfmint_testing.rotation.account import NAME, certificate_of, key_id_of, key_of
from sfmint_testing.rotation.org import Manner


def test_cancelling_gives_the_app_its_certificate_back(case: MakeCase) -> None:
    these = case(manner=Manner.BY_TURNS)
    before = these.key_id
    these.to(Phase.TESTING)
    assert not these.holds()
    these.cancel()
    assert these.advance().phase is Phase.CANCELLING
    assert these.world.notes.certificate is None
    assert PENDING in these.world.secrets.labels
    assert these.go_on().phase is Phase.CANCELLED
    assert (these.key_id, these.holds()) == (before, True)
    assert PENDING not in these.world.secrets.labels


def test_what_was_never_deployed_is_only_dropped(case: MakeCase) -> None:
    these = case()
    these.to(Phase.SETTING)
    these.cancel()
    assert these.go_on().phase is Phase.CANCELLED
    assert these.world.org.deployments == []
    assert these.world.tries == []


def test_cancelling_takes_the_new_key_out_of_the_app_that_rests(case: MakeCase) -> None:
    these = case("two apps")
    these.to(Phase.TESTING)
    new = these.world.org.apps["two"].certificate
    these.cancel()
    assert these.go_on().phase is Phase.CANCELLED
    assert these.world.org.apps["two"].certificate != new
    assert these.holds("two")
    assert these.holds("orders")
    these.world.time += 4000
    these.begin("token-of-the-second-rotation-002")
    assert these.go_on().phase is Phase.FINISHED


def test_where_that_cannot_be_people_are_told_that_the_new_key_still_logs_in_there(case: MakeCase) -> None:
    these = case("two apps")
    these.to(Phase.TESTING)
    these.world.org.apps.pop("two")
    these.cancel()
    assert these.go_on().phase is Phase.CANCELLED
    assert "The app two may hold the certificate of the new key" in these.world.announcer.told[-1].words


def test_who_uploaded_to_the_app_that_rests_is_told_so_too(case: MakeCase) -> None:
    these = case("two apps, attended")
    these.to(Phase.WAITING)
    these.upload("two")
    these.cancel()
    assert these.go_on().phase is Phase.CANCELLED
    assert "The app two may hold the certificate of the new key" in these.world.announcer.told[-1].words


def test_the_first_decision_counts(case: MakeCase) -> None:
    these = case()
    these.to(Phase.FINISHING)
    assert these.cancel().phase is Phase.FINISHING
    assert these.go_on().phase is Phase.FINISHED


def test_half_an_hour_without_a_login_cancels(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    began = these.world.time
    these.world.org.upload(these.world.org.apps["orders"], certificate_of("of nobody"))
    standing = these.go_on(lambda standing: standing.phase is Phase.CANCELLING)
    assert 1800 <= these.world.time - began <= 3600
    assert "30 minutes" in standing.words
    assert these.go_on().phase is Phase.CANCELLED
    assert these.holds()


def test_an_outage_cancels_nothing(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    these.world.org.is_down = True
    end = these.world.time + 7200
    these.go_on(lambda _: these.world.time > end)
    these.world.org.is_down = False
    assert these.go_on().phase is Phase.FINISHED


def test_an_app_with_somebody_elses_certificate_is_not_changed(case: MakeCase) -> None:
    these = case()
    theirs = certificate_of("of nobody")
    these.world.org.apps["orders"].certificate = theirs
    assert these.rotate().phase is Phase.CANCELLED
    assert these.world.org.apps["orders"].certificate == theirs
    assert "not the connection's" in these.rotation.standing(NAME).words


def test_an_app_that_is_gone_cancels(case: MakeCase) -> None:
    these = case()
    these.to(Phase.SETTING)
    these.world.org.apps.clear()
    assert these.go_on().phase is Phase.CANCELLED


def test_rights_that_are_gone_keep_a_cancellation_open_and_callers_served(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    these.cancel()
    these.world.org.refuses_admin = True
    end = these.world.time + 7200
    standing = these.go_on(lambda _: these.world.time > end)
    assert standing.phase is Phase.CANCELLING
    assert "cannot be put back" in standing.words
    assert PENDING in these.world.secrets.labels
    assert "stuck" in [news.kind for news in these.world.announcer.told]
    these.world.org.refuses_admin = False
    assert these.go_on().phase is Phase.CANCELLED


def test_a_person_is_asked_to_upload_the_old_certificate_again(case: MakeCase) -> None:
    these = case("attended")
    these.to(Phase.WAITING)
    these.upload()
    these.cancel()
    these.go_on(lambda standing: standing.refusals > 0)
    assert these.world.announcer.told[-1].kind == "put_back"
    assert PENDING in these.world.secrets.labels
    these.upload()
    assert these.go_on().phase is Phase.CANCELLED
    assert these.holds()


def test_a_new_key_that_is_tainted_is_cancelled(case: MakeCase) -> None:
    these = case()
    these.to(Phase.FINISHING)
    DEEDS["taints the new key"].do(these.world)
    assert these.go_on().phase is Phase.CANCELLED
    assert these.holds()


def test_an_old_key_that_is_tainted_is_replaced(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    DEEDS["taints the old key"].do(these.world)
    assert these.go_on().phase is Phase.FINISHED


def test_there_is_no_way_back_to_a_tainted_key(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    DEEDS["taints the old key"].do(these.world)
    these.cancel()
    end = these.world.time + 3600
    standing = these.go_on(lambda _: these.world.time > end)
    assert "tainted" in standing.words
    assert PENDING in these.world.secrets.labels
    DEEDS["stores another login"].do(these.world)
    assert these.go_on().phase is Phase.VOID


def test_another_login_makes_it_void_and_leaves_the_org_alone(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    deployments = list(these.world.org.deployments)
    DEEDS["stores another login"].do(these.world)
    standing = these.go_on()
    assert (standing.phase, these.world.org.deployments) == (Phase.VOID, deployments)
    assert PENDING not in these.world.secrets.labels
    current = these.world.connection_at(CURRENT)
    assert current is not None
    assert "of-somebody" in key_of(current)


@pytest.mark.parametrize("phase", [Phase.SETTING, Phase.TESTING, Phase.FINISHING])
def test_the_same_key_for_another_user_is_carried_over_and_tried_anew(case: MakeCase, phase: Phase) -> None:
    """The app may hold the certificate of the new key alone: without that key nobody could log in."""
    these = case()
    these.to(phase)
    DEEDS["names another user"].do(these.world)
    assert these.go_on().phase is Phase.FINISHED
    assert these.holds()
    current = these.world.connection_at(CURRENT)
    assert current is not None
    assert current.username == "other@acme.example"


def test_a_way_back_that_somebody_has_taken_is_not_undone(case: MakeCase) -> None:
    """The run that has moved AWSCURRENT ends before it can note that, and somebody moves it back."""
    these = case()
    these.to(Phase.FINISHING)
    labels = these.world.secrets.labels
    labels |= {CURRENT: "version-0000000000000000000000000", PREVIOUS: labels[PENDING]}
    assert these.go_on().phase is Phase.VOID
    assert labels[CURRENT] == "version-0000000000000000000000000"


def test_a_secret_that_is_deleted_for_a_while_loses_nothing(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    these.world.secrets.is_deleted = True
    end = these.world.time + 3600
    these.go_on(lambda _: these.world.time > end)
    these.world.secrets.is_deleted = False
    assert these.go_on().phase is Phase.FINISHED


def test_a_secret_that_cannot_be_read_decides_nothing(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    text = these.world.secrets.texts["version-0000000000000000000000000"]
    these.world.secrets.texts["version-0000000000000000000000000"] = text[:-1]
    end = these.world.time + 3600
    standing = these.go_on(lambda _: these.world.time > end)
    assert standing.is_open
    these.world.secrets.texts["version-0000000000000000000000000"] = text
    assert these.go_on().phase is Phase.FINISHED


# --- a key in KMS that whoever logs in may not use ---


def test_a_key_in_kms_that_nobody_may_use_is_never_deployed(case: MakeCase) -> None:
    these = case("two keys in KMS")
    before = these.key_id
    these.world.denied.add(key_id_of(f"{ARN}2"))
    assert these.rotate().phase is Phase.CANCELLED
    assert "KMS denies" in these.rotation.standing(NAME).words
    assert these.world.org.deployments == []
    assert these.world.tries == []
    assert "upload" not in [news.kind for news in these.world.announcer.told]
    assert these.key_id == before


def test_a_key_in_kms_is_shown_to_be_usable_once(case: MakeCase) -> None:
    these = case("two keys in KMS")
    these.to(Phase.SETTING)
    these.go_on(lambda _: bool(these.world.tries))
    assert these.world.org.deployments == []
    assert [is_in for _, _, is_in in these.world.tries] == [False]
    assert these.go_on().phase is Phase.FINISHED
    assert [is_in for _, _, is_in in these.world.tries] == [False, *[True] * 5]


def test_an_org_that_does_not_answer_costs_no_further_login(case: MakeCase) -> None:
    these = case("two keys in KMS")
    these.to(Phase.SETTING)
    these.go_on(lambda _: bool(these.world.tries))
    these.world.org.is_down = True
    end = these.world.time + 3600
    these.go_on(lambda _: these.world.time > end)
    these.world.org.is_down = False
    assert these.go_on().phase is Phase.FINISHED
    assert len([is_in for _, _, is_in in these.world.tries if not is_in]) == 1


def test_a_key_in_the_secret_is_not_tried_before_its_certificate_is_there(case: MakeCase) -> None:
    these = case()
    these.rotate()
    assert all(is_in for _, _, is_in in these.world.tries)


def test_a_key_that_kms_denies_later_is_given_up_while_callers_have_tokens(case: MakeCase) -> None:
    these = case("two keys in KMS")
    these.to(Phase.TESTING)
    before, deployed_at = these.key_id, these.world.time
    these.world.denied.add(key_id_of(f"{ARN}2"))
    these.go_on(lambda standing: standing.phase is Phase.CANCELLING)
    these.go_on(lambda _: len(these.world.org.deployments) == 2)
    assert these.world.time - deployed_at < 300
    assert these.go_on().phase is Phase.CANCELLED
    assert (these.key_id, these.holds()) == (before, True)


def test_somebody_who_uploads_is_told_that_kms_denies_the_key(case: MakeCase) -> None:
    these = case("two keys in KMS", admin_connection="")
    these.to(Phase.WAITING)
    these.upload()
    these.world.denied.add(key_id_of(f"{ARN}2"))
    these.rotation.finish(NAME, these.run)
    these.go_on(lambda standing: standing.refusals > 0)
    assert "KMS denies" in these.world.announcer.told[-1].words
    these.world.denied.clear()
    assert these.go_on().phase is Phase.FINISHED


# --- a sandbox has the apps of its production org, and their consumer keys ---


def test_an_admin_connection_of_another_org_changes_nothing(case: MakeCase) -> None:
    these = case()
    these.world.org.admins_org = "00D5g0000000002EAA"
    assert these.rotate().phase is Phase.CANCELLED
    assert these.world.org.deployments == []
    assert "another org" in these.rotation.standing(NAME).words


def test_nor_is_the_old_certificate_put_back_in_another_org(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    deployments = list(these.world.org.deployments)
    these.world.org.admins_org = "00D5g0000000002EAA"
    these.cancel()
    end = these.world.time + 3600
    standing = these.go_on(lambda _: these.world.time > end)
    assert (standing.phase, these.world.org.deployments) == (Phase.CANCELLING, deployments)


# --- callers need a young token before the app is changed ---


@pytest.mark.parametrize("hours", [1, 2])
def test_no_certificate_is_deployed_while_nobody_can_log_in_ahead(case: MakeCase, hours: int) -> None:
    these = case()
    these.to(Phase.SETTING)
    these.world.keeper.is_gone = True
    end = these.world.time + hours * 3600
    these.go_on(lambda _: these.world.time > end)
    assert these.world.org.deployments == []
    these.world.keeper.is_gone = False
    assert these.go_on().phase is Phase.FINISHED


def test_a_key_that_is_refused_already_is_replaced_all_the_same(case: MakeCase) -> None:
    these = case()
    app = these.world.org.apps["orders"]
    shown = app.certificate
    these.world.org.upload(app, certificate_of("of nobody"))
    app.certificate = shown  # the key is refused, though the app has its certificate
    these.rotate()
    assert these.world.org.deployments


def test_somebody_who_uploads_is_asked_even_in_an_outage(case: MakeCase) -> None:
    these = case("attended")
    these.to(Phase.SETTING)
    these.world.keeper.is_gone = True
    these.go_on(lambda standing: standing.phase is Phase.WAITING)
    assert these.world.notes.certificate is not None


def test_its_end_says_why_it_was_decided_whatever_came_between(case: MakeCase) -> None:
    these = case()
    these.to(Phase.TESTING)
    DEEDS["taints the new key"].do(these.world)
    these.world.org.refuses_admin = True
    end = these.world.time + 3600
    assert "cannot be put back" in these.go_on(lambda _: these.world.time > end).words
    these.world.org.refuses_admin = False
    assert these.go_on().words == "The new key is tainted."
    assert these.world.announcer.told[-1].words.startswith("The new key is tainted.")
