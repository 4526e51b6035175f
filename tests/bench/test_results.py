"""What is made of samples: the values that are held to gates, and what is said of them."""

import pytest

from sfmint_bench import cold, gates
from sfmint_bench.gates import Gate
from sfmint_bench.report import Result
from sfmint_bench.storms import DEADLINE_MS, all_answered
from sfmint_bench.warm import calls, costs
from sfmint_local.environments import Reply

STARTS_S = {
    cold.ROW_HIT: [0.15, 0.1, 9.0],
    cold.ROW_HIT_WITHOUT: [0.25],
    cold.MINT: [0.2],
    cold.KMS_MINT: [0.15],
    cold.MINT_WITHOUT: [0.45],
    "naive": [0.8],
    "naive with byte code": [0.4],
}
CALLS_S = {
    "memory hit": [0.00005, 0.00004, 1.0],
    "trust renewal": [0.001],
    "row hit": [0.002],
    "mint": [0.005],
    "naive": [0.07],
    "simple-salesforce": [0.06],
}
COUNTED = {
    "memory hit": {},
    "trust renewal": {"GetItem": 1},
    "row hit": {"GetItem": 1, "Decrypt": 2},
    "mint": {"GetItem": 1, "GetSecretValue": 1},
    "mint with a key in KMS": {"GetItem": 1, "Sign": 1, "GetSecretValue": 1},
    "naive": {},
}


def by_gate(results: list[Result]) -> dict[Gate, Result]:
    return {result.gate: result for result in results}


def reply(error: str | None = None, took_s: float = 1.0) -> Reply:
    return Reply(answer={"errorType": error} if error else {}, took_s=took_s, lines=[])


def test_cold_starts_are_compared_by_their_medians() -> None:
    results = by_gate(cold.compared(STARTS_S, naive="naive", compiled="naive with byte code"))
    assert {gate: round(result.value, 4) for gate, result in results.items()} == {
        gates.COLD_ROW_HIT: 0.375,
        gates.COLD_ROW_HIT_AS_BUILT: 0.1875,
        gates.COLD_MINT: 0.5,
        gates.COLD_KMS_MINT: 0.75,
        gates.BYTE_CODE: 0.5,
    }
    assert results[gates.COLD_MINT].seen == "sfmint, first mint 200 ms, naive with byte code 400 ms"


def test_byte_code_is_held_over_both_kinds_of_start_and_said_of_each() -> None:
    result = by_gate(cold.compared(STARTS_S, naive="naive", compiled="naive with byte code"))[gates.BYTE_CODE]
    assert result.seen == "row hit 150 of 250 ms (0.60), first mint 200 of 450 ms (0.44)"


def test_warm_invocations_are_compared_by_their_medians() -> None:
    results = by_gate(costs(CALLS_S))
    assert {gate: round(result.value, 4) for gate, result in results.items()} == {
        gates.MEMORY_HIT: 50,
        gates.TRUST_RENEWAL: 0.5,
        gates.MEMORY_AGAINST_NAIVE: 1400,
        gates.ROW_AGAINST_NAIVE: 35,
        gates.MINT_AGAINST_NAIVE: 14,
        gates.MINT_AGAINST_SIMPLE_SALESFORCE: 12,
    }


def test_calls_of_all_operations_are_added_up_and_named() -> None:
    results = by_gate(calls(COUNTED))
    assert {gate: result.value for gate, result in results.items()} == {
        gates.MEMORY_CALLS: 0,
        gates.TRUST_CALLS: 1,
        gates.ROW_CALLS: 3,
        gates.KMS_MINT_CALLS: 1,
    }
    assert results[gates.ROW_CALLS].seen == "GetItem 1, Decrypt 2"
    assert results[gates.KMS_MINT_CALLS].seen == "Sign 1"


@pytest.mark.parametrize(
    ("replies", "failed", "seen"),
    [
        pytest.param([reply(), reply()], 0, "deadline 40 s", id="all have one"),
        pytest.param([reply(took_s=DEADLINE_MS / 1000)], 0, "deadline 40 s", id="in the last moment"),
        pytest.param(
            [reply("RefreshInProgress"), reply(), reply("RefreshInProgress"), reply(took_s=40.1)],
            3,
            "deadline 40 s, RefreshInProgress 2, too late 1",
            id="some have none",
        ),
    ],
)
def test_a_caller_with_an_error_or_a_late_answer_had_no_token(replies: list[Reply], failed: int, seen: str) -> None:
    result = all_answered(replies)
    assert (result.value, result.seen) == (failed, seen)
