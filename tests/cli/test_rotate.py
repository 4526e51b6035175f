"""`sfmint rotate`: the stack's function is asked again until a rotation has ended, and a person is told the one next step."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.command_line import CommandLine, Ended
from cli.conftest import Account
from cli.fake_rotation import (
    CANCELLED,
    CANCELLING,
    FINISHED,
    NOON,
    NOTHING,
    SETTING,
    VOID,
    WAITING,
    FakeRotation,
    beside_the_keeper,
    tried,
)
from lambda_service import DENIED, THROTTLED, TIMED_OUT
from sfmint.salesforce.access_token import iso8601
from sfmint_cli.rotation.standing import MEANINGS
from sfmint_local import places
from sfmint_testing.fakes import FakeClock

if TYPE_CHECKING:
    from conftest import KeyPair

SECRET_ID = "sfmint/acme/my-org"
REFUSED = {"errorType": "RotationRefused", "errorMessage": "Tokens end too early for one app. Use two apps."}

type Rotate = Callable[..., Ended]


@pytest.fixture
def rotation(account: Account) -> FakeRotation:
    return beside_the_keeper(account)


@pytest.fixture
def clock(sfmint: CommandLine) -> FakeClock:
    sfmint.clock = clock = FakeClock(NOON)
    return clock


@pytest.fixture
def stored(account: Account, key_pair: "KeyPair", other_key_pair: "KeyPair", sfmint: CommandLine) -> dict[str, Any]:
    """Return the fields of the secret."""
    sfmint.keys.add(other_key_pair.pem)
    fields = {
        "consumer_key": "3MVG9.key",
        "username": "integration@acme.example",
        "token_host": "https://acme.my.salesforce.com",
        "private_key": key_pair.pem,
        "certificate": key_pair.certificate,
    }
    account.secrets.create_secret(Name=SECRET_ID, SecretString=json.dumps(fields))
    return fields


@pytest.fixture
def rotate(sfmint: CommandLine, clock: FakeClock, rotation: FakeRotation, stored: dict[str, Any]) -> Rotate:
    """Run `rotate ACTION my-org --json`."""
    del clock, rotation, stored
    return lambda action, *flags: sfmint("rotate", action, "my-org", "--json", *flags)


def test_a_rotation_of_which_nobody_has_to_do_anything_begins_and_goes_on_by_itself(
    rotate: Rotate, rotation: FakeRotation, sfmint: CommandLine
) -> None:
    rotation.answer(status=[NOTHING], start=[SETTING], advance=[SETTING, tried()])
    ended = rotate("start")
    assert (ended.code, ended.document["phase"], ended.document["resumed"]) == (0, "testing", False)
    assert rotation.asked == ["status", "start", "advance", "advance"]
    rotation.answer(status=[NOTHING], start=[tried()])
    assert "to watch it until the end: sfmint rotate finish my-org" in sfmint("rotate", "start", "my-org").stderr


def test_an_attended_rotation_says_how_to_get_the_certificate(
    rotate: Rotate, rotation: FakeRotation, sfmint: CommandLine
) -> None:
    rotation.answer(status=[NOTHING], start=[WAITING])
    assert rotate("start").document["phase"] == "waiting"
    ended = sfmint("rotate", "start", "my-org")
    assert "sfmint rotate status my-org --certificate my-org-next.crt\n" in ended.stderr


def test_an_operator_who_may_only_invoke_the_function_is_told_all(
    rotate: Rotate, rotation: FakeRotation, denied: set[str], other_key_pair: "KeyPair", tmp_path: Path
) -> None:
    denied |= {"GetSecretValue", "DescribeSecret", "GetParameter"}
    rotation.answer(status=[NOTHING], start=[WAITING])
    assert rotate("start").code == 0
    rotation.answer(status=[{**WAITING, "certificate": other_key_pair.certificate}])
    assert rotate("status", "--certificate", tmp_path / "next.crt").code == 0
    assert (tmp_path / "next.crt").read_text() == other_key_pair.certificate
    rotation.answer(cancel=[CANCELLING])
    assert rotate("cancel").document["error"]["name"] == "RotationCancelled"


def test_a_rotation_that_is_pending_is_resumed_and_that_is_said(rotate: Rotate, rotation: FakeRotation) -> None:
    rotation.answer(status=[tried(logins=2)], start=[tried(logins=2)])
    ended = rotate("start")
    assert (ended.code, ended.document["resumed"]) == (0, True)
    assert "A rotation of my-org is pending already, so this goes on with it." in ended.stderr


def test_an_org_that_refuses_the_deployment_is_told_at_once(rotate: Rotate, rotation: FakeRotation) -> None:
    said = "The user of admin-acme lacks a right."
    rotation.answer(status=[NOTHING], start=[SETTING], advance=[{"phase": "cancelling", "words": said}])
    ended = rotate("start")
    assert (ended.code, ended.document["error"]["name"]) == (1, "RotationCancelled")
    assert said in ended.document["error"]["cause"]


def test_what_the_function_refuses_to_begin_is_told_in_its_words(rotate: Rotate, rotation: FakeRotation) -> None:
    rotation.answer(status=[NOTHING], start=[REFUSED])
    ended = rotate("start")
    assert ended.code == 1
    assert ended.document["error"] == {
        "name": "RotationRefused",
        "cause": "Tokens end too early for one app.",
        "remedy": "Use two apps.",
    }


GIVEN = ("--app", "orders", "--other-app", "orders_b", "--other-consumer-key", "3MVG9.other")


def test_the_fields_that_are_given_stand_in_the_secret_before_the_rotation_begins(
    rotate: Rotate, rotation: FakeRotation, account: Account, stored: dict[str, Any]
) -> None:
    account.cloud_formation.stacks["acme"][0]["AdminConnections"] = "admin-acme"
    seen: list[dict[str, Any]] = []
    rotation.on_ask = lambda action: seen.append(json.loads(account.secret())) if action == "start" else None
    rotation.answer(status=[NOTHING], start=[tried()])
    assert rotate("start", "--admin-connection", "admin-acme", *GIVEN).code == 0
    named = {"app": "orders", "other_app": "orders_b", "other_consumer_key": "3MVG9.other"}
    assert seen == [{**stored, "admin_connection": "admin-acme", **named}]
    before = account.secrets.describe_secret(SecretId=SECRET_ID)["VersionIdsToStages"]
    assert rotate("start", *GIVEN).code == 0
    assert account.secrets.describe_secret(SecretId=SECRET_ID)["VersionIdsToStages"] == before


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        (("--admin-connection", "other-org"), "NoAdminConnection"),
        (("--admin-connection", "admin-none"), "ConnectionNotFound"),
        (("--other-app", "b", "--other-consumer-key", "3MVG9.key"), "InvalidCredentials"),
        (("--app", "no name"), "InvalidCredentials"),
    ],
)
def test_fields_that_cannot_be_meant_are_refused_before_anything_is_written_or_begun(
    rotate: Rotate, rotation: FakeRotation, account: Account, flags: tuple[str, ...], name: str
) -> None:
    before = account.secret()
    ended = rotate("start", *flags)
    assert (ended.code, ended.document["error"]["name"]) == (1, name)
    assert account.secret() == before
    assert "start" not in rotation.asked


@pytest.mark.parametrize("flags", [("--other-app", "b"), ("--other-consumer-key", "3MVG9.other"), ("--app", " ")])
def test_half_of_an_app_is_a_wrong_command_line(rotate: Rotate, rotation: FakeRotation, flags: tuple[str, ...]) -> None:
    assert rotate("start", *flags).code == 2
    assert rotation.asked == []


def test_the_fields_stay_as_they_are_while_a_rotation_is_pending(
    rotate: Rotate, rotation: FakeRotation, account: Account
) -> None:
    before = account.secret()
    rotation.answer(status=[tried()], start=[tried()])
    assert rotate("start", *GIVEN).document["error"]["name"] == "RotationPending"
    assert account.secret() == before
    assert "start" not in rotation.asked


def test_a_connection_without_a_secret_has_no_fields_to_write(
    rotate: Rotate, rotation: FakeRotation, account: Account
) -> None:
    account.secrets.delete_secret(SecretId=SECRET_ID, ForceDeleteWithoutRecovery=True)
    assert rotate("start", *GIVEN).document["error"]["name"] == "ConnectionNotFound"
    assert "start" not in rotation.asked


def test_status_asks_once_and_changes_nothing(rotate: Rotate, rotation: FakeRotation) -> None:
    rotation.answer(status=[tried(logins=3, next_at=NOON + 75)])
    ended = rotate("status")
    assert ended.code == 0
    assert {name: ended.document[name] for name in ("phase", "logins", "refusals", "next_at")} == {
        "phase": "testing",
        "logins": 3,
        "refusals": 0,
        "next_at": iso8601(NOON + 75),
    }
    assert rotation.asked == ["status"]


@pytest.mark.parametrize(("phase", "way"), [("testing", "finish"), ("finishing", "finish"), ("cancelling", "cancel")])
def test_what_goes_on_is_watched_by_the_command_that_sees_it_to_its_end(
    sfmint: CommandLine, rotation: FakeRotation, phase: str, way: str
) -> None:
    rotation.answer(status=[tried() | {"phase": phase}])
    assert sfmint("rotate", "status", "my-org").stderr.rstrip().endswith(f"sfmint rotate {way} my-org")


def test_why_a_cancelled_rotation_rests_is_told(rotate: Rotate, rotation: FakeRotation) -> None:
    rests = CANCELLING | {"refusals": 0, "next_at": NOON + 600}
    rotation.answer(cancel=[rests], advance=[rests, rests, rests, CANCELLED])
    told = rotate("cancel").stderr
    assert "The next step is in about 10 min, for until then a change of the app may be on its way." in told
    assert told.count("The next step is in") == 1


def test_a_rotation_that_has_been_refused_for_a_quarter_of_an_hour_is_a_finding(
    rotate: Rotate, rotation: FakeRotation
) -> None:
    rotation.answer(status=[tried(refusals=4)])
    assert rotate("status").code == 0
    rotation.answer(status=[tried(refusals=5)])
    ended = rotate("status")
    assert (ended.code, ended.document["error"]["name"]) == (1, "RotationPending")
    assert ended.document["error"]["remedy"].endswith("then go on: sfmint rotate finish my-org")


def test_a_phase_of_which_the_function_says_nothing_more_is_explained(rotate: Rotate, rotation: FakeRotation) -> None:
    for phase, meaning in MEANINGS.items():
        rotation.answer(status=[{"phase": phase, "words": ""}])
        assert rotate("status").document["what"] == meaning


def test_the_page_on_rotation_explains_each_phase_in_the_same_words() -> None:
    page = (places.ROOT / "docs/rotation.md").read_text()
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)) == MEANINGS


def test_the_published_certificate_is_written_with_the_clicks_that_upload_it(
    rotate: Rotate, rotation: FakeRotation, other_key_pair: "KeyPair", tmp_path: Path
) -> None:
    rotation.answer(status=[{**WAITING, "certificate": other_key_pair.certificate}])
    path = tmp_path / "next.crt"
    ended = rotate("status", "--certificate", path)
    assert (ended.code, path.read_text()) == (0, other_key_pair.certificate)
    clicks = ended.document["clicks"]
    assert any("External Client App Manager, my_org," in each and str(path) in each for each in clicks)
    assert rotate("status", "--certificate", path).code == 0


def test_the_clicks_name_the_app_that_the_function_names(
    rotate: Rotate, rotation: FakeRotation, other_key_pair: "KeyPair", tmp_path: Path
) -> None:
    rotation.answer(status=[{**WAITING, "certificate": other_key_pair.certificate, "app": "orders_b"}])
    shown = rotate("status", "--certificate", tmp_path / "1.crt").document["clicks"]
    assert any(" orders_b," in each for each in shown)


@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_lies_there_already_is_never_written_over_nor_through(
    rotate: Rotate, rotation: FakeRotation, other_key_pair: "KeyPair", tmp_path: Path, kind: str
) -> None:
    rotation.answer(status=[{**WAITING, "certificate": other_key_pair.certificate}])
    path, elsewhere = tmp_path / "next.crt", tmp_path / "elsewhere"
    match kind:
        case "file":
            path.write_text("mine")
        case "link":
            path.symlink_to(elsewhere)
        case _:
            path.mkdir()
    ended = rotate("status", "--certificate", path)
    assert (ended.code, ended.document["error"]["name"]) == (1, "FileExists")
    assert not elsewhere.exists()
    assert kind != "file" or path.read_text() == "mine"


def test_without_a_published_certificate_no_file_is_made(
    rotate: Rotate, rotation: FakeRotation, tmp_path: Path
) -> None:
    rotation.answer(status=[tried()])
    ended = rotate("status", "--certificate", tmp_path / "next.crt")
    assert (ended.code, ended.document["error"]["name"]) == (1, "NoCertificate")
    assert list(tmp_path.glob("next*")) == []


def test_finish_goes_on_until_the_end_and_waits_as_told(
    rotate: Rotate, rotation: FakeRotation, clock: FakeClock
) -> None:
    steps = [tried(logins=logins, next_at=NOON + 50 * logins) for logins in range(1, 5)]
    rotation.answer(finish=[tried()], advance=[*steps, FINISHED])
    times: list[float] = []
    rotation.on_ask = lambda _action: times.append(clock.now() - NOON)
    ended = rotate("finish")
    assert (ended.code, ended.document["phase"]) == (0, "finished")
    assert times == [0, 2, 50, 100, 150, 200]
    assert "The new key is tried. (logins in a row: 4)" in ended.stderr
    assert rotation.asked.count("finish") == 1


def test_what_has_not_changed_is_told_once(rotate: Rotate, rotation: FakeRotation) -> None:
    still = tried(logins=2, next_at=NOON + 300)
    rotation.answer(finish=[still], advance=[*[still] * 4, tried(logins=3, next_at=NOON + 300), FINISHED])
    told = rotate("finish").stderr.splitlines()
    assert [line for line in told if "logins in a row" in line] == [
        "The new key is tried. (logins in a row: 2)",
        "The new key is tried. (logins in a row: 3)",
    ]


def test_a_machine_whose_clock_is_off_asks_each_minute_all_the_same(
    rotate: Rotate, rotation: FakeRotation, clock: FakeClock
) -> None:
    rotation.answer(finish=[tried(next_at=NOON + 7200)], advance=[tried(next_at=NOON + 7200), FINISHED])
    assert rotate("finish").code == 0
    assert clock.now() - NOON == 120


@pytest.mark.parametrize("answers", [1, 5], ids=str)
@pytest.mark.parametrize("lost", [THROTTLED, TIMED_OUT, b"<html>"], ids=["throttled", "timed out", "no JSON"])
def test_an_answer_that_is_lost_is_no_end(rotate: Rotate, rotation: FakeRotation, lost: Any, answers: int) -> None:
    rotation.answer(finish=[tried()], advance=[lost] * answers + [FINISHED])
    ended = rotate("finish")
    assert (ended.code, ended.document["phase"]) == (0, "finished")
    assert "Nothing is lost: it is asked again." in ended.stderr


def test_a_rotation_that_makes_no_step_forward_is_not_followed_for_ever(
    rotate: Rotate, rotation: FakeRotation, clock: FakeClock
) -> None:
    """An outage is no refusal, and the function says of it only that it looks again in a minute."""
    rotation.answer(advance=[tried()])
    ended = rotate("finish")
    assert (ended.code, ended.document["error"]["name"]) == (1, "RotationPending")
    assert 2700 < clock.now() - NOON < 2800


@pytest.mark.parametrize("error", ["RotationPending", "CacheUnavailable", "InternalError"])
def test_what_the_function_says_of_the_moment_is_asked_again(
    rotate: Rotate, rotation: FakeRotation, error: str
) -> None:
    busy = {"errorType": error, "errorMessage": "Others change it. Call again."}
    rotation.answer(finish=[busy, busy, tried()], advance=[FINISHED])
    assert rotate("finish").code == 0


def test_a_function_that_never_answers_is_given_up(rotate: Rotate, rotation: FakeRotation) -> None:
    rotation.answer(advance=[TIMED_OUT])
    ended = rotate("finish")
    assert (ended.code, ended.document["error"]["name"]) == (1, "RotationFailed")
    assert len(rotation.asked) == 6


@pytest.mark.parametrize(
    ("standing", "name", "goes_on"),
    [
        (WAITING, "RotationWaits", "go on: sfmint rotate finish my-org"),
        (tried(refusals=5), "RotationPending", "go on: sfmint rotate finish my-org"),
        (NOTHING, "NoRotation", "sfmint rotate start my-org"),
        (CANCELLED, "RotationCancelled", "sfmint rotate start my-org"),
        (VOID, "RotationVoid", "sfmint rotate start my-org"),
    ],
    ids=["waiting", "refused", "none", "cancelled", "void"],
)
def test_an_end_that_was_not_wanted_is_a_finding_with_the_one_next_command(
    rotate: Rotate, rotation: FakeRotation, standing: Any, name: str, goes_on: str
) -> None:
    rotation.answer(finish=[standing], advance=[standing])
    ended = rotate("finish")
    assert (ended.code, ended.document["error"]["name"]) == (1, name)
    assert ended.document["error"]["remedy"].endswith(goes_on)
    assert ended.document["phase"] == standing["phase"]


@pytest.mark.parametrize("action", ["finish", "cancel"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_interrupt_says_that_nothing_is_lost_and_how_to_go_on(
    rotate: Rotate, rotation: FakeRotation, clock: FakeClock, action: str, at: int
) -> None:
    rotation.answer(**{action: [tried()]}, advance=[tried(logins=1), tried(logins=2), FINISHED])
    sleeps = iter(range(100))

    def press() -> None:
        if next(sleeps) == at:
            raise KeyboardInterrupt

    clock.on_sleep = press
    ended = rotate(action)
    assert (ended.code, ended.document["error"]["name"]) == (130, "Interrupted")
    assert ended.document["error"]["remedy"].endswith(f"sfmint rotate {action} my-org")


def test_cancel_goes_on_until_the_old_key_is_sure(rotate: Rotate, rotation: FakeRotation) -> None:
    rotation.answer(
        cancel=[{**tried(), "phase": "cancelling"}], advance=[{**tried(3), "phase": "cancelling"}, CANCELLED]
    )
    ended = rotate("cancel")
    assert (ended.code, ended.document["phase"]) == (0, "cancelled")
    assert rotation.asked == ["cancel", "advance", "advance"]


@pytest.mark.parametrize("standing", [NOTHING, CANCELLED, VOID], ids=["none", "cancelled", "void"])
def test_to_cancel_what_does_not_go_on_is_done_at_once(rotate: Rotate, rotation: FakeRotation, standing: Any) -> None:
    rotation.answer(cancel=[standing])
    assert rotate("cancel").code == 0


def test_a_rotation_that_has_finished_cannot_be_cancelled_and_the_way_back_is_told(
    rotate: Rotate, rotation: FakeRotation
) -> None:
    rotation.answer(cancel=[FINISHED])
    ended = rotate("cancel")
    assert (ended.code, ended.document["error"]["name"]) == (1, "RotationFinished")
    assert ended.document["error"]["remedy"].endswith("sfmint connection add my-org --rollback")


@pytest.mark.parametrize("action", ["finish", "cancel"])
def test_a_certificate_that_has_to_be_put_back_by_a_person_is_a_finding(
    rotate: Rotate, rotation: FakeRotation, action: str
) -> None:
    rotation.answer(**{action: [{**tried(), "phase": "cancelling"}]}, advance=[CANCELLING])
    ended = rotate(action)
    assert (ended.code, ended.document["error"]["name"]) == (1, "RotationCancelled")
    assert "sfmint rotate status my-org --certificate" in ended.document["error"]["remedy"]
    assert ended.document["error"]["remedy"].endswith("see it to its end: sfmint rotate cancel my-org")


def test_with_an_admin_connection_nobody_is_asked_to_upload_anything(
    rotate: Rotate, rotation: FakeRotation, sfmint: CommandLine
) -> None:
    cancelling, waiting = {**CANCELLING, "is_attended": False}, {**WAITING, "is_attended": False}
    rotation.answer(cancel=[cancelling], advance=[cancelling, cancelling, CANCELLED])
    assert rotate("cancel").code == 0
    rotation.answer(status=[NOTHING], start=[{**waiting, "has_moved": True}], advance=[waiting])
    assert "next: it goes on by itself" in sfmint("rotate", "start", "my-org").stderr


@pytest.mark.parametrize("action", ["start", "status", "finish", "cancel"])
@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (DENIED, "AccessDenied"),
        ({"errorType": "ConnectionNotFound", "errorMessage": "There is no secret. Store one."}, "ConnectionNotFound"),
        ({"said": "hello"}, "StackTooOld"),
        ({"phase": 7, "words": ["no"]}, "StackTooOld"),
    ],
    ids=["denied", "refused", "something else", "other types"],
)
def test_what_lambda_or_the_function_refuses_is_told(
    rotate: Rotate, rotation: FakeRotation, action: str, answer: Any, name: str
) -> None:
    rotation.answer(advance=[answer])
    ended = rotate(action)
    assert (ended.code, ended.document["error"]["name"]) == (1, name)


@pytest.mark.parametrize("action", ["start", "status", "finish", "cancel"])
def test_a_stack_that_rotates_no_keys_is_too_old(rotate: Rotate, account: Account, action: str) -> None:
    del account.cloud_formation.stacks["acme"][1]["RotationArn"]
    assert rotate(action).document["error"]["name"] == "StackTooOld"


@pytest.mark.parametrize("value", [None, -1e9, True, "soon", 1e40, float("nan"), [], {}], ids=str)
def test_a_time_or_count_that_cannot_be_is_as_good_as_none(
    rotate: Rotate, rotation: FakeRotation, value: object
) -> None:
    rotation.answer(status=[{**tried(), "next_at": value, "began_at": value, "logins": value}])
    ended = rotate("status")
    assert (ended.code, ended.document["next_at"], ended.document["logins"]) == (0, None, 0)
