"""Each alarm of the template fires while what it is for goes on, and clears when that is over, by lines that the functions wrote.

What CloudWatch makes of the lines is `sfmint_local.cloudwatch`; Lambda's own counts are made here, as Lambda documents them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from expanding.variants import FILLED
from expanding.watched import watched
from functions.prober_stack import ProberStack
from functions.stack import CONNECTION, TABLE, Stack
from functions.watched_stack import QUERY, WatchedStack, moved_clock
from sfmint_local.cloudwatch.alarms import Alarm
from sfmint_local.environments.moved_clock import MovedClock
from sfmint_setup.key_pair import KeyPair

__all__ = ["moved_clock"]

TOPIC = FILLED["AlarmTopicArn"]
REFRESHED = watched("acme", AlarmTopicArn=TOPIC, ProbeConnection=CONNECTION).alarms
UNREFRESHED = watched("acme", AlarmTopicArn=TOPIC, ProbeConnection=CONNECTION, RefreshRate="off").alarms
SHORT = {"deadline_ms": 1000}

type Step = Callable[[WatchedStack], object]


def steps(*some: Step) -> Step:
    def all_of_them(watched: WatchedStack) -> None:
        for each in some:
            each(watched)

    return all_of_them


def nothing(watched: WatchedStack) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What an alarm is for.

    Attributes:
        goes_on: brings it about.
        ends: ends it, and lets so much time pass that the alarm may know.
        before: what happens first, when all is well.
    """

    goes_on: Step
    ends: Step
    before: Step = nothing


def later(minutes: float) -> Step:
    return lambda watched: watched.later(minutes)


def times(count: int, *some: Step) -> Step:
    return steps(*some * count)


def call(**event: object) -> Step:
    return lambda watched: watched.call(**event)


TICK = steps(later(5), WatchedStack.refresh, WatchedStack.watch)
RECOVERS = steps(WatchedStack.comes_back, times(5, TICK))


def rejects_fresh_tokens(watched: WatchedStack) -> None:
    for _ in range(3):
        fingerprint = watched.call()["fingerprint"]
        watched.later(1.1)
        watched.call(rejected=fingerprint)


def is_limited(watched: WatchedStack) -> None:
    rejects_fresh_tokens(watched)
    fingerprint = watched.call()["fingerprint"]
    assert watched.call(rejected=fingerprint, **SHORT)["errorType"] == "RejectionLimited"


def lives_for_two_hours(watched: WatchedStack) -> None:
    watched.stack.store(watched.stack.customer.secret(token_lifetime=7200))


def has_a_foreign_row(watched: WatchedStack) -> None:
    """Somebody writes a fence into the table that is no number."""
    watched.stack.cloud.dynamodb.put_item(
        TableName=TABLE, Item={"pk": {"S": f"t1#{CONNECTION}"}, "fence": {"S": "not a number"}}
    )


def has_a_clock_that_is_off(by_s: float) -> Step:
    def move(watched: WatchedStack) -> None:
        MovedClock.skew_s = by_s

    return move


def has_a_certificate_for(days: int) -> Step:
    def store(watched: WatchedStack) -> None:
        pair = KeyPair.new("acme", bits=2048, days=days, now=watched.now)
        customer = watched.stack.customer
        customer.control.set_certificate(customer.app.consumer_key, pair.certificate)
        watched.stack.store(customer.secret(private_key=pair.private_key, certificate=pair.certificate))

    return store


def may_log_in_thrice(watched: WatchedStack) -> None:
    """A budget is of an hour of the clock, so that has to begin here."""
    watched.later(61 - watched.now / 60 % 60)
    thrice = {"SFMINT_LOGIN_BUDGET_PER_HOUR": "3"}
    watched.broker, watched.keeper = (
        watched.stack.environment(each, **thrice) for each in ("token_broker", "token_keeper")
    )


def rotation(action: str) -> Step:
    def order(watched: WatchedStack) -> None:
        assert watched.rotations is not None
        watched.rotations.order(action)

    return order


def ticks(watched: WatchedStack) -> None:
    assert watched.rotations is not None
    watched.rotations.invoke({"action": "tick"})


