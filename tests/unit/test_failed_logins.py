"""A failed login is a state of the row: remembered, told in words, and over when its cause is."""

from base64 import b64encode
from typing import Any

import pytest

from sfmint.errors import (
    AssertionRejected,
    CacheUnavailable,
    ConnectionNotFound,
    LoginRateExceeded,
    SalesforceUnavailable,
    SfmintError,
)
from sfmint.request import StatusRequest
from sfmint.salesforce.login_failures.reason import Backoff, Reason
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.telemetry import NotMinted, RefreshFailed
from sfmint.use_cases.broker import Broker
from sfmint_testing.fakes import FakeChance, a_connection
from sfmint_testing.world import World, get_token
from sfmint_values.secret import Secret
from unit.pauses import pauses


def test_a_refusal_is_remembered_so_that_a_storm_costs_one_login() -> None:
    world = World()
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_audience"]))
    messages = set()
    for _ in range(50):
        with pytest.raises(AssertionRejected) as caught:
            get_token(world.broker())
        messages.add(str(caught.value))
    assert world.salesforce.logins == 1
    assert len(messages) == 1
    assert "audience" in messages.pop()


EXPIRED = LoginFailed(
    REASONS["assertion_expired"],
    detail="this machine's clock is 15 minutes behind Salesforce's",
    said="invalid_grant: expired authorization code",
)


def test_what_is_known_of_the_case_is_remembered_and_told_to_everyone() -> None:
    world = World()
    world.salesforce.fail_next("exchange", EXPIRED)
    brokers = [world.broker() for _ in range(3)]
    messages = {message_of(broker) for broker in brokers}
    assert messages == {str(EXPIRED.to_error())}
    assert "15 minutes behind" in messages.pop()
    failure = world.broker().status(StatusRequest(connection="orders"))["failure"]
    assert "15 minutes behind" in failure["message"]


def test_salesforces_own_words_are_for_the_log() -> None:
    world = World()
    world.salesforce.fail_next("exchange", EXPIRED)
    assert EXPIRED.said not in message_of(world.broker())
    (refused,) = world.telemetry.select(NotMinted)
    assert isinstance(refused, NotMinted)
    assert (refused.reason, refused.said) == ("assertion_expired", EXPIRED.said)
    assert EXPIRED.said not in str(world.row())


def test_what_was_known_of_a_case_goes_with_it() -> None:
    world = World()
    world.salesforce.fail_next("exchange", EXPIRED, LoginFailed(REASONS["wrong_key"]))
    message_of(world.broker())
    assert world.row().failure_detail == EXPIRED.detail
    world.clock.time += 60
    assert message_of(world.broker()) == str(REASONS["wrong_key"].to_error())
    assert world.row().failure_detail is None
    world.clock.time += 120
    world.salesforce.fail_next("exchange", EXPIRED)
    message_of(world.broker())
    world.clock.time += 900
    assert get_token(world.broker())["source"] == "minted"
    assert world.row().failure_detail is None


@pytest.mark.parametrize("kind", [AssertionRejected, LoginRateExceeded, SalesforceUnavailable, CacheUnavailable])
def test_a_reason_of_a_later_version_keeps_its_class(kind: type[SfmintError]) -> None:
    world = World()
    world.salesforce.fail_next(
        "exchange",
        LoginFailed(
            later := Reason(
                code="of_a_later_version", error=kind, backoff=Backoff.PERMANENT, cause="New.", steps=("mend it",)
            )
        ),
    )
    with pytest.raises(kind, match=str(later.to_error())):
        get_token(world.broker())
    with pytest.raises(kind, match="The last login failed"):
        get_token(world.broker())
    assert world.salesforce.logins == 1


def test_an_answer_that_is_no_token_is_told_by_what_it_lacks() -> None:
    world = World()
    world.salesforce.answers = {"instance_url": "https://evil.example"}
    assert "its instance_url is not a host of Salesforce" in message_of(world.broker())


LEAKED = "00Dxx0000000001!AQEAQNm.4sT8vWx2Zb6dFh1Jk3Lm5Np7Qr9St0Uv"
PIECES = [LEAKED, LEAKED[16:30], LEAKED[::-1][::-1].upper(), LEAKED.encode().hex(), b64encode(LEAKED.encode()).decode()]


