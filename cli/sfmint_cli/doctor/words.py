"""The broker's words for a failed login, said of a secret whose login was tried from this machine."""

from dataclasses import replace

from sfmint.salesforce.login_failures.reason import Reason
from sfmint.salesforce.login_failures.table import LoginFailed
from sfmint.salesforce.vocabulary import OF_THE_STACK, Vocabulary
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.vocabulary import OF_OPTIONS

FROM_HERE = replace(
    OF_THE_STACK,
    signing_machine=OF_OPTIONS.signing_machine,
    outgoing_address=OF_OPTIONS.outgoing_address,
    way_out=OF_OPTIONS.way_out,
    trust_proxy=OF_OPTIONS.trust_proxy,
    proxy_login=OF_OPTIONS.proxy_login,
)


def of_login(failed: LoginFailed) -> Finding:
    """Return what a login from here has failed of, with the likeliest remedy."""
    error = failed.reason.to_error(failed.detail, FROM_HERE)
    return Finding.fault(error.cause, first_step(failed.reason, FROM_HERE))


def first_step(reason: Reason, words: Vocabulary = OF_THE_STACK) -> str:
    """Return the likeliest remedy of a failed login as a sentence."""
    return sentence(reason.told(words).steps[0])


def sentence(clause: str) -> str:
    """Return a clause as a sentence."""
    return f"{clause[0].upper()}{clause[1:]}."