def probe(watched: WatchedStack) -> None:
    assert watched.prober is not None
    watched.prober.probe()


def kms_tells_the_prober(**code: str) -> Step:
    def tell(watched: WatchedStack) -> None:
        assert watched.prober is not None
        watched.prober.codes = code

    return tell


PROBE = steps(later(5), probe)
PROBES_WELL = steps(WatchedStack.comes_back, times(5, PROBE))


def throttled(function: str) -> Scenario:
    return Scenario(
        goes_on=lambda watched: watched.count_for_lambda(function, "Throttles", 10),
        ends=later(20),
    )


def has_a_fault(watched: WatchedStack) -> None:
    watched.has_fault_of_its_own(watched.broker, {}, CONNECTION)


def has_a_fault_in_requests(watched: WatchedStack) -> None:
    assert watched.requests is not None
    environment = watched.requests.environment()
    environment.app.FUNCTION.allow_lists = None
    assert environment.invoke(QUERY)["errorType"] == "InternalError"


SCENARIOS = {
    "ObjectiveBurnsFast": Scenario(
        goes_on=steps(WatchedStack.goes_down, call(**SHORT)),
        ends=steps(WatchedStack.comes_back, later(61), call(), later(2)),
    ),
    "ObjectiveBurnsSlowly": Scenario(
        goes_on=steps(WatchedStack.goes_down, call(**SHORT)),
        ends=steps(WatchedStack.comes_back, later(361), call(), later(2)),
    ),
    "LoginsFailing": Scenario(goes_on=steps(TICK, WatchedStack.goes_down, times(4, TICK)), ends=RECOVERS),
    "BreakerOpen": Scenario(
        goes_on=steps(rejects_fresh_tokens, WatchedStack.watch), ends=steps(later(15), times(5, TICK))
    ),
    "LoginBudgetHigh": Scenario(
        goes_on=steps(may_log_in_thrice, WatchedStack.refresh, later(6), WatchedStack.refresh),
        ends=steps(later(80), WatchedStack.refresh, later(2)),
    ),
    "DegradedAnswers": Scenario(
        goes_on=steps(
            lives_for_two_hours, call(), later(70), WatchedStack.goes_down, times(4, call(), later(5)), call()
        ),
        ends=steps(WatchedStack.comes_back, later(5), call(), later(30)),
    ),
    "RowsRepaired": Scenario(goes_on=steps(has_a_foreign_row, call()), ends=steps(later(20), call(), later(2))),
    "ClockOff": Scenario(
        goes_on=steps(has_a_clock_that_is_off(20), call()),
        ends=steps(has_a_clock_that_is_off(0), later(20), call(), later(2)),
    ),
    "KeeperSilent": Scenario(before=times(5, TICK), goes_on=later(26), ends=times(5, TICK)),
    "TokenOld": Scenario(goes_on=steps(call(), later(12), WatchedStack.watch), ends=times(5, TICK)),
    "CertificateEnds": Scenario(
        goes_on=steps(has_a_certificate_for(20), WatchedStack.refresh),
        ends=steps(has_a_certificate_for(300), later(361), WatchedStack.refresh, later(2)),
    ),
    "RotationPending": Scenario(
        goes_on=steps(call(), rotation("start"), later(49 * 60), ticks),
        ends=steps(rotation("cancel"), times(4, ticks), later(5 * 60)),
    ),
    "RotationErrors": Scenario(
        goes_on=steps(lambda watched: watched.stack.forget_secret(), times(3, rotation("start"))), ends=later(4 * 60)
    ),
    "BrokerThrottled": throttled("token-broker"),
    "RequestThrottled": throttled("salesforce-request"),
    "BrokerErrors": Scenario(goes_on=has_a_fault, ends=later(20)),
    "RequestErrors": Scenario(goes_on=has_a_fault_in_requests, ends=later(20)),
    "ProbeFailed": Scenario(
        before=times(4, PROBE), goes_on=steps(WatchedStack.goes_down, times(6, PROBE)), ends=PROBES_WELL
    ),
    "ProbeNotRefused": Scenario(
        before=PROBE,
        goes_on=steps(  # that nobody can ask any more does not close a hole
            kms_tells_the_prober(kms="DryRunOperationException"),
            probe,
            kms_tells_the_prober(kms="ThrottlingException"),
            times(4, PROBE),
        ),
        ends=steps(kms_tells_the_prober(), PROBES_WELL),
    ),
    "KeeperErrors": Scenario(goes_on=steps(WatchedStack.goes_down, times(5, TICK)), ends=RECOVERS),
}
# Where the keeper does not refresh, some alarms stand on what the broker counts.
WITHOUT_REFRESHES = SCENARIOS | {
    "LoginsFailing": Scenario(
        goes_on=steps(WatchedStack.goes_down, times(3, call(**SHORT), later(15)), call(**SHORT)),
        ends=steps(WatchedStack.comes_back, later(80)),
    ),
    "BreakerOpen": Scenario(goes_on=is_limited, ends=later(20)),
    "CertificateEnds": Scenario(
        goes_on=steps(has_a_certificate_for(20), call()),
        ends=steps(has_a_certificate_for(300), later(361), call(), later(2)),
    ),
}
DIFFERENT = sorted(name for name in UNREFRESHED if UNREFRESHED[name] != REFRESHED[name])


