"""The start of an execution environment: what it brings in, and what it refuses to begin with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from functions.stack import ROOT, Stack, arn_of
from sfmint.adapters.aws.repeats import REPEAT_S
from sfmint.adapters.stores.dynamodb import DynamoDBStore
from sfmint.adapters.stores.parameter_store import ParameterStore
from sfmint.errors import InternalError
from sfmint.ports import Store
from sfmint.row import decisions
from sfmint.settings import InvalidSettings
from sfmint.use_cases.mint_time import ROOM_S, WORST_CASE_S, longest_paths
from sfmint_client.errors import NotConfigured

HEAVY = ("jwt", "requests", "urllib3", "cryptography", "pydantic", "boto3")

PROBE = """
import json, socket, sys, time

def heavy():
    return sorted({name.partition(".")[0] for name in sys.modules} & set(json.loads(sys.argv[1])))

def stores():
    return sorted(name.removeprefix("sfmint.adapters.stores.") for name in sys.modules if name.startswith("sfmint.adapters.stores."))

def rows():
    return sorted({name for name in sys.modules if name.startswith("sfmint.salesforce.login_failures.")})

import app
report = {"import": heavy()}

from sfmint.salesforce.access_token import AccessToken

now = time.time()
answer = {"access_token": "00DEXAMPLE!token", "instance_url": "https://acme.my.salesforce.com"}
token = AccessToken.from_answer(answer, connection="my-org", asked_at=now, lifetime_s=900, soft_share=0.5, listed=frozenset())
app.FUNCTION.use_case.memory.confirm(token, now)

class Context:
    function_name = "acme-token-broker"
    aws_request_id = "00000000-0000-0000-0000-000000000000"
    invoked_function_arn = sys.argv[2]

    def get_remaining_time_in_millis(self):
        return 60_000

def closed(*_, **__):
    raise OSError("the test has closed all sockets")

