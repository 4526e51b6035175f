"""The rivals and the kinds of warm invocation: each does what its name says."""

import importlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from functions.stack import CONNECTION, OTHER, ROOT, Stack
from org_fixture import Customer, MakeCustomer
from sfmint_bench.artefacts import RIVALS, Rival
from sfmint_bench.warm_process import Invocation, invocations
from sfmint_local.key_pair import new_key_in_kms

RIVAL_MODULES = ("naive", "simple_salesforce_login", "cached_secret")
SECRET = "bench/rivals"


def connect_in_kms(stack: Stack, customer: Customer) -> None:
    key = new_key_in_kms(stack.cloud.kms, OTHER)
    customer.control.put_app(replace(customer.app, certificate=key.certificate))
    stack.store(customer.secret(private_key=None, signer={"kms": key.arn}, certificate=key.certificate), OTHER)


@pytest.fixture
def kinds(
    stack: Stack, make_customer: MakeCustomer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Invocation]]:
    customer, control = stack.customer, stack.customer.control
    domain = f"{control.url.removeprefix('https://')}/services/oauth2/token?"
    control.put_app(replace(customer.app, audiences=(control.url, f"https://{domain}.salesforce.com")))
    connect_in_kms(stack, make_customer())
    secret = json.dumps({**customer.secret(), "audience": control.url, "domain": domain})
    stack.cloud.secrets.create_secret(Name=SECRET, SecretString=secret)
    stack.environment()  # sets its variables
    monkeypatch.setenv("SECRET_ID", SECRET)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", control.ca)
    monkeypatch.syspath_prepend(ROOT / "functions" / "token_broker")
    for module in ("app", *(f"sfmint_bench.rivals.{rival}" for rival in RIVAL_MODULES)):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with stack.heard():
        yield {kind.name: kind for kind in invocations(CONNECTION, OTHER)}


def test_every_kind_of_warm_invocation_is_served_as_its_name_says(kinds: dict[str, Invocation]) -> None:
    assert list(kinds) == [
        *("memory hit", "trust renewal", "row hit", "mint", "mint with a key in KMS"),
        *("naive", "simple-salesforce", "cached secret"),
    ]
    for kind in (*kinds.values(), *reversed(kinds.values())):
        kind.check()


def test_a_kind_that_is_served_otherwise_is_refused(kinds: dict[str, Invocation]) -> None:
    with pytest.raises(RuntimeError, match="The row hit was served from memory, not from cache"):
        replace(kinds["row hit"], arrange=lambda: None).check()


@pytest.mark.parametrize("name", ["naive", "simple-salesforce", "cached secret"])
def test_a_rival_logs_in_at_each_invocation_and_hands_on_a_living_token(
    name: str, kinds: dict[str, Invocation], stack: Stack
) -> None:
    before = stack.customer.logins
    answers = [kinds[name].invoke() for _ in range(2)]
    assert stack.customer.logins == before + 2
    for answer in answers:
        user = requests.get(
            f"{answer['instance_url']}/services/oauth2/userinfo",
            headers={"Authorization": f"Bearer {answer['access_token']}"},
            verify=stack.customer.control.ca,
            timeout=10,
        )
        assert user.json()["preferred_username"] == stack.customer.username


def test_a_mint_costs_one_login_and_a_hit_none(kinds: dict[str, Invocation], stack: Stack) -> None:
    before = stack.customer.logins
    for name in ("memory hit", "trust renewal", "row hit"):
        kinds[name].check()
    assert stack.customer.logins == before
    kinds["mint"].check()
    assert stack.customer.logins == before + 1


@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.name)
def test_a_rival_is_one_file_and_what_it_requires_is_pinned_as_ours_is(rival: Rival) -> None:
    module = importlib.util.find_spec(f"sfmint_bench.rivals.{rival.module}")
    assert module is not None
    pins = Path(ROOT / "requirements" / "dev.txt").read_text()
    for requirement in rival.requirements:
        name = requirement.partition("[")[0].lower()
        assert re.search(rf"^{name}==", pins, re.MULTILINE), name