@pytest.fixture
def watched_stack(stack: Stack, moved_clock: None) -> WatchedStack:
    return WatchedStack(stack)


def judged(watched_stack: WatchedStack, alarm: Alarm, scenario: Scenario) -> None:
    """Fail unless the alarm fires while a scenario goes on, and not before, and clears when it is over."""
    scenario.before(watched_stack)
    assert watched_stack.state(alarm) != "ALARM"
    scenario.goes_on(watched_stack)
    assert watched_stack.state(alarm) == "ALARM"
    scenario.ends(watched_stack)
    assert watched_stack.state(alarm) == "OK"


@pytest.mark.parametrize("name", sorted(REFRESHED))
def test_every_alarm_fires_and_clears(name: str, watched_stack: WatchedStack, request: pytest.FixtureRequest) -> None:
    with_what_is_asked(name, watched_stack, request)
    judged(watched_stack, Alarm.of(REFRESHED[name]), SCENARIOS[name])


@pytest.mark.parametrize("name", DIFFERENT)
def test_an_alarm_that_stands_on_another_metric_without_refreshes_fires_and_clears_too(
    name: str, watched_stack: WatchedStack
) -> None:
    judged(watched_stack, Alarm.of(UNREFRESHED[name]), WITHOUT_REFRESHES[name])


BY_THE_KEEPER = {
    "RowsRepaired": Scenario(
        goes_on=steps(has_a_foreign_row, WatchedStack.refresh), ends=steps(later(20), WatchedStack.refresh)
    ),
    "ClockOff": Scenario(
        goes_on=steps(has_a_clock_that_is_off(20), WatchedStack.refresh),
        ends=steps(has_a_clock_that_is_off(0), later(20), WatchedStack.refresh),
    ),
}


@pytest.mark.parametrize("name", BY_THE_KEEPER)
def test_an_alarm_of_the_whole_stack_hears_the_keeper_too(name: str, watched_stack: WatchedStack) -> None:
    judged(watched_stack, Alarm.of(REFRESHED[name]), BY_THE_KEEPER[name])


def test_the_login_budget_is_one_whoever_spends_it(watched_stack: WatchedStack) -> None:
    """Callers who reject fresh tokens leave the keeper nothing to refresh, so it logs in nowhere and counts nothing."""
    spent_by_callers = Scenario(
        goes_on=steps(may_log_in_thrice, call(), later(10), call()), ends=steps(later(80), call(), later(2))
    )
    judged(watched_stack, Alarm.of(REFRESHED["LoginBudgetHigh"]), spent_by_callers)


def with_what_is_asked(name: str, watched_stack: WatchedStack, request: pytest.FixtureRequest) -> None:
    """Add the function that an alarm is about, where it is neither broker nor keeper."""
    if name.startswith("Rotation"):
        watched_stack.rotations = request.getfixturevalue("rotation_stack")
    if name.startswith("Probe"):
        watched_stack.prober = ProberStack(request.getfixturevalue("rest_stack"))
    if name == "RequestErrors":
        watched_stack.requests = request.getfixturevalue("rest_stack")