socket.socket = socket.create_connection = socket.getaddrinfo = closed
report["source"] = app.handler({}, Context())["source"]
redacts = "sfmint_values.redaction" in sys.modules
report |= {"hit": heavy(), "stores": stores(), "rows": rows(), "redacts": redacts}
print("REPORT" + json.dumps(report))
"""


@pytest.mark.parametrize(
    ("backend", "stores"),
    [
        ("dynamodb", ["dynamodb", "kms_sealer"]),
        ("parameter-store", ["item_text", "kms_sealer", "parameter_folder", "parameter_store"]),
    ],
)
def test_the_broker_starts_and_serves_from_memory_without_a_heavy_import_another_store_or_a_socket(
    tmp_path: Path, backend: str, stores: list[str]
) -> None:
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "functions" / "token_broker"),
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "SFMINT_STACK": "acme",
        "SFMINT_CONNECTIONS": "my-org",
        "SFMINT_CACHE_BACKEND": backend,
        "SFMINT_TABLE": "tokens",
        "SFMINT_KEY_ARN": "arn:aws:kms:us-east-1:123456789012:key/example",
        "SFMINT_MEMORY_TRUST_SECONDS": "30",
        "SFMINT_LOGIN_BUDGET_PER_HOUR": "240",
        "POWERTOOLS_SERVICE_NAME": "token_broker",
        "POWERTOOLS_METRICS_NAMESPACE": "sfmint",
    }
    command = [sys.executable, "-c", PROBE, json.dumps(HEAVY), arn_of("acme-token-broker", "my-org")]
    done = subprocess.run(command, env=variables, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (report,) = [line.removeprefix("REPORT") for line in done.stdout.splitlines() if line.startswith("REPORT")]
    said = json.loads(report)
    rows = said.pop("rows")
    assert said == {"import": [], "source": "memory", "hit": [], "stores": stores, "redacts": False}
    # What a failed login means is looked up where one fails.
    assert rows == [f"sfmint.salesforce.login_failures.{name}" for name in ("reason", "table")]


@pytest.mark.parametrize("function", ["token_broker", "token_keeper"])
@pytest.mark.parametrize("variable", ["SFMINT_STACK", "SFMINT_TABLE", "SFMINT_KEY_ARN", "SFMINT_MEMORY_TRUST_SECONDS"])
def test_a_function_without_a_setting_does_not_start_and_names_it(stack: Stack, function: str, variable: str) -> None:
    with pytest.raises(InvalidSettings, match=f"{variable} is not set"):
        stack.environment(function, **{variable: ""})


ELSEWHERE = [
    ({"AWS_ENDPOINT_URL_KMS": "https://vpce-1.example"}, [("AWS_ENDPOINT_URL_KMS", "https://vpce-1.example")]),
    ({"AWS_ENDPOINT_URL_SSM": "https://vpce-2.example/"}, [("AWS_ENDPOINT_URL_SSM", "https://vpce-2.example")]),
    ({"AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:1"}, []),
    ({"AWS_ENDPOINT_URL": "https://aws.example", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, []),
    ({"AWS_ENDPOINT_URL": "https://aws.example"}, [("AWS_ENDPOINT_URL", "https://aws.example")]),
]


@pytest.mark.parametrize("function", ["token_broker", "token_keeper", "salesforce_request", "key_rotation", "prober"])
@pytest.mark.parametrize(("variables", "told"), ELSEWHERE)
def test_a_place_that_is_asked_for_aws_is_told_at_the_start(
    stack: Stack, function: str, variables: dict[str, str], told: list[tuple[str, str]]
) -> None:
    stack.environment(function, **variables)
    lines = [line for line in stack.lines if line.get("message") == "AWS is asked elsewhere"]
    unasked = function == "salesforce_request" and "AWS_ENDPOINT_URL_KMS" in variables
    assert [(line["variable"], line["url"]) for line in lines] == ([] if unasked else told)


@pytest.mark.parametrize("function", ["token_broker", "token_keeper", "salesforce_request", "key_rotation", "prober"])
def test_a_function_that_would_send_secrets_in_clear_text_does_not_start(stack: Stack, function: str) -> None:
    with pytest.raises((InvalidSettings, NotConfigured), match="Name it with https"):
        stack.environment(function, AWS_ENDPOINT_URL="http://aws.example")


def test_a_mint_fits_into_its_lease() -> None:
    assert WORST_CASE_S < decisions.LEASE_S


def test_a_function_whose_mint_could_outlive_its_lease_does_not_start(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "LEASE_S", 14.0)
    with pytest.raises(InternalError, match=r"may take 14 s, and its lease ends after 14 s\. Shorten"):
        stack.environment()


@pytest.mark.parametrize(
    ("longest", "calls", "told"),
    [
        ("LONGEST_WRITE", 5, "Before its POST a mint may ask AWS 11 times, for which 3 s"),
        ("LONGEST_READ", 11, "14 times"),
    ],
)
def test_a_function_whose_store_asks_too_often_for_the_budgets_of_a_mint_does_not_start(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, longest: str, calls: int, told: str
) -> None:
    monkeypatch.setattr(DynamoDBStore, longest, calls)
    with pytest.raises(InternalError, match=told):
        stack.environment()


def test_the_budgets_of_a_mint_are_what_clients_rely_on() -> None:
    assert (decisions.START_WITHIN_S, decisions.POST_S, decisions.FINISH_S) == (3.0, 7.0, 4.0)
    assert (WORST_CASE_S, ROOM_S, decisions.LEASE_S) == (14.0, 17.0, 20.0)


@pytest.mark.parametrize("store", [DynamoDBStore, ParameterStore])
def test_each_request_of_a_mint_s_longest_path_has_room_in_its_budget(store: Store) -> None:
    for _, most, budget_s in longest_paths(store):
        assert most * REPEAT_S <= budget_s


def test_the_sum_at_the_start_is_the_mint_s_own_worst_case(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "LEASE_S", WORST_CASE_S)
    with pytest.raises(InternalError, match=f"may take {WORST_CASE_S:g} s"):
        stack.environment()
