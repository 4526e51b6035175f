"""The judge of the soak: each wrong answer is found where it is planted, and what is right is left alone."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sfmint_local.promises import Promise
from sfmint_local.soak.account import Account, Logins
from sfmint_local.soak.aws_weather import explained
from sfmint_local.soak.call import Call, WrongAnswer, fingerprint_of
from sfmint_local.soak.grants import Grants
from sfmint_local.soak.history import History, Trouble
from sfmint_local.soak.judge import Identity, Judge, Rules
from sfmint_local.soak.log_scan import LogScan

TOKEN = "00Dxx0000000001!orders"
OTHERS = "00Dxx0000000001!billing"
URL = "https://localhost:1"
LIFE_S = 60.0


class Bench:
    """A judge, and what it judges by: an org that has granted `TOKEN` to `orders` just now, and `OTHERS` to `billing`."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "org.log"
        self.log.write_text("")
        self.history = History()
        self.grants = Grants(self.log)
        identities = {
            name: Identity(username=f"{name}@acme.example", lifetime_s=LIFE_S) for name in ("orders", "billing")
        }
        rules = Rules(identities=identities, instance_url=URL, trust_s=5.0, budget=4)
        self.judge = Judge(rules, self.grants, self.history)
        self.grant(TOKEN)
        self.grant(OTHERS, "billing")
        self.now = time.time()

    def grant(self, token: str, connection: str = "orders") -> None:
        with self.log.open("a") as log:
            log.write(
                f"POST /services/oauth2/token 200 3 ms granted {connection}@acme.example {fingerprint_of(token)}\n"
            )
        self.grants.read()

    def call(self, answer: dict[str, Any], after_s: float = 1.0, **changes: Any) -> Call:
        """Return a call that ended so many seconds after the grants."""
        ended = self.now + after_s
        call = Call(
            caller="broker 1", connection="orders", event={}, began=ended - 0.1, ended=ended, took_s=0.1, answer=answer
        )
        return replace(call, **changes)

    def served(self, after_s: float = 1.0, token: str = TOKEN, **changes: Any) -> Call:
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now + LIFE_S * 0.95))
        told = {"connection": "orders", "fingerprint": fingerprint_of(token), "instance_url": URL, "expires_at": end}
        return self.call({"access_token": token, **told, **changes.pop("told", {})}, after_s, **changes)

    def flushed(self, after_s: float = 1.0) -> Call:
        return self.call({"flushed": True}, after_s, event={"action": "flush"})

    def failed(self, error: str, after_s: float = 1.0, **changes: Any) -> Call:
        return self.call({"errorType": error, "errorMessage": "It failed."}, after_s, **changes)

    def finds(self, call: Call) -> set[Promise]:
        return {wrong.promise for wrong in self.judge.judge(call)}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_good_token_is_not_wrong(bench: Bench) -> None:
    assert bench.finds(bench.served()) == set()


def test_a_token_that_the_org_never_issued_is_found(bench: Bench) -> None:
    assert bench.finds(bench.served(token="00Dxx0000000001!made-up")) == {Promise.ISSUED}


def test_the_metadata_of_a_token_that_the_org_never_issued_is_found(bench: Bench) -> None:
    call = bench.call({"fingerprint": "0" * 16}, event={"action": "refresh"})
    assert bench.finds(call) == {Promise.ISSUED}


def test_a_token_of_another_connection_is_found(bench: Bench) -> None:
    assert bench.finds(bench.served(token=OTHERS)) == {Promise.OWN_USER}


def test_a_token_past_its_hard_end_is_found(bench: Bench) -> None:
    assert bench.finds(bench.served(LIFE_S + 2)) == {Promise.TRUE_END}
    assert bench.finds(bench.served(LIFE_S - 2)) == set()


