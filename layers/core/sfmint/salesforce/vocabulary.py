"""How a place that people read calls what a sentence speaks of: a stack has a secret's fields, a terminal has options."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """A field of a connection's secret, by its name there."""

    CONSUMER_KEY = "consumer_key"
    USERNAME = "username"
    TOKEN_HOST = "token_host"  # noqa: S105 - a name
    AUDIENCE = "audience"
    PRIVATE_KEY = "private_key"
    SIGNER = "signer"
    PRIVATE_KEY_PASSPHRASE = "private_key_passphrase"  # noqa: S105
    CERTIFICATE = "certificate"
    TOKEN_LIFETIME = "token_lifetime"  # noqa: S105
    TAINTED_KEYS = "tainted_keys"
    ORG_ID = "org_id"
    HOSTS = "hosts"
    ADMIN_CONNECTION = "admin_connection"
    APP = "app"
    OTHER_APP = "other_app"
    OTHER_CONSUMER_KEY = "other_consumer_key"
    OTHER_SIGNER = "other_signer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that fill the places of a sentence, `{username}` or `{store}`.

    Attributes:
        fields: what each field of a secret is called.
        where: where a field stands, to follow its name; begins with a blank, or is empty.
        store: the verb for handing a value over; `{Store}` begins a sentence.
        signing_machine: the machine whose clock and key sign.
        outgoing_address: the address that Salesforce sees.
        way_out: what may keep a request from leaving.
        trust_proxy: how to trust a proxy that reads TLS.
        proxy_login: how to give a proxy the user and the password that it wants.
        check_lifetime: what to do where tokens end too early.
    """

    fields: Mapping[Field, str]
    where: str
    store: str
    signing_machine: str
    outgoing_address: str
    way_out: str
    trust_proxy: str
    proxy_login: str
    check_lifetime: str

    def fill(self, sentence: str, **details: object) -> str:
        """Return a sentence with its places filled.

        Args:
            sentence: with places in braces: a field's name, a word of this vocabulary, or one of the details.
            details: what is known of this one case; what they hold is not read for places.

        Raises:
            KeyError: nothing fills a place.
        """
        return sentence.format(
            **{field.value: name for field, name in self.fields.items()},
            where=self.where,
            store=self.store,
            Store=self.store.capitalize(),
            signing_machine=self.signing_machine,
            outgoing_address=self.outgoing_address,
            way_out=self.way_out,
            trust_proxy=self.trust_proxy,
            proxy_login=self.proxy_login,
            check_lifetime=self.check_lifetime,
            **details,
        )


OF_THE_STACK = Vocabulary(
    fields={field: field.value for field in Field},
    where=" in the secret",
    store="store",
    signing_machine="the machine that signs (in Lambda the clock is AWS's: open a case with AWS Support)",
    outgoing_address="the address from which the Lambda functions reach the internet",
    way_out="in a VPC the way out to the internet (NAT or HttpsProxy)",
    trust_proxy="give the functions its certificate authority (SSL_CERT_FILE)",
    proxy_login=(
        "store them in the secret that the parameter HttpsProxySecretArn names, as the fields username and password of a JSON"
        " object, and flush the connection"
    ),
    check_lifetime="compare token_lifetime in the secret with the app's session time-out",
)
