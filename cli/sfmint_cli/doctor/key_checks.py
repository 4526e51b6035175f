"""Does the secret hold a key that signs, and a certificate that fits it and is in date?"""

from datetime import UTC, datetime

from sfmint.salesforce.credential_fault import CredentialFault
from sfmint_cli.credentials import signing_key
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.instants import written
from sfmint_cli.key_file import SOON
from sfmint_cli.key_in_kms import NEW_KEY
from sfmint_cli.pasteable import aws, sfmint
from sfmint_cli.storing_command import storing


def key(case: Case) -> Finding:
    """Load the key as the broker does: its form, its passphrase, its size, and its certificate."""
    found = case.connection
    try:
        case.key = signing_key(found, case.account)
    except CredentialFault as fault:
        error = fault.to_error(case.name)
        return Finding.fault(error.cause, error.remedy)
    if found.signing_key is not None:
        return Finding.ok(f"KMS signs, and the certificate is of the key {case.key.key_id}.")
    fits = "" if found.certificate is None else ", and the certificate is its own"
    return Finding.ok(f"The key {case.key.key_id} signs{fits}.")


def tainted(case: Case) -> Finding:
    """Look whether the key is barred."""
    if case.key.key_id in case.connection.tainted_keys:
        return Finding.fault(
            f"The key {case.key.key_id} is tainted, so nobody logs in with it.",
            f"Make a new pair: {_new_pair(case)}"
            if case.connection.signing_key is None
            else f"Make another key of KMS: {aws(*NEW_KEY)}",
        )
    return Finding.ok("The secret does not bar it.")


def certificate(case: Case) -> Finding:
    """Look at the certificate's dates, which Salesforce does not check for now."""
    start, end = case.key.valid_from, case.key.valid_until
    if start is None or end is None:
        return Finding.not_checked(
            "The secret holds no certificate, so its end is not known here.",
            f"Store it with the key: {storing(case.name, case.connection)}",
        )
    now = datetime.fromtimestamp(case.clock.now(), UTC)
    ends = f"on {written(end)}"
    if end <= now:
        return Finding.warning(
            f"The certificate has ended, {ends}; Salesforce does not check that for now.",
            f"Make a new pair before it does: {_new_pair(case)}",
        )
    if start > now:
        return Finding.warning(
            f"The certificate is valid only from {written(start)} on.",
            f"Check the clock of the machine that made it, or make a new pair: {_new_pair(case)}",
        )
    if end - now <= SOON:
        return Finding.warning(
            f"The certificate ends {ends}, in {(end - now).days} days.", f"Make a new pair: {_new_pair(case)}"
        )
    return Finding.ok(f"It ends {ends}.")


def _new_pair(case: Case) -> str:
    in_kms = ("--kms", case.connection.signing_key) if case.connection.signing_key else ()
    return sfmint("keys", "new", case.name, *in_kms, "--out", "DIR")