def test_a_session_that_was_handed_out_again_may_outlive_itself_for_two_minutes(bench: Bench) -> None:
    bench.grant(TOKEN)
    assert bench.finds(bench.served(LIFE_S + 2)) == set()
    assert bench.finds(bench.served(122)) == {Promise.TRUE_END}


def test_a_token_that_is_said_to_live_too_long_is_found(bench: Bench) -> None:
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(bench.now + LIFE_S + 6))
    assert bench.finds(bench.served(told={"expires_at": end})) == {Promise.SAID_END}


def test_who_stood_still_is_judged_by_when_it_decided(bench: Bench) -> None:
    frozen: dict[str, Any] = {"began": bench.now + 1, "frozen_from": bench.now + 1.1, "frozen_s": 65.0, "took_s": 66.0}
    assert bench.finds(bench.served(67, **frozen)) == set()


def test_a_flushed_token_is_found_when_the_trust_in_memory_has_passed(bench: Bench) -> None:
    bench.finds(bench.flushed(1))
    assert bench.finds(bench.served(12)) == set()
    assert bench.finds(bench.served(14)) == {Promise.TRUST}


def test_credentials_are_refused_only_while_secrets_manager_denies_them(bench: Bench) -> None:
    assert bench.finds(bench.failed("InvalidCredentials", 1)) == {Promise.ANSWER}
    denies = explained(frozenset({"secretsmanager"}), "denies")
    bench.history.note(
        Trouble(kind="Secrets Manager denies", explains=denies, began=bench.now + 2, ended=bench.now + 3)
    )
    assert bench.finds(bench.failed("InvalidCredentials", 2.5)) == set()
    assert bench.finds(bench.failed("InvalidCredentials", 20)) == {Promise.ANSWER}
    assert "InvalidCredentials" not in explained(frozenset({"dynamodb", "ssm"}), "denies")


def test_a_flush_that_failed_drops_nothing(bench: Bench) -> None:
    bench.finds(bench.failed("CacheUnavailable", event={"action": "flush"}))
    assert bench.finds(bench.served(14)) == set()


def test_a_token_that_the_org_handed_out_after_the_flush_is_not_dropped(bench: Bench) -> None:
    bench.now -= 20
    bench.finds(bench.flushed(1))
    bench.grant(TOKEN)
    assert bench.finds(bench.served(20)) == set()


def test_a_dropped_token_may_be_served_by_who_cannot_see_the_row(bench: Bench) -> None:
    bench.finds(bench.flushed(1))
    bench.history.note(Trouble(kind="store hangs", explains={}, hides_store=True, began=bench.now + 13))
    assert bench.finds(bench.served(14)) == set()


def test_a_token_that_anybody_has_rejected_is_found_when_the_trust_in_memory_has_passed(bench: Bench) -> None:
    bench.grant("00Dxx0000000001!next")
    reported = bench.served(1, "00Dxx0000000001!next", caller="broker 2", event={"rejected": fingerprint_of(TOKEN)})
    assert bench.finds(reported) == set()
    assert bench.finds(bench.served(5)) == set()
    assert bench.finds(bench.served(14)) == {Promise.TRUST}


def test_a_token_that_the_same_caller_has_rejected_is_found_at_once(bench: Bench) -> None:
    bench.grant("00Dxx0000000001!next")
    bench.finds(bench.served(1, "00Dxx0000000001!next", event={"rejected": fingerprint_of(TOKEN)}))
    assert bench.finds(bench.served(2)) == {Promise.REPORTED}


def test_a_token_that_is_rejected_in_the_same_breath_is_found(bench: Bench) -> None:
    found = bench.finds(bench.served(event={"rejected": fingerprint_of(TOKEN)}))
    assert found == {Promise.REPORTED}


@pytest.mark.parametrize(
    "error",
    ["SalesforceUnavailable", "CacheUnavailable", "RefreshInProgress", "AssertionRejected", "InvalidCredentials"],
)
def test_an_error_that_no_trouble_explains_is_found(bench: Bench, error: str) -> None:
    assert bench.finds(bench.failed(error)) == {Promise.ANSWER}


