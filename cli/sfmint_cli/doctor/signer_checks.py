"""Does KMS have the key that signs, and may the stack's functions sign with it? And with the one that takes turns?"""

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint.salesforce.rotation_fields import parse_rotation
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.secret_checks import WAYS_BACK
from sfmint_cli.key_in_kms import KeyInKms, PublicHalf
from sfmint_cli.pasteable import aws, sfmint
from sfmint_cli.storing_command import storing
from sfmint_values.kms_key_arn import region_of


def signer(case: Case) -> Finding:
    """Look at the key of KMS that signs: it is there, enabled, the certificate's, and the stack may use it."""
    arn = case.connection.signing_key
    if arn is None:
        return Finding.ok("The key is in the secret, and not in KMS.")
    public = _usable(case, arn, Field.SIGNER)
    if isinstance(public, Finding):
        return public
    if public.key_id != case.key.key_id:
        return Finding.fault(
            f"The certificate in the secret is of another key than the KMS key {arn}, so Salesforce refuses what that signs.",
            "Make one of it, upload it, and store it with the key:"
            f" {sfmint('keys', 'new', case.name, '--kms', arn, '--out', 'DIR')}",
        )
    return Finding.ok(f"The KMS key {arn} is the certificate's ({public.spec}), enabled, and SigningKeyArns lists it.")


def other_signer(case: Case) -> Finding:
    """Look at the key of KMS with which a rotation takes turns; no login needs it, so its faults are warnings."""
    try:
        arn = parse_rotation(case.name, case.text).other_signing_key
    except CredentialFault as fault:
        error = fault.to_error(case.name)
        return Finding.warning(f"{error.cause} A rotation cannot begin.", error.remedy)
    if arn is None:
        return Finding.ok("No other key of KMS takes turns with it.")
    public = _usable(case, arn, Field.OTHER_SIGNER)
    if isinstance(public, Finding):
        return Finding.warning(public.cause, public.remedy)
    return Finding.ok(
        f"The KMS key {arn} can take turns with it ({public.spec}): it is enabled, and SigningKeyArns lists it."
    )


def _usable(case: Case, arn: str, field: Field) -> PublicHalf | Finding:
    """Return the public half of a key with which the stack's functions may sign, or what keeps them from it."""
    if wrong := _ungranted(case, arn, field):
        return wrong
    key = KeyInKms.of(case.account, arn, f"the secret's {field}")
    return _out_of_use(key) or key.public_half()


def _ungranted(case: Case, arn: str, field: Field) -> Finding | None:
    """Return why the stack's functions may not sign with a key; None: they may, by the stack's parameters."""
    region = case.account.region
    if region_of(arn) != region:
        return Finding.fault(
            f"The KMS key of {field} is in {region_of(arn)}, and the stack in {region}, where its functions ask KMS.",
            f"Store a key of {region}: {storing(case.name, case.connection)}",
        )
    if arn in case.stack.signing_keys:
        return None
    keys = ",".join((*case.stack.signing_keys, arn))
    return Finding.fault(
        f"The stack's functions may not sign with the KMS key {arn}, which {field} names: it is not in SigningKeyArns.",
        f'make deploy PARAMETERS="SigningKeyArns={keys}"',
    )


def _out_of_use(key: KeyInKms) -> Finding | None:
    if (state := key.state()) == "Enabled":
        return None
    command = WAYS_BACK.get(state)
    remedy = f"Take it into use again: {aws('kms', command, '--key-id', key.arn)}" if command else "Have it enabled."
    return Finding.fault(
        f"The KMS key {key.arn}, which {key.called} names, is {state}, so nobody can sign with it.", remedy
    )
