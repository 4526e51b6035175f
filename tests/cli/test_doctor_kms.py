"""`sfmint doctor` on a connection whose key never leaves KMS, and on a rotation that is pending."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient
from cryptography.hazmat.primitives.asymmetric import ec

from cli.patient import SECRET_ID, Patient, with_salesforce
from conftest import make_key_pair
from kms_service import KmsService
from sfmint.adapters.signers.signing_key import key_id_of
from sfmint_cli.pasteable import aws
from sfmint_values.system import SystemClock

if TYPE_CHECKING:
    from conftest import KeyPair

__all__ = ["with_salesforce"]

OF_KEYS = ("key", "signer", "other_signer", "rotation", "stages", "tainted", "certificate")


@pytest.fixture
def arn(kms: KmsService, with_salesforce: Patient) -> str:
    """A key of KMS that signs for the connection, as the stack may."""
    made = kms.add(with_salesforce.customer.key_pair.key)
    in_kms(with_salesforce, made)
    grant(with_salesforce, made)
    return made


def in_kms(patient: Patient, arn: str, **changes: Any) -> None:
    patient.store(private_key=None, signer={"kms": arn}, **changes)


def grant(patient: Patient, *arns: str) -> None:
    patient.account.cloud_formation.stacks["acme"][0]["SigningKeyArns"] = ",".join(arns)


def pending(patient: Patient, text: str) -> str:
    """Have a rotation's version, and return its id."""
    made = patient.account.secrets.put_secret_value(SecretId=SECRET_ID, SecretString=text, VersionStages=["AWSPENDING"])
    return str(made["VersionId"])


def with_key(patient: Patient, other: "KeyPair") -> str:
    patient.run.keys.add(other.pem)
    current = patient.account.secret()
    return json.dumps(json.loads(current) | {"private_key": other.pem, "certificate": other.certificate})


def test_a_connection_whose_key_is_in_kms_is_well_and_logs_in_from_here(
    with_salesforce: Patient, arn: str, kms: KmsService
) -> None:
    examined = with_salesforce.examined()
    assert examined.wrong == []
    assert arn in examined["signer"]["cause"]
    assert "RSA_2048" in examined["signer"]["cause"]
    assert examined["certificate"]["outcome"] == "ok"
    assert with_salesforce.customer.logins == 1
    assert {operation for operation, _ in kms.asked} == {"DescribeKey", "GetPublicKey", "Sign"}


def test_a_key_in_the_secret_asks_kms_nothing(with_salesforce: Patient, kms: KmsService) -> None:
    assert with_salesforce.looked_at(*OF_KEYS).wrong == []
    assert kms.asked == []


@pytest.mark.parametrize(
    ("state", "command"),
    [("Disabled", "enable-key"), ("PendingDeletion", "cancel-key-deletion"), ("Unavailable", None)],
)
def test_a_key_that_is_out_of_use_is_told_with_the_way_back(
    with_salesforce: Patient, arn: str, kms: KmsService, state: str, command: str | None
) -> None:
    kms.keys[arn].state = state
    check = with_salesforce.looked_at("signer")["signer"]
    assert (check["outcome"], f"is {state}" in check["cause"]) == ("fault", True)
    assert check["remedy"].endswith("Have it enabled." if command is None else aws("kms", command, "--key-id", arn))


def test_a_key_with_which_the_stack_may_not_sign_is_told_with_the_deploy(with_salesforce: Patient, arn: str) -> None:
    grant(with_salesforce, "another")
    check = with_salesforce.looked_at("signer")["signer"]
    assert (check["outcome"], arn in check["cause"]) == ("fault", True)
    assert check["remedy"] == f'make deploy PARAMETERS="SigningKeyArns=another,{arn}"'