@pytest.mark.parametrize("error", ["InternalError", "InvalidRequest", "NoAnswer"])
def test_some_errors_are_explained_by_no_trouble(bench: Bench, error: str) -> None:
    bench.history.note(Trouble(kind="org: hang", explains={"SalesforceUnavailable": 75.0}, began=bench.now))
    assert bench.finds(bench.failed(error)) == {Promise.ANSWER}


def test_a_trouble_explains_its_errors_for_a_while_and_for_its_connection(bench: Bench) -> None:
    trouble = Trouble(kind="org: hang", explains={"SalesforceUnavailable": 75.0}, connection="orders", began=bench.now)
    trouble.ended = bench.now + 1
    bench.history.note(trouble)
    assert bench.finds(bench.failed("SalesforceUnavailable", 70)) == set()
    assert bench.finds(bench.failed("SalesforceUnavailable", 80)) == {Promise.ANSWER}
    assert bench.finds(bench.failed("SalesforceUnavailable", 70, connection="billing"))
    assert bench.finds(bench.failed("CacheUnavailable", 1))


def test_after_a_flush_an_earlier_trouble_explains_nothing(bench: Bench) -> None:
    trouble = Trouble(kind="org: hang", explains={"SalesforceUnavailable": 75.0}, began=bench.now)
    trouble.ended = bench.now + 1
    bench.history.note(trouble)
    assert bench.finds(bench.failed("SalesforceUnavailable", 4)) == set()
    bench.finds(bench.flushed(5))
    assert bench.finds(bench.failed("SalesforceUnavailable", 10)) == {Promise.ANSWER}


def test_what_outlives_a_flush_explains_afterwards_too_but_a_flush_only_what_it_names(bench: Bench) -> None:
    explains = {"RefreshInProgress": 5.0, "flush CacheUnavailable": 5.0}
    bench.history.note(Trouble(kind="no date left", explains=explains, outlives_flush=True, began=bench.now))
    bench.finds(bench.flushed(1))
    assert bench.finds(bench.failed("RefreshInProgress", 4)) == set()
    assert bench.finds(bench.failed("CacheUnavailable", 4, event={"action": "flush"})) == set()
    assert bench.finds(bench.failed("CacheUnavailable", 4)) == {Promise.ANSWER}


def test_a_limited_rejection_is_explained_by_an_earlier_report_only(bench: Bench) -> None:
    report: dict[str, Any] = {"event": {"rejected": "0" * 16}}
    bench.history.note_report("orders")
    assert bench.finds(bench.failed("RejectionLimited", **report)) == {Promise.ANSWER}
    bench.history.note_report("orders")
    assert bench.finds(bench.failed("RejectionLimited", **report)) == set()
    assert bench.finds(bench.failed("RejectionLimited")) == {Promise.ANSWER}


def test_a_spent_budget_is_explained_by_logins_only(bench: Bench) -> None:
    assert bench.finds(bench.failed("LoginRateExceeded")) == {Promise.ANSWER}
    bench.grant("00Dxx0000000001!next")
    assert bench.finds(bench.failed("LoginRateExceeded")) == set()


def test_who_waits_for_a_moment_only_may_be_told_to_come_again(bench: Bench) -> None:
    assert bench.finds(bench.failed("RefreshInProgress", event={"deadline_ms": 1000})) == set()


def test_an_answer_long_after_the_deadline_is_found(bench: Bench) -> None:
    waited: dict[str, Any] = {"event": {"deadline_ms": 1000}}
    assert bench.finds(bench.served(took_s=21.5, **waited)) == set()
    assert bench.finds(bench.served(took_s=22.5, **waited)) == {Promise.END}