@pytest.mark.parametrize("piece", [*PIECES, " ".join(LEAKED[16:]), "assertion-53fb4d1bb0aaf9fd-integration"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("scope", "api {} full"),
        ("scope", "{}"),
        ("id", "https://login.salesforce.com/{}/id/00Dxx0000000001EAA/005xx000001Sv6AAAS"),
    ],
)
def test_an_answer_that_repeats_what_was_sent_or_the_token_is_malformed_and_remembered(
    field: str, value: str, piece: str
) -> None:
    world = World()
    world.salesforce.answers = {"access_token": LEAKED, field: value.format(piece)}
    for _ in range(5):
        told = message_of(world.broker())
        assert told.startswith("The token host gave an answer that is no token answer: it")
        assert piece not in told
    assert world.salesforce.logins == 1
    assert world.row().sealed is None


def test_a_user_whose_id_is_a_piece_of_the_token_is_none() -> None:
    world = World()
    identity = "https://login.salesforce.com/id/00Dxx0000000001EAA/{}"
    world.salesforce.answers = {
        "access_token": "00Dxx0000000001!005AQm4sT8vWx2Zb6dFh",
        "id": identity.format("005AQm4sT8vWx2Z"),
    }
    assert "it repeats a secret in another field" in message_of(world.broker())
    world.clock.time += 60
    world.salesforce.answers["id"] = identity.format("005xx000001Sv6AAAS")
    assert get_token(world.broker())["user_id"] == "005xx000001Sv6AAAS"


def message_of(broker: Broker) -> str:
    with pytest.raises(SfmintError) as raised:
        get_token(broker)
    return str(raised.value)


@pytest.mark.parametrize("change", [{"audience": "https://login.salesforce.com"}, {"private_key": Secret("new")}])
def test_a_repaired_secret_heals_at_once(change: dict[str, Any]) -> None:
    world = World()
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_audience"]))
    with pytest.raises(AssertionRejected):
        get_token(world.broker())
    world.credentials.connections["orders"] = a_connection(**change)
    assert get_token(world.broker())["source"] == "minted"


def test_a_rate_limit_holds_for_every_key() -> None:
    world = World()
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["login_rate"]))
    for key in ("one", "two"):
        world.credentials.connections["orders"] = a_connection(private_key=Secret(key))
        with pytest.raises(LoginRateExceeded):
            get_token(world.broker())
    assert world.salesforce.logins == 1


def test_permanent_refusals_are_tried_again_after_waits_that_double() -> None:
    assert pauses(World(), "ip_restricted", 6) == [60, 120, 240, 480, 900, 900]


def test_two_keys_that_are_refused_are_tried_again_every_two_minutes_at_the_latest_for_a_change_may_arrive() -> None:
    world = World()
    world.credentials.made_ready["orders"] = a_connection(private_key=Secret("made ready"))
    assert pauses(world, "ip_restricted", 6, keys=2) == [60, 120, 120, 120, 120, 120]


def test_a_wrong_key_is_tried_each_minute_for_as_long_as_a_change_of_the_app_may_take_to_arrive() -> None:
    assert pauses(World(), "wrong_key", 12) == [60] * 11 + [120]


def test_a_new_key_that_is_refused_begins_with_the_first_pause() -> None:
    world = World()
    for _ in range(3):
        world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_key"]))
        message_of(world.broker())
        world.clock.time = (world.row().failure_until or 0) - 1
        message_of(world.broker())
        world.clock.time += 1
    world.clock.time -= 1  # the last failure is still remembered
    world.credentials.connections["orders"] = a_connection(private_key=Secret("another"))
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["wrong_key"]))
    message_of(world.broker())
    assert world.row().failure_until == world.clock.time + 60
    assert world.salesforce.logins == 4


@pytest.mark.parametrize(("share", "expected"), [(0, [2, 4, 8, 16, 32, 60, 60]), (1, [3, 6, 12, 24, 48, 60, 60])])
def test_transient_faults_are_tried_again_after_seconds_that_chance_makes_up_to_half_longer(
    share: float, expected: list[float]
) -> None:
    world = World(chance=FakeChance(share))
    waits = []
    for _ in expected:
        world.salesforce.fail_next("exchange", LoginFailed(REASONS["no_answer"]))
        with pytest.raises(SalesforceUnavailable):
            get_token(world.broker())
        until = world.row().failure_until
        assert until is not None
        waits.append(round(until - world.clock.time, 3))
        world.clock.time = until
    assert waits == expected


