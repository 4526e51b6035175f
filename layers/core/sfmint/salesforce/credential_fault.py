"""What can be wrong with the fields of a connection: data, which a stack tells of its secret and a terminal of its options."""

from enum import Enum

from sfmint.errors import InvalidCredentials
from sfmint.salesforce.vocabulary import OF_THE_STACK, Field, Vocabulary


class Fault(Enum):
    """One kind of fault: what follows the name of the field, or of the whole secret, and the remedy as a sentence.

    The places in braces are those of a `Vocabulary`, and the details that go with the kind.
    """

    # of the whole
    UNREADABLE = (
        "is {what}",
        "{Store} one JSON object with the fields of a connection; sfmint connection add writes one.",
    )
    UNKNOWN_FIELDS = ("has unknown fields: {names}", "Known are {known}.")
    MISSING_FIELDS = ("lacks {names}", "Add what is missing.")
    TWO_SIGNERS = ("holds both {private_key} and {signer}", "Leave out the one that Salesforce does not know.")
    HALF_OF_AN_APP = (
        "holds only one of {other_app} and {other_consumer_key}",
        "Add the missing one, or leave out both: they are one app.",
    )
    NO_HOST = (
        "names neither {token_host} nor {audience}",
        "Give your My Domain as {token_host}, such as https://acme.my.salesforce.com.",
    )
    # of any field
    NO_TEXT = ("is empty, or not a text", "{Store} it as a text that is not empty.")
    UNPRINTABLE = ("has characters that cannot be printed", "Paste it again.")
    # of token_host, audience, hosts, org_id and token_lifetime
    NO_ORIGIN = ("{clause}", "Correct {field}.")
    NO_ORG_ID = (
        "is not the id of an org",
        "Copy it from Company Information in Salesforce Setup: 15 or 18 characters that begin with 00D.",
    )
    OUT_OF_RANGE = (
        "is not a whole number of seconds from {least} to {most}",
        "Give the session time-out of the Salesforce app in seconds.",
    )
    NO_KEY_IDS = (
        "is not a list of at most {most} key ids",
        "Give key ids as status shows them, 16 hex digits each. sfmint taint writes the list.",
    )
    # of signer, and of what a rotation reads
    NO_KMS_KEY = (
        "does not name a KMS key",
        "Name the key itself by its ARN, {shape} and no alias; in a secret the ARN is the field kms of an object.",
    )
    OF_ANOTHER_REGION = (
        "names a key in {region}, and the stack is in {own}",
        "Name a key in the stack's own region; of a multi-region key that is its replica there.",
    )
    NO_SUCH_KMS_KEY = (
        "names a key that KMS does not know",
        "Look in KMS whether the key was deleted; if so, make a new one, and upload the certificate of that.",
    )
    NO_RSA_SIGNER = (
        "names a key that does not sign with RSA",
        "Make a key of the kind {kind} for SIGN_VERIFY, and upload its certificate.",
    )
    TOO_LONG_TO_SIGN = (
        "cannot sign so long an assertion: KMS signs {most} bytes",
        "Check {consumer_key}, {username} and {audience}: one of them is too long to be meant.",
    )
    NO_CONNECTION_NAME = ("is not the name of a connection", "A name has {rule}.")
    ITS_OWN_ADMIN = (
        "is the connection itself",
        "Name another connection, whose user may change the app: a login that depends on the change cannot make it.",
    )
    NO_APP_NAME = (
        "is not the API name of an app",
        "Copy it from Salesforce Setup: letters, digits and single underscores, a letter first.",
    )
    IN_USE = ("is the one that is in use", "Name another one, with which it takes turns, or leave it out.")
    NO_TURNS = (
        "needs {signer} beside it",
        "Leave it out, or let KMS sign: a rotation takes turns between two keys of KMS.",
    )
    # of private_key and certificate
    NOT_PEM = ("is not PEM", "{Store} the text from -----BEGIN ...{label}----- to its END line.")
    ANOTHER_KIND = ("holds {found}, not {wanted}", "{Store} the text from -----BEGIN ...{label}----- to its END line.")
    CONVERTIBLE = ("holds {found}, not {wanted}", "Convert it, {command}, and {store} what comes out.")
    OTHER_FORM = ("holds {found}, not {wanted}", "{advice}.")
    NO_PASSPHRASE = ("is encrypted, and {private_key_passphrase} is missing", "Add the passphrase.")
    NOT_DECRYPTED = (
        "cannot be decrypted with {private_key_passphrase}",
        "Check the passphrase. If it is the right one, the key is damaged: {store} the whole file as it was made.",
    )
    UNSUPPORTED_CIPHER = (
        "is encrypted with a cipher that sfmint does not read",
        "Encrypt it anew, openssl pkcs8 -topk8 -provider legacy -provider default -in FILE -out NEW, and {store} that.",
    )
    DAMAGED = ("is damaged", "{Store} the whole file as it was made.")
    NOT_RSA = ("is not an RSA key", "Salesforce takes RS256 only: make an RSA key.")
    MORE_PRIMES = ("is an RSA key of more than two primes", "Make a new key, and upload its certificate.")
    TOO_SHORT = ("has {bits} bits", "Salesforce wants {least} or more: make a new key and upload its certificate.")
    OF_ANOTHER_SIGNER = (
        "is of another key than {signer}",
        "{Store} the certificate that was made with this key of KMS, and upload the same one to Salesforce.",
    )
    OF_ANOTHER_KEY = (
        "is of another key than {private_key}",
        "{Store} the certificate that was made from this key, and upload the same one to Salesforce.",
    )


class CredentialFault(Exception):  # noqa: N818 - what is found
    """The fields of a connection cannot be used.

    Args:
        fault: of which kind.
        field: the field at fault; None where it is the whole.
        details: what the kind's sentences have places for; never a secret.
    """

    def __init__(self, fault: Fault, field: Field | None = None, **details: str | int) -> None:
        super().__init__(fault.name)
        self.fault = fault
        self.field = field
        self.details = details

    def clause(self, vocabulary: Vocabulary) -> str:
        """Return what is wrong, to follow the name of the field or of the whole."""
        return self._filled(self.fault.value[0], vocabulary)

    def remedy(self, vocabulary: Vocabulary) -> str:
        """Return what to do about it, one sentence or two."""
        return self._filled(self.fault.value[1], vocabulary)

    def to_error(self, connection: str) -> InvalidCredentials:
        """Return the error that callers meet, who know the connection by name and its secret by fields."""
        secret = f"secret of connection {connection!r}"
        subject = f"The {secret}" if self.field is None else f"In the {secret}, {OF_THE_STACK.fields[self.field]}"
        return InvalidCredentials(f"{subject} {self.clause(OF_THE_STACK)}.", remedy=self.remedy(OF_THE_STACK))

    def _filled(self, sentence: str, vocabulary: Vocabulary) -> str:
        field = "" if self.field is None else vocabulary.fields[self.field]
        return vocabulary.fill(sentence, field=field, **self.details)
