"""The demo's word is worth something only if a false claim fails it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sfmint_local.demo.outcome import FalseClaimError, Outcome, Shown, write
from sfmint_local.demo.play import play_all
from sfmint_local.demo.render import Account
from sfmint_local.demo.stage import Stage, claim
from sfmint_local.demo.steps import Claim
from sfmint_local.embedded_stack import EmbeddedStack
from sfmint_local.org.store import Counters


class Org:
    """Counts as the org does."""

    def __init__(self) -> None:
        self.counted = Counters()

    def count(self) -> Counters:
        return self.counted

    def log_in(self, *, granted: bool = True) -> None:
        self.counted = Counters(
            token_requests=self.counted.token_requests + 1, logins_granted=self.counted.logins_granted + granted
        )


def play(*steps: Claim, org: Org | None = None) -> list[Outcome]:
    outcomes: list[Outcome] = []
    try:
        play_all(steps, Stage(EmbeddedStack()), Account(), outcomes, (org or Org()).count)
    except FalseClaimError:
        assert not outcomes[-1].ok
    else:
        assert all(outcome.ok for outcome in outcomes)
    return outcomes


def shows(run: Callable[[], object]) -> Callable[[Stage], Shown]:
    def step(_stage: Stage) -> Shown:
        run()
        return Shown("as promised", "minted")

    return step


def test_true_claims_are_all_shown() -> None:
    org = Org()
    login, nothing = Claim("mint", shows(org.log_in), logins=1), Claim("look", shows(lambda: None))

    assert [(step.name, step.ok, step.logins) for step in play(login, nothing, org=org)] == [
        ("mint", True, 1),
        ("look", True, 0),
    ]


def test_a_false_claim_ends_the_demo_and_says_what_was_seen() -> None:
    false = Claim("two", shows(lambda: claim(False, "one is not two")))  # noqa: FBT003

    outcomes = play(false, Claim("never", shows(lambda: None)))

    assert [(step.name, step.ok, step.shown.detail) for step in outcomes] == [("two", False, "one is not two")]


def test_a_login_too_many_makes_a_claim_false() -> None:
    org = Org()

    (outcome,) = play(Claim("look", shows(org.log_in)), org=org)

    assert outcome.shown.detail == "the number of logins at Salesforce should be 0 and is 1"
    assert outcome.logins == 1


def test_a_refused_login_that_nobody_announced_makes_a_claim_false() -> None:
    org = Org()

    (outcome,) = play(Claim("look", shows(lambda: org.log_in(granted=False))), org=org)

    assert "asked for a token should be 0 and is 1" in outcome.shown.detail


def test_a_step_that_breaks_is_a_false_claim() -> None:
    (outcome,) = play(Claim("break", shows(lambda: {"token": 1}["fingerprint"])))

    assert outcome.shown.detail == "KeyError: 'fingerprint'"


def test_the_report_has_the_promised_fields(tmp_path: Path) -> None:
    step = Outcome(name="mint", ok=True, ms=12, logins=1, shown=Shown("a token", "minted"))

    write([step], tmp_path / "demo.json")

    said = json.loads((tmp_path / "demo.json").read_text())
    assert said == {"steps": [{"name": "mint", "ok": True, "ms": 12, "logins": 1, "detail": "a token"}]}


def test_the_account_is_plain_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    step = Outcome(name="mint [1]", ok=True, ms=1200, logins=1, shown=Shown("a token", "minted"))
    account = Account()
    with account.step("mint"):
        account.tell(step)
    account.sum_up([step], complete=True)

    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "✓   1.20 s  mint [1]" in said
    assert "│ mint [1] " in said


@pytest.mark.parametrize(
    ("ok", "complete", "verdict"),
    [
        (True, True, "every claim is true"),
        (True, False, "stopped before its end"),
        (False, False, "a claim is false"),
    ],
)
def test_the_table_ends_in_a_verdict(
    capsys: pytest.CaptureFixture[str], *, ok: bool, complete: bool, verdict: str
) -> None:
    step = Outcome(name="mint", ok=ok, ms=1, logins=1, shown=Shown("a token"))

    Account().sum_up([step], complete=complete)

    assert f"│ {verdict}" in capsys.readouterr().out