@pytest.mark.parametrize(("asked_s", "kept_s"), [(1, 2.5), (30, 30), (3600, 3600), (86_400, 3600)])
def test_the_pause_that_salesforce_asks_for_is_kept_up_to_an_hour(asked_s: float, kept_s: float) -> None:
    world = World()
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["salesforce_fault"], retry_after_s=asked_s))
    message_of(world.broker())
    until = world.row().failure_until
    assert until is not None
    assert until - world.clock.time == pytest.approx(kept_s)
    world.clock.time = until - 0.001
    message_of(world.broker())
    assert world.salesforce.logins == 1
    world.clock.time = until
    assert get_token(world.broker())["source"] == "minted"


def test_a_good_token_outlives_a_failing_refresh() -> None:
    world = World()
    first = get_token(world.broker())
    world.clock.time += 460
    world.salesforce.fail_next("exchange", LoginFailed(REASONS["salesforce_fault"]))
    answer = get_token(world.broker())
    assert (answer["source"], answer["fingerprint"]) == ("cache", first["fingerprint"])
    assert world.telemetry.select(NotMinted)
    assert world.telemetry.select(RefreshFailed)
    get_token(world.broker())
    assert world.salesforce.logins == 2


def test_a_token_that_is_over_when_it_arrives_is_a_failure() -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(lifetime_s=60)
    world.salesforce.takes_s = 31
    with pytest.raises(SalesforceUnavailable):
        get_token(world.broker())
    assert world.row().fingerprint is None


def test_the_login_budget_ends_with_the_hour() -> None:
    world = World(budget=2)
    for _ in range(2):
        get_token(world.broker())
        world.clock.time += 856
    with pytest.raises(LoginRateExceeded):
        get_token(world.broker())
    world.clock.time += 3600
    assert get_token(world.broker())["source"] == "minted"


def test_a_connection_without_credentials_is_said_with_the_command_that_creates_them() -> None:
    world = World()
    world.credentials.connections.clear()
    with pytest.raises(ConnectionNotFound, match="sfmint connection add orders --stack test"):
        get_token(world.broker())


ANOTHER_ORG = "00Dxx0000000002"


def test_a_token_of_another_org_is_refused_remembered_and_told_with_both_ids() -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(org_id=ANOTHER_ORG)
    messages = {message_of(world.broker()) for _ in range(3)}
    assert world.salesforce.logins == 1
    assert world.row().failure_reason == "wrong_org"
    assert len(messages) == 1
    message = messages.pop()
    assert "it is of 00Dxx0000000001EAA, and expected is 00Dxx0000000002" in message
    assert "refresh of a sandbox" in message
    assert world.row().fingerprint is None


@pytest.mark.parametrize("answers", [{"id": ""}, {"id": None}])
def test_an_answer_that_names_no_org_is_refused_where_one_is_expected(answers: dict[str, Any]) -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(org_id="00Dxx0000000001")
    world.salesforce.answers = answers
    assert "it names no org, and expected is 00Dxx0000000001" in message_of(world.broker())


@pytest.mark.parametrize("org_id", ["", "00Dxx0000000001", "00Dxx0000000001EAA"])
def test_a_token_of_the_org_is_taken_in_either_form_of_its_id(org_id: str) -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(org_id=org_id)
    assert get_token(world.broker())["org_id"] == "00Dxx0000000001EAA"


def test_a_corrected_org_logs_in_at_once() -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(org_id=ANOTHER_ORG)
    message_of(world.broker())
    world.credentials.connections["orders"] = a_connection(org_id="00Dxx0000000001")
    assert get_token(world.broker())["source"] == "minted"


def test_the_hosts_of_the_secret_stand_in_every_answer() -> None:
    world = World()
    world.credentials.connections["orders"] = a_connection(hosts=("api.salesforce.com",))
    answers = [get_token(world.broker()) for _ in range(2)]
    assert [(answer["source"], answer["hosts"]) for answer in answers] == [
        ("minted", ["api.salesforce.com"]),
        ("cache", ["api.salesforce.com"]),
    ]