def test_a_key_of_another_region_is_told(with_salesforce: Patient, arn: str) -> None:
    in_kms(with_salesforce, arn.replace("us-east-1", "eu-central-1"))
    check = with_salesforce.looked_at("signer")["signer"]
    assert (check["outcome"], "eu-central-1, and the stack in us-east-1" in check["cause"]) == ("fault", True)


def test_the_certificate_of_another_key_is_told(with_salesforce: Patient, arn: str, other_key_pair: "KeyPair") -> None:
    in_kms(with_salesforce, arn, certificate=other_key_pair.certificate)
    examined = with_salesforce.examined()
    assert examined["signer"]["outcome"] == "fault"
    assert f"sfmint keys new my-org --kms {arn} --out DIR" in examined["signer"]["remedy"]
    assert (examined["login"]["outcome"], with_salesforce.customer.logins) == ("fault", 0)


@pytest.mark.parametrize("case", ["missing", "symmetric", "elliptic", "encrypting"])
def test_a_key_of_another_kind_or_none_is_told(with_salesforce: Patient, arn: str, kms: KmsService, case: str) -> None:
    match case:
        case "missing":
            del kms.keys[arn]
        case "symmetric":
            kms.keys[arn].private = None
        case "elliptic":
            kms.keys[arn].private = ec.generate_private_key(ec.SECP256R1())
        case "encrypting":
            kms.keys[arn].usage = "ENCRYPT_DECRYPT"
        case _:
            raise AssertionError(case)
    check = with_salesforce.looked_at("signer")["signer"]
    assert (check["outcome"], arn in check["cause"]) == ("fault", True)


@pytest.mark.parametrize("operation", ["DescribeKey", "GetPublicKey", "Sign"])
def test_what_these_credentials_may_not_ask_kms_is_not_checked(
    with_salesforce: Patient, arn: str, kms: KmsService, operation: str
) -> None:
    kms.refusals[operation] = "AccessDeniedException"
    examined = with_salesforce.examined()
    check = examined["login" if operation == "Sign" else "signer"]
    assert (check["outcome"], f"({operation})" in check["cause"]) == ("not checked", True)
    assert arn in check["cause"]
    assert examined.wrong == []


def test_the_key_that_takes_turns_is_looked_at_and_its_faults_are_warnings(
    with_salesforce: Patient, arn: str, kms: KmsService, other_key_pair: "KeyPair"
) -> None:
    other = kms.add(other_key_pair.key)
    in_kms(with_salesforce, arn, other_signer={"kms": other})
    assert with_salesforce.looked_at("other_signer")["other_signer"]["outcome"] == "warning"  # not granted
    grant(with_salesforce, arn, other)
    assert with_salesforce.looked_at("other_signer")["other_signer"]["outcome"] == "ok"
    kms.keys[other].state = "Disabled"
    examined = with_salesforce.looked_at("signer", "other_signer")
    assert (examined["signer"]["outcome"], examined["other_signer"]["outcome"]) == ("ok", "warning")


def test_what_a_rotation_cannot_read_is_a_warning(with_salesforce: Patient) -> None:
    with_salesforce.store(admin_connection="my-org")
    check = with_salesforce.looked_at("other_signer", "login")["other_signer"]
    assert check["outcome"] == "warning"
    assert "admin_connection is the connection itself" in check["cause"]


def test_a_tainted_key_of_kms_wants_another_one(with_salesforce: Patient, arn: str) -> None:
    key_id = key_id_of(with_salesforce.customer.key_pair.certificate)
    in_kms(with_salesforce, arn, tainted_keys=[key_id])
    check = with_salesforce.looked_at("tainted")["tainted"]
    assert check["outcome"] == "fault"
    assert "aws kms create-key --key-spec RSA_2048 --key-usage SIGN_VERIFY" in check["remedy"]


def test_a_rotation_that_has_begun_is_well(with_salesforce: Patient, other_key_pair: "KeyPair") -> None:
    pending(with_salesforce, with_key(with_salesforce, other_key_pair))
    examined = with_salesforce.looked_at("rotation", "stages")
    assert examined.wrong == []
    assert f"One to the key {key_id_of(other_key_pair.certificate)} is under way" in examined["rotation"]["cause"]


