"""An assertion as the broker would sign it, decoded, and what is to be compared with Salesforce."""

import hashlib
from dataclasses import dataclass

from sfmint.ports import Chance, Clock
from sfmint.salesforce.access_token import iso8601
from sfmint.salesforce.assertion import ALGORITHM, LIFETIME_S, claims, signed
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.vocabulary import Field
from sfmint_cli.broker_code import PATH, blocks_of, key_id_of
from sfmint_cli.instants import written
from sfmint_cli.result import Facts
from sfmint_cli.signing import Signing

HIDDEN = "(hidden; --show shows it)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What a login would send.

    Attributes:
        connection: what the secret says, or the options.
        key: what signs.
        clock: time.
        chance: chance.
    """

    connection: Connection
    key: Signing
    clock: Clock
    chance: Chance

    def to_facts(self, *, show: bool) -> Facts:
        """Return it in words; nothing is sent.

        Args:
            show: with the assertion itself, signature included.
        """
        now = self.clock.now()
        claimed = claims(self.connection, now=now, jti=self.chance.unique())
        assertion = signed(claimed, self.key.signature).reveal() if show else HIDDEN
        return {
            "assertion": assertion,
            "header": {"alg": ALGORITHM, "typ": "JWT"},
            "claims": dict(claimed),
            "would_be_sent_to": self.connection.token_host + PATH,
            "clock": iso8601(now),
            "valid_until": iso8601(now + LIFETIME_S),
            "key_id": self.key.key_id,
            "barred": self.key.key_id in self.connection.tainted_keys,
            "certificate": self._certificate(now),
        }

    def _certificate(self, now: float) -> Facts | None:
        start, end = self.key.valid_from, self.key.valid_until
        if self.connection.certificate is None or start is None or end is None:
            return None
        return {
            "sha256": fingerprint_of(self.connection.certificate, self.key.key_id),
            "valid_from": written(start),
            "valid_until": written(end),
            "valid_now": start.timestamp() <= now < end.timestamp(),
        }


def fingerprint_of(certificate: str, key_id: str) -> str | None:
    """Return the SHA-256 fingerprint of a key's certificate, of a chain of the key's own, in upper case with colons.

    Args:
        certificate: in any form in which the secret may hold it.
        key_id: of the key.
    """
    for block in blocks_of(Field.CERTIFICATE, certificate):
        if key_id_of(block.to_pem()) == key_id:
            return hashlib.sha256(block.octets).digest().hex(":").upper()
    return None
