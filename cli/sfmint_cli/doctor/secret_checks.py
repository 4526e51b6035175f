"""Is there a secret, may it be opened, and do its fields make a connection?"""

from contextlib import suppress

from sfmint.salesforce.connection import parse_connection
from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.secret_text import fields_of
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.aws_account import asking
from sfmint_cli.connection_secret import AMENDED, OWN_KEY, TRY, State
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.pasteable import aws
from sfmint_cli.storing_command import storing
from sfmint_values.kms_key_arn import is_key_arn
from sfmint_values.login_urls import audience_url

WAYS_BACK = {"Disabled": "enable-key", "PendingDeletion": "cancel-key-deletion"}


def secret(case: Case) -> Finding:
    """Look for the secret and its current version."""
    found = case.secret.describe()
    name = case.secret.name
    if found.state is State.DELETED:
        return Finding.fault(
            f"The secret {name} is scheduled for deletion.", f"Take that back: {case.secret.restoration()}"
        )
    if "AWSCURRENT" not in found.at:
        cause = f"There is no secret {name}." if found.state is State.MISSING else f"The secret {name} has no value."
        return Finding.fault(cause, f"Store credentials: {storing(case.name)}")
    case.described = found
    return Finding.ok(f"{name} has a value.")


def kms_key(case: Case) -> Finding:
    """Look whether the functions may open the secret with its KMS key, and whether that is enabled."""
    key = case.described.kms_key
    if key is None or key.endswith(OWN_KEY):
        return Finding.ok("It is under the account's own key, aws/secretsmanager.")
    if is_key_arn(key) and key not in case.stack.secrets_keys:
        return _not_granted(case, key)
    with asking(f"describe the KMS key {key}"):
        found = case.account.client("kms").describe_key(KeyId=key)["KeyMetadata"]
        arn, state, is_own = str(found["Arn"]), str(found["KeyState"]), found.get("KeyManager") == "AWS"
    if state != "Enabled":
        command = WAYS_BACK.get(state)
        remedy = f"Take it into use again: {aws('kms', command, '--key-id', arn)}" if command else "Have it enabled."
        return Finding.fault(f"The KMS key of the secret, {arn}, is {state}, so nobody can open it.", remedy)
    if not is_own and arn not in case.stack.secrets_keys:
        return _not_granted(case, arn)
    return Finding.ok("Its KMS key is enabled, and the stack's SecretsKeyArns lists it.")


def _not_granted(case: Case, arn: str) -> Finding:
    keys = ",".join((*case.stack.secrets_keys, arn))
    return Finding.fault(
        f"The stack's functions may not open the secret: its KMS key {arn} is not in SecretsKeyArns.",
        f'make deploy PARAMETERS="SecretsKeyArns={keys}"',
    )


def value(case: Case) -> Finding:
    """Read the secret's current value, which only this process sees."""
    text = case.secret.read()
    if text is None:
        return Finding.fault(
            f"The secret {case.secret.name} is empty, or no text.", f"Store credentials: {storing(case.name)}"
        )
    case.text = text
    return Finding.ok("It can be read from here.")


def fields(case: Case) -> Finding:
    """Read the fields as the broker does."""
    try:
        case.connection = parse_connection(case.name, case.text, case.stack.token_hosts)
    except CredentialFault as fault:
        if host := _unlisted_host(case):
            hosts = ",".join(sorted(case.stack.token_hosts | {host}))
            return Finding.fault(
                f"The token host {host} is no host of Salesforce, and the stack's TokenHosts does not list it.",
                f'If it is yours: make deploy PARAMETERS="TokenHosts={hosts}"',
            )
        error = fault.to_error(case.name)
        return Finding.fault(error.cause, error.remedy)
    found = case.connection
    return Finding.ok(f"It is for {found.username} at {found.token_host}, audience {found.audience}.")


def _unlisted_host(case: Case) -> str | None:
    """Return the token host, if all would be well once the stack lists it."""
    with suppress(CredentialFault, ValueError):
        said = fields_of(case.text)
        url = str(said.get(Field.TOKEN_HOST) or said.get(Field.AUDIENCE) or "")
        host = audience_url(url.strip()).split("/")[2]
        parse_connection(case.name, case.text, case.stack.token_hosts | {host})
        return host
    return None


def stages(case: Case) -> Finding:
    """Look for versions that a change has left behind."""
    at = case.described.at
    for stage, whence in ((TRY, "a try"), (AMENDED, "a taint")):
        version = at.get(stage)
        if version is None or version == at["AWSCURRENT"]:
            continue
        return Finding.warning(
            f"A version of the secret has the stage {stage}: {whence} is under way, or has left it behind.",
            f"If none is under way: {removal(case, stage, version)}",
        )
    return Finding.ok("No change of it was left half done.")


def removal(case: Case, stage: str, version: str) -> str:
    """Return the command that takes a stage off a version of the secret."""
    return aws(
        *("secretsmanager", "update-secret-version-stage", "--secret-id", case.secret.name),
        *("--version-stage", stage, "--remove-from-version-id", version),
    )
