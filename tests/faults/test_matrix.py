"""What the design promises of every fault, held against what was measured."""

from collections.abc import Mapping

import pytest

from sfmint_local.faults.endpoint_fault import ENDPOINT_FAULTS
from sfmint_local.faults.matrix import DEGRADED_MODES
from sfmint_local.faults.outcome import Case, Outcome
from sfmint_local.faults.scene import STORES, Scene

SALESFORCE = {fault.name for fault in ENDPOINT_FAULTS}
DENIALS = {fault.name for fault in DEGRADED_MODES if "denies" in fault.name or "disabled" in fault.name}

type Measured = Mapping[Case, Outcome]


def test_a_good_token_is_served_whatever_salesforce_does(measured: Measured) -> None:
    good = [
        each
        for case, each in measured.items()
        if case.fault in SALESFORCE and case.state in {"fresh", "past soft expiry"}
    ]
    assert len(good) == 2 * len(SALESFORCE) * len(STORES)
    assert {got for each in good for got in (each.got, each.next_got)} <= {
        "the row's token",
        "the row's token, in spite of it",
        "a new token",
        "the same token",
    }


def test_nobody_logs_in_for_a_fresh_token(measured: Measured) -> None:
    fresh = [each for case, each in measured.items() if case.state in {"fresh", "in memory", "trust over"}]
    assert {each.logins + each.next_logins for each in fresh} == {0}


def test_a_failure_costs_one_login_at_most_however_many_ask(measured: Measured) -> None:
    assert {case: each for case, each in measured.items() if each.logins + each.next_logins > 1} == {}


def test_no_dead_token_is_ever_served(measured: Measured) -> None:
    assert {case for case, each in measured.items() if "DEAD" in each.got + each.next_got} == set()


def test_a_denial_is_never_ridden_out(measured: Measured) -> None:
    denied = {case: each for case, each in measured.items() if case.fault in DENIALS}
    assert {case.fault for case in denied} == DENIALS
    assert len(DENIALS) == 4
    assert {case for case, each in denied.items() if "in spite" in each.got + each.next_got} == set()


def test_nothing_is_minted_without_the_store(measured: Measured) -> None:
    down = [each for case, each in measured.items() if case.fault.startswith("store")]
    assert {each.logins + each.next_logins for each in down} == {0}


def test_a_degraded_answer_and_a_refusal_are_each_one_log_line_with_one_metric(measured: Measured) -> None:
    for case, each in measured.items():
        degraded = [line for line in each.said if line.endswith("`Degraded`")]
        refused = [line for line in each.said if line.endswith("`RequestFailed`")]
        assert len(refused) == each.got.startswith("`"), case
        if "in spite" in each.got:
            assert len(degraded) == 1, case
        assert len(each.said) == len({*each.said}), case


@pytest.mark.parametrize("store", STORES)
def test_a_lost_answer_costs_one_login_more(scene: Scene, measured: Measured, store: str) -> None:
    connection = scene.connect("lost answer")
    environment = scene.environment(store)
    lost = environment.ask(connection)
    assert (lost.error, lost.exchanges) == ("SalesforceUnavailable", 1)
    scene.planter(store).flush(connection)
    with scene.calm("lost answer"):
        found = environment.ask(connection)
    assert (found.answer["source"], found.exchanges) == ("minted", 1)


@pytest.mark.parametrize("store", STORES)
def test_a_session_that_was_over_on_arrival_is_not_served_once_it_is_reported(
    scene: Scene, measured: Measured, store: str
) -> None:
    connection = scene.connect("session over on arrival")
    caller, other = scene.environment(store), scene.environment(store)
    dead = caller.ask(connection)
    successor = caller.ask(connection, rejected=dead.answer["fingerprint"])
    assert (successor.answer["source"], successor.exchanges) == ("minted", 1)
    assert successor.token != dead.token
    assert other.ask(connection).token == successor.token
    limited = other.ask(connection, rejected=successor.answer["fingerprint"])
    assert (limited.error, limited.exchanges) == ("RejectionLimited", 0)
