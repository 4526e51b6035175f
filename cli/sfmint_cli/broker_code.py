"""The broker's own code that this program runs: the key, Salesforce's token endpoint, clock and chance.

No other module of the command line imports `sfmint.adapters`.
"""

from sfmint.adapters.signers.certificate import CertifiedKey, certified_key
from sfmint.adapters.signers.der import label_of
from sfmint.adapters.signers.pem_text import blocks_of, pem_of_octets
from sfmint.adapters.signers.signing_key import SigningKey, is_encrypted, key_id_of, load_signing_key, unpanicked
from sfmint.adapters.system import SystemChance
from sfmint.adapters.token_endpoint import PATH, HttpsTokenEndpoint
from sfmint_values.system import SystemClock

__all__ = [
    "PATH",
    "CertifiedKey",
    "HttpsTokenEndpoint",
    "SigningKey",
    "SystemChance",
    "SystemClock",
    "blocks_of",
    "certified_key",
    "is_encrypted",
    "key_id_of",
    "label_of",
    "load_signing_key",
    "pem_of_octets",
    "unpanicked",
]