def test_a_row_that_goes_back_to_an_older_token_is_found(bench: Bench) -> None:
    bench.grants._grants[fingerprint_of(TOKEN)] = replace(
        bench.grants._grants[fingerprint_of(TOKEN)], first=bench.now - 5
    )
    bench.grant("00Dxx0000000001!next")
    from_row, from_memory = {"source": "cache"}, {"source": "memory"}
    assert bench.finds(bench.served(1, told=from_row)) == set()
    assert bench.finds(bench.served(2, "00Dxx0000000001!next", told=from_row)) == set()
    assert bench.finds(bench.served(3, told=from_memory)) == set()
    assert bench.finds(bench.served(3, began=bench.now + 1.5, told=from_row)) == set()
    assert bench.finds(bench.served(3, told=from_row)) == {Promise.FENCE}


def test_an_answer_without_a_token_and_without_an_error_is_found(bench: Bench) -> None:
    assert Promise.ANSWER in bench.finds(bench.call({"connection": "orders"}))


def test_a_token_beside_its_field_is_found(bench: Bench) -> None:
    assert bench.finds(bench.served(told={"scope": f"api {TOKEN}"})) == {Promise.HIDDEN}


def test_an_answer_that_contradicts_its_token_is_found(bench: Bench) -> None:
    assert bench.finds(bench.served(told={"fingerprint": fingerprint_of(OTHERS)})) == {Promise.CONSISTENT}
    assert bench.finds(bench.served(told={"instance_url": "https://elsewhere.example"}))


def test_logins_above_the_budget_and_two_with_one_fence_are_found() -> None:
    broken = [wrong.promise for wrong in Logins(attempted=5, counted=5, allowed=4, fence=4).wrong("orders")]
    assert broken == [Promise.BUDGET, Promise.ONE_LOGIN]
    assert Logins(attempted=9, counted=4, allowed=4, fence=9).wrong("orders") == []


def test_logins_count_by_the_hour_of_the_clock_but_near_its_end_for_neither(bench: Bench) -> None:
    bench.grants._logins = [("me", second) for second in (3590.0, 3598.0, 3602.0, 3610.0, 3620.0)] + [("you", 3630.0)]
    assert bench.grants.most_in_an_hour("me", skew_s=4.0) == 2


@pytest.mark.parametrize("secret", [f"00D{'x' * 12}!AQ", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0", f"MII{'A' * 61}"])
def test_a_secret_in_a_log_line_is_found_once_its_line_is_whole(tmp_path: Path, secret: str) -> None:
    log, scan = tmp_path / "1.log", LogScan(tmp_path)
    log.write_text(f'{{"message": "{secret}')
    assert scan.look() == []
    log.write_text(f'{{"message": "{secret}"}}\n')
    assert [wrong.promise for wrong in scan.look()] == [Promise.HIDDEN]
    assert scan.look() == []


def test_the_account_of_a_wrong_answer_does_not_show_the_token(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    account = Account(store="dynamodb", seed=1)
    account.note_wrong([WrongAnswer(promise=Promise.ANSWER, detail="planted", call=bench.served())])
    shown = account.to_text() + json.dumps(account.to_json()) + capsys.readouterr().err
    assert f"{Promise.ANSWER.value}: planted" in shown
    assert TOKEN not in shown


def test_bad_use_ends_with_two_and_says_why() -> None:
    ended = subprocess.run(_soak("--minutes", "0"), capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "more than 0" in ended.stderr


def test_ctrl_c_ends_it_with_its_closing_lines() -> None:
    soak = subprocess.Popen(
        _soak("--minutes", "9", "--seed", "5", "--json"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with soak:
        assert soak.stderr is not None
        assert "seed 5" in soak.stderr.readline()
        assert "storm" in soak.stderr.readline()
        os.kill(soak.pid, signal.SIGINT)
        out, err = soak.communicate(timeout=60)
    figures = json.loads(out)
    assert soak.returncode == 130, err
    assert figures["seed"] == 5
    assert figures["wrong_answers"] == 0
    assert figures["calls"] > 0


def _soak(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sfmint_local.soak", *arguments]