def test_a_rotation_whose_certificate_is_in_the_app_is_well(
    with_salesforce: Patient, other_key_pair: "KeyPair"
) -> None:
    pending(with_salesforce, with_key(with_salesforce, other_key_pair))
    customer = with_salesforce.customer
    customer.control.set_certificate(customer.app.consumer_key, other_key_pair.certificate)
    examined = with_salesforce.examined()
    assert examined.wrong == []
    assert key_id_of(other_key_pair.certificate) in examined["login"]["cause"]
    assert examined["rest"]["outcome"] == "ok"


def test_an_org_that_refuses_both_keys_of_a_rotation_wants_nothing_uploaded(
    with_salesforce: Patient, other_key_pair: "KeyPair"
) -> None:
    pending(with_salesforce, with_key(with_salesforce, other_key_pair))
    customer = with_salesforce.customer
    customer.control.set_certificate(customer.app.consumer_key, make_key_pair().certificate)
    check = with_salesforce.looked_at("rotation", "login")["login"]
    assert check["outcome"] == "fault"
    assert check["remedy"] == ("Upload nothing now. See what the rotation waits for: sfmint rotate status my-org")


def test_a_rotation_that_is_pending_for_days_is_told(
    with_salesforce: Patient, other_key_pair: "KeyPair", monkeypatch: pytest.MonkeyPatch
) -> None:
    pending(with_salesforce, with_key(with_salesforce, other_key_pair))
    now = SystemClock().now()
    monkeypatch.setattr(SystemClock, "now", lambda _: now + 2 * 86_400)
    check = with_salesforce.looked_at("rotation")["rotation"]
    assert check["outcome"] == "warning"
    assert "sfmint rotate status my-org" in check["remedy"]
    assert datetime.fromtimestamp(now, UTC).strftime("since %Y-%m-%dT") in check["cause"]


def test_a_rotation_to_a_key_that_is_tainted_is_told(with_salesforce: Patient, other_key_pair: "KeyPair") -> None:
    with_salesforce.store(tainted_keys=[key_id_of(other_key_pair.certificate)])
    pending(with_salesforce, with_key(with_salesforce, other_key_pair))
    check = with_salesforce.looked_at("rotation")["rotation"]
    assert (check["outcome"], "is tainted" in check["cause"]) == ("warning", True)
    assert "sfmint rotate cancel my-org" in check["remedy"]


@pytest.mark.parametrize("at", [None, datetime(2026, 12, 24, tzinfo=UTC)], ids=["no day", "a day"])
def test_a_schedule_is_told(with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch, at: datetime | None) -> None:
    ask = vars(BaseClient)["_make_api_call"]
    scheduled = {"RotationEnabled": True} if at is None else {"RotationEnabled": True, "NextRotationDate": at}

    def call(self: Any, operation: str, given: Any) -> Any:
        return ask(self, operation, given) | (scheduled if operation == "DescribeSecret" else {})

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    check = with_salesforce.looked_at("rotation")["rotation"]
    day = "" if at is None else " by 2026-12-24T00:00:00Z"
    assert (check["outcome"], check["cause"]) == ("ok", f"None is pending; Secrets Manager begins the next{day}.")


@pytest.mark.parametrize("text", ["{}", "no JSON", '{"private_key": "none"}'])
def test_a_pending_version_that_is_none_of_a_rotations_is_told_with_the_command_that_takes_it_away(
    with_salesforce: Patient, text: str
) -> None:
    version = pending(with_salesforce, text)
    check = with_salesforce.looked_at("rotation")["rotation"]
    assert check["outcome"] == "warning"
    assert f"--version-stage AWSPENDING --remove-from-version-id {version}" in check["remedy"]
