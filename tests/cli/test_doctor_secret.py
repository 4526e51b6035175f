"""`sfmint doctor` on a secret that is missing, locked, damaged or left half changed, and on its key and certificate."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from cli.patient import SECRET_ID, Patient, with_salesforce
from conftest import make_key_pair, pem_of
from lambda_service import ACCOUNT, REGION
from sfmint.adapters.signers.signing_key import load_signing_key
from sfmint_cli.pasteable import aws
from sfmint_cli.storing_command import storing
from sfmint_values.secret import Secret

if TYPE_CHECKING:
    from conftest import KeyPair

__all__ = ["with_salesforce"]

DAY = timedelta(days=1)
NOTHING_OF_THE_SECRET = ("value", "fields", "key", "tainted", "certificate", "dns", "tls", "clock", "login", "scopes")


def certificate(key_pair: "KeyPair", start: datetime, end: datetime) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sfmint test")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key_pair.key.public_key())
    dated = builder.serial_number(1).not_valid_before(start).not_valid_after(end)
    return dated.sign(key_pair.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def id_of(key_pair: "KeyPair") -> str:
    return load_signing_key(Secret(key_pair.pem), None, None).key_id


def test_a_secret_that_is_missing_stops_what_needs_it(with_salesforce: Patient) -> None:
    with_salesforce.account.secrets.delete_secret(SecretId=SECRET_ID, ForceDeleteWithoutRecovery=True)
    examined = with_salesforce.examined()
    assert examined["secret"]["cause"] == f"There is no secret {SECRET_ID}."
    assert examined["secret"]["remedy"] == f"Store credentials: {storing('my-org')}"
    assert set(NOTHING_OF_THE_SECRET) <= set(examined.not_checked)
    assert examined["row"]["outcome"] == "ok"
    assert with_salesforce.customer.logins == 0


def test_a_secret_that_is_to_be_deleted_is_taken_back(with_salesforce: Patient) -> None:
    with_salesforce.account.secrets.delete_secret(SecretId=SECRET_ID)
    examined = with_salesforce.examined()
    assert examined["secret"]["remedy"].endswith(f"aws secretsmanager restore-secret --secret-id {SECRET_ID}")


def test_a_secret_without_a_value_is_told(with_salesforce: Patient) -> None:
    secrets = with_salesforce.account.secrets
    secrets.delete_secret(SecretId=SECRET_ID, ForceDeleteWithoutRecovery=True)
    secrets.create_secret(Name=SECRET_ID)
    assert with_salesforce.examined()["secret"]["cause"] == f"The secret {SECRET_ID} has no value."


def kms_key(patient: Patient) -> str:
    client = patient.client("kms")
    arn = str(client.create_key()["KeyMetadata"]["Arn"])
    patient.account.secrets.update_secret(SecretId=SECRET_ID, KmsKeyId=arn)
    return arn


def grant(patient: Patient, *arns: str) -> None:
    patient.account.cloud_formation.stacks["acme"][0]["SecretsKeyArns"] = ",".join(arns)


def test_a_kms_key_that_the_stack_lists_and_that_is_enabled_is_well(with_salesforce: Patient) -> None:
    grant(with_salesforce, kms_key(with_salesforce))
    assert with_salesforce.examined()["kms_key"]["outcome"] == "ok"


def test_a_kms_key_that_the_stack_does_not_list_is_told_with_those_that_it_does(with_salesforce: Patient) -> None:
    other = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef"
    grant(with_salesforce, other)
    arn = kms_key(with_salesforce)
    check = with_salesforce.examined()["kms_key"]
    assert (check["outcome"], arn in check["cause"]) == ("fault", True)
    assert check["remedy"] == f'make deploy PARAMETERS="SecretsKeyArns={other},{arn}"'


@pytest.mark.parametrize(
    ("change", "command"), [("disable_key", "enable-key"), ("schedule_key_deletion", "cancel-key-deletion")]
)
def test_a_kms_key_that_is_out_of_use_is_told_with_the_way_back(
    with_salesforce: Patient, change: str, command: str
) -> None:
    arn = kms_key(with_salesforce)
    grant(with_salesforce, arn)
    getattr(with_salesforce.client("kms"), change)(KeyId=arn.rpartition("/")[2])
    check = with_salesforce.examined()["kms_key"]
    assert (check["outcome"], arn in check["cause"]) == ("fault", True)
    assert check["remedy"].endswith(aws("kms", command, "--key-id", arn))


FIELDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no user": ({"username": None}, "lacks username", "Add what is missing."),
    "an unknown field": ({"user": "me"}, "has unknown fields: user", "Known are "),
    "an address of the browser": (
        {"token_host": "https://acme.lightning.force.com"},
        "the login is at https://acme.my.salesforce.com",
        "Correct token_host.",
    ),
    "a lifetime out of range": ({"token_lifetime": 5}, "is not a whole number of seconds", "Give the session time-out"),
    "no id of an org": ({"org_id": "acme"}, "is not the id of an org", "Copy it from Company Information"),
}


@pytest.mark.parametrize("case", FIELDS)
def test_a_field_at_fault_is_named_with_the_remedy_of_the_broker(with_salesforce: Patient, case: str) -> None:
    changes, cause, remedy = FIELDS[case]
    with_salesforce.store(**changes)
    check = with_salesforce.examined()["fields"]
    assert check["outcome"] == "fault"
    assert cause in check["cause"]
    assert check["remedy"].startswith(remedy)


def test_a_host_that_the_stack_does_not_list_is_told_with_the_command(with_salesforce: Patient) -> None:
    host = with_salesforce.customer.control.url.removeprefix("https://")
    with_salesforce.account.cloud_formation.stacks["acme"][0]["TokenHosts"] = "login.example.com"
    check = with_salesforce.examined()["fields"]
    assert f"The token host {host} is no host of Salesforce" in check["cause"]
    assert check["remedy"] == f'If it is yours: make deploy PARAMETERS="TokenHosts={host},login.example.com"'


def test_text_that_is_no_json_is_told_with_its_place(with_salesforce: Patient) -> None:
    with_salesforce.account.secrets.put_secret_value(SecretId=SECRET_ID, SecretString='{"username": }')
    assert "line 1" in with_salesforce.examined()["fields"]["cause"]


def test_a_key_in_another_form_is_told(with_salesforce: Patient) -> None:
    with_salesforce.store(private_key=with_salesforce.customer.key_pair.certificate)
    check = with_salesforce.examined()["key"]
    assert check["outcome"] == "fault"
    assert "private_key holds a certificate, not a private key" in check["cause"].lower()


def test_a_key_that_is_too_short_is_told(with_salesforce: Patient) -> None:
    short = make_key_pair(1024)
    with_salesforce.run.keys.add(short.pem)
    with_salesforce.store(private_key=short.pem, certificate=short.certificate)
    check = with_salesforce.examined()["key"]
    assert "has 1024 bits" in check["cause"]
    assert check["remedy"] == "Salesforce wants 2048 or more: make a new key and upload its certificate."


def test_an_encrypted_key_without_its_passphrase_is_told(with_salesforce: Patient) -> None:
    with_salesforce.store(private_key=pem_of(with_salesforce.customer.key_pair.key, passphrase="horse"))
    assert "private_key_passphrase is missing" in with_salesforce.examined()["key"]["cause"]


def test_a_certificate_of_another_key_is_told_before_salesforce_is_asked(
    with_salesforce: Patient, other_key_pair: "KeyPair"
) -> None:
    with_salesforce.store(certificate=other_key_pair.certificate)
    examined = with_salesforce.examined()
    assert "is of another key than private_key" in examined["key"]["cause"]
    assert with_salesforce.customer.logins == 0


def test_a_key_that_is_not_the_apps_is_told_by_salesforces_answer(
    with_salesforce: Patient, other_key_pair: "KeyPair"
) -> None:
    with_salesforce.run.keys.add(other_key_pair.pem)
    with_salesforce.store(private_key=other_key_pair.pem, certificate=other_key_pair.certificate)
    examined = with_salesforce.examined()
    assert examined["key"]["outcome"] == "ok"
    assert examined["login"]["remedy"] == (
        "Upload the certificate of private_key in the secret to the app, which holds one certificate only."
    )


def test_a_tainted_key_does_not_log_in(with_salesforce: Patient) -> None:
    key_id = id_of(with_salesforce.customer.key_pair)
    with_salesforce.store(tainted_keys=[key_id])
    examined = with_salesforce.examined()
    assert f"The key {key_id} is tainted" in examined["tainted"]["cause"]
    assert examined["tainted"]["remedy"].endswith("sfmint keys new my-org --out DIR")
    assert examined["login"]["outcome"] == "not checked"
    assert with_salesforce.customer.logins == 0


DATES: dict[str, tuple[Callable[[datetime], tuple[datetime, datetime]], str]] = {
    "has ended": (lambda now: (now - 9 * DAY, now - DAY), "The certificate has ended, on "),
    "is not yet valid": (lambda now: (now + DAY, now + 90 * DAY), "The certificate is valid only from "),
    "ends in 29 days": (lambda now: (now - DAY, now + 29.5 * DAY), ", in 29 days."),
}


@pytest.mark.parametrize("case", DATES)
def test_a_certificates_dates_are_told_and_keep_nobody_from_a_login(with_salesforce: Patient, case: str) -> None:
    dates, words = DATES[case]
    pair = with_salesforce.customer.key_pair
    with_salesforce.store(certificate=certificate(pair, *dates(datetime.now(UTC))))
    examined = with_salesforce.examined()
    assert (examined["certificate"]["outcome"], examined["login"]["outcome"]) == ("warning", "ok")
    assert words in examined["certificate"]["cause"]
    assert "sfmint keys new my-org --out DIR" in examined["certificate"]["remedy"]
    assert examined.ended.code == 1


def test_a_certificate_that_is_not_stored_is_no_fault(with_salesforce: Patient) -> None:
    with_salesforce.store(certificate=None)
    examined = with_salesforce.examined()
    assert (examined["certificate"]["outcome"], examined.ended.code) == ("not checked", 0)
    assert "--certificate" in examined["certificate"]["remedy"]


@pytest.mark.parametrize("stage", ["SFMINT_TRY", "SFMINT_AMEND"])
def test_a_version_that_was_left_behind_is_told_with_the_command_that_takes_its_stage(
    with_salesforce: Patient, stage: str
) -> None:
    secrets = with_salesforce.account.secrets
    version = secrets.put_secret_value(SecretId=SECRET_ID, SecretString="{}", VersionStages=[stage])["VersionId"]
    check = with_salesforce.examined()["stages"]
    assert check["outcome"] == "warning"
    take = aws(
        *("secretsmanager", "update-secret-version-stage", "--secret-id", SECRET_ID),
        *("--version-stage", stage, "--remove-from-version-id", version),
    )
    assert check["remedy"] == f"If none is under way: {take}"


def test_what_may_not_be_read_is_not_checked_and_no_fault(
    with_salesforce: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_salesforce.refuses(monkeypatch, "GetSecretValue")
    examined = with_salesforce.examined()
    assert (examined["value"]["outcome"], examined.ended.code) == ("not checked", 0)
    assert "AWS does not let these credentials read the secret" in examined["value"]["cause"]
    assert set(NOTHING_OF_THE_SECRET[1:]) <= set(examined.not_checked)
    assert examined["row"]["outcome"] == "ok"


def test_no_value_of_the_secret_is_shown(with_salesforce: Patient) -> None:
    with_salesforce.store(private_key="hunter2-is-no-key", certificate=None)
    with_salesforce.run.phrases.add("hunter2")
    assert with_salesforce.examined().wrong == ["key"]
    assert json.dumps(with_salesforce.customer.key_pair.pem)[1:40] not in "".join(with_salesforce.run.said)
