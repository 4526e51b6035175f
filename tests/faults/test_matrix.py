"""What the design promises of every fault, held against what was measured."""

from collections.abc import Mapping

import pytest

from sfmint_local.faults.aws_fault import AWS_FAULTS, LOST_PUBLISH
from sfmint_local.faults.endpoint_fault import ENDPOINT_FAULTS
from sfmint_local.faults.forgery import FORGERIES
from sfmint_local.faults.matrix import DEGRADED_MODES
from sfmint_local.faults.outcome import Case, Outcome
from sfmint_local.faults.scene import STORES, Scene
from sfmint_local.org.identifiers import user_id

SALESFORCE = {fault.name for fault in ENDPOINT_FAULTS}
ONCE = {fault.name for fault in AWS_FAULTS if fault.once} | {LOST_PUBLISH}
FORGED = {forgery.name for forgery in FORGERIES}
REPLAYED = {"older copy": "the older token", "flushed copy": "the flushed token", "rejected copy": "the rejected token"}
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
    fresh = [
        each
        for case, each in measured.items()
        if case.state in {"fresh", "in memory", "trust over"} and case.fault not in FORGED
    ]
    assert {each.logins + each.next_logins for each in fresh} == {0}


def test_a_failure_costs_one_login_at_most_however_many_ask(measured: Measured) -> None:
    assert {case: each for case, each in measured.items() if each.logins + each.next_logins > 1} == {}


def test_no_dead_token_is_ever_served(measured: Measured) -> None:
    assert {case for case, each in measured.items() if "DEAD" in each.got + each.next_got} == set()


def test_nobody_waits_for_ever(measured: Measured) -> None:
    assert {case for case, each in measured.items() if each.took == "longer"} == set()


def test_nothing_forged_is_ever_served(measured: Measured) -> None:
    met = {case: {each.got, each.next_got} for case, each in measured.items() if case.fault in FORGED}
    assert {case.fault for case in met} == FORGED
    own = {"memory's token", "a new token", "the same token"}
    assert {case: got - own for case, got in met.items() if case.fault not in REPLAYED and got - own} == {}


def test_only_what_sfmint_has_sealed_for_this_very_row_comes_back(measured: Measured) -> None:
    for case, each in measured.items():
        if case.fault in REPLAYED:
            assert {each.got, each.next_got} <= {"memory's token", REPLAYED[case.fault]}, case
            assert each.logins + each.next_logins == 0, case


def test_a_fault_that_passes_is_not_seen_and_costs_no_login_more(measured: Measured) -> None:
    undisturbed = {
        ("no token", "a new token", 1),
        ("fresh", "the row's token", 0),
        ("past soft expiry", "a new token", 1),
        ("expired", "a new token", 1),
        ("in memory", "memory's token", 0),
        ("trust over", "memory's token", 0),
        ("in memory past soft expiry", "a new token", 1),
        ("in memory and expired", "a new token", 1),
        ("rejected", "a new token", 1),
    }
    passed = {case: each for case, each in measured.items() if case.fault in ONCE}
    assert {case.fault for case in passed} == ONCE
    seen = {case: each for case, each in passed.items() if (case.state, each.got, each.logins) not in undisturbed}
    assert seen == {}
    assert {each.next_got for each in passed.values()} == {"the row's token", "the same token"}
    assert {each.next_logins for each in passed.values()} == {0}


@pytest.mark.parametrize("fault", ["two answers in one go", "204 with a body", "surplus bytes", "early hints"])
def test_nobody_gets_what_is_left_of_another_connection_s_answer(scene: Scene, measured: Measured, fault: str) -> None:
    environment = scene.environment("DynamoDB", fault)
    for connection in (scene.connect(fault), scene.connect(fault)):
        reply = environment.ask(connection)
        own = user_id(f"{connection}@sfmint.example")
        assert reply.answer.get("user_id", own) == own
        assert reply.error or reply.exchanges == 1


def test_a_denial_is_never_ridden_out(measured: Measured) -> None:
    denied = {case: each for case, each in measured.items() if case.fault in DENIALS}
    assert {case.fault for case in denied} == DENIALS
    assert len(DENIALS) == 4
    assert {case for case, each in denied.items() if "in spite" in each.got + each.next_got} == set()


def test_nothing_is_minted_without_the_store(measured: Measured) -> None:
    logs_in = ONCE | {"store cannot publish a token"}
    down = [each for case, each in measured.items() if case.fault.startswith("store") and case.fault not in logs_in]
    assert {each.logins + each.next_logins for each in down} == {0}


def test_a_degraded_answer_and_a_refusal_are_each_one_log_line_with_one_metric(measured: Measured) -> None:
    for case, each in measured.items():
        degraded = [line for line in each.said if line.endswith("`Degraded`")]
        refused = [line for line in each.said if line.startswith("request refused")]
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
