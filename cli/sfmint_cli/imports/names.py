"""The names under which people keep what a connection needs, in environments, .env files, JSON and other secrets."""

import re
from enum import StrEnum

from sfmint.salesforce.vocabulary import Field
from sfmint_values.foreign import Foreign


class Hint(StrEnum):
    """What is no field of the secret, but leads to one."""

    KEY_FILE = "key_file"
    CERTIFICATE_FILE = "certificate_file"
    PASSPHRASE_FILE = "passphrase_file"  # noqa: S105 - a name
    LOGIN_URL = "login_url"
    OTHER_LOGIN = "other_login"  # a password, a client secret, a refresh token: never read


PREFIXES = ("SF", "SALESFORCE", "SFDC", "SFDX")
_LEADING = ("SALESFORCE", "SFDC", "SFDX", "SF")  # the longest first
# Sources: sfdx-core AuthFields; the names of jsforce's, simple-salesforce's and n8n's settings; of publicly shared .env files.
NAMES: dict[Field | Hint, tuple[str, ...]] = {
    Field.CONSUMER_KEY: ("CONSUMER_KEY", "CLIENT_ID", "CONSUMER_ID", "APP_CLIENT_ID", "JWT_CLIENT_ID", "ISSUER", "ISS"),
    Field.USERNAME: ("USERNAME", "USER_NAME", "USER", "JWT_USERNAME", "SUBJECT", "SUB"),
    Field.PRIVATE_KEY: (
        *("PRIVATE_KEY", "PRIVATE_KEY_BASE64", "PRIVATE_KEY_B64", "PRIVATE_KEY_PEM", "PRIVATE_KEY_CONTENT"),
        *("JWT_KEY", "JWT_PRIVATE_KEY", "JWT_SECRET_KEY", "SERVER_KEY", "RSA_PRIVATE_KEY", "PEM"),
    ),
    Hint.KEY_FILE: (
        *("PRIVATE_KEY_FILE", "PRIVATE_KEY_PATH", "PRIVATE_KEY_FILE_PATH", "PRIVATEKEY_FILE", "KEY_FILE", "KEY_PATH"),
        *("JWT_KEY_FILE", "JWT_KEY_PATH", "JWT_PRIVATE_KEY_FILE", "JWT_PRIVATE_KEY_PATH", "SERVER_KEY_FILE"),
        "SERVER_KEY_PATH",
    ),
    Field.PRIVATE_KEY_PASSPHRASE: ("PRIVATE_KEY_PASSPHRASE", "PRIVATE_KEY_PASSWORD", "KEY_PASSPHRASE", "KEY_PASSWORD"),
    Hint.PASSPHRASE_FILE: ("PRIVATE_KEY_PASSPHRASE_FILE", "KEY_PASSPHRASE_FILE"),
    Field.CERTIFICATE: ("CERTIFICATE", "CERT", "PUBLIC_CERT", "JWT_CERTIFICATE", "SERVER_CRT"),
    Hint.CERTIFICATE_FILE: ("CERTIFICATE_FILE", "CERTIFICATE_PATH", "CERT_FILE", "CERT_PATH"),
    Field.TOKEN_HOST: ("TOKEN_HOST", "INSTANCE_URL", "INSTANCE", "MY_DOMAIN", "MY_DOMAIN_URL", "ORG_INSTANCE_URL"),
    Field.AUDIENCE: ("AUDIENCE", "AUDIENCE_URL", "AUD", "JWT_AUDIENCE"),
    Hint.LOGIN_URL: ("LOGIN_URL", "LOGIN_HOST", "TOKEN_URL", "TOKEN_ENDPOINT", "BASE_URL", "URL", "DOMAIN"),
    Field.ORG_ID: ("ORG_ID", "ORGANIZATION_ID"),
    Field.TOKEN_LIFETIME: ("TOKEN_LIFETIME",),
    Field.HOSTS: ("HOSTS",),
    Field.TAINTED_KEYS: ("TAINTED_KEYS",),
    Hint.OTHER_LOGIN: (
        *("PASSWORD", "SECURITY_TOKEN", "CLIENT_SECRET", "CONSUMER_SECRET", "REFRESH_TOKEN", "ACCESS_TOKEN"),
        "SFDX_AUTH_URL",
    ),
}
LONGEST_NAME = 100
_JOINTS = re.compile(r"[_. -]")


def _flat(name: Foreign) -> str:
    return _JOINTS.sub("", name).upper()


_PARTS = {_flat(name): part for part, names in NAMES.items() for name in names}


def part_of(name: Foreign) -> tuple[Field | Hint | None, bool]:
    """Return what a name stands for, if anything, and whether it says that it is Salesforce's.

    Args:
        name: such as `SF_CLIENT_ID`, `clientId` or `salesforce-username`; case and joints do not count.
    """
    if len(name) > LONGEST_NAME:
        return None, False
    flat = _flat(name)
    if whole := _PARTS.get(flat):
        return whole, flat.startswith(_LEADING)
    for prefix in _LEADING:
        if flat.startswith(prefix) and (part := _PARTS.get(flat.removeprefix(prefix))):
            return part, True
    return None, False


def names_for(part: Field | Hint) -> str:
    """Return the names of a part with the usual prefix, as a sentence lists them: the first three."""
    return ", ".join(f"SF_{name}" for name in NAMES[part][:3])
