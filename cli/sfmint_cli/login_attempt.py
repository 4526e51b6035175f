"""One login from this machine: the broker's own code, and every step in words."""

from dataclasses import dataclass

from sfmint.lifetime import DEAD_WITHIN_S, SOFT_SPREAD
from sfmint.ports import Clock
from sfmint.salesforce.access_token import AccessToken, iso8601
from sfmint.salesforce.assertion import ALGORITHM, LIFETIME_S, claims, signed
from sfmint.salesforce.connection import Connection
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed
from sfmint.salesforce.vocabulary import Vocabulary
from sfmint.use_cases.token_answer import token_of
from sfmint_cli.broker_code import PATH, HttpsTokenEndpoint, SystemChance, SystemClock
from sfmint_cli.result import Facts, Failed
from sfmint_cli.signing import Signing
from sfmint_cli.way_out import host_of
from sfmint_values.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A login to be tried.

    Attributes:
        connection: what the secret would say.
        key: what signs.
        listed: hosts beside Salesforce's own that may be asked.
        ca_bundle: path of the authorities to trust; None: certifi's.
        proxy: URL of a proxy, or None.
        vocabulary: what the command line calls the fields of the connection.
    """

    connection: Connection
    key: Signing
    listed: frozenset[str]
    ca_bundle: str | None
    proxy: str | None
    vocabulary: Vocabulary

    def run(self, *, show: bool) -> Facts:
        """Log in, and return what was sent and what came back.

        Args:
            show: with the access token itself.

        Raises:
            Failed: Salesforce gave no usable token; the facts say what was sent.
        """
        clock, chance = SystemClock(), SystemChance()
        asked_at = clock.now()
        claimed = claims(self.connection, now=asked_at, jti=chance.unique())
        sent = {"assertion": self._explained(claimed)}
        try:
            token = self._exchange(signed(claimed, self.key.signature), clock, asked_at)
        except LoginFailed as failed:
            raise self._refused(failed, sent) from None
        answer = _answered(token, now=clock.now(), show=show)
        return {**sent, "answer": answer, "took_ms": round((clock.now() - asked_at) * 1000)}

    def log_in(self) -> AccessToken:
        """Log in, and return the token.

        Raises:
            LoginFailed: Salesforce gave no usable one.
        """
        clock = SystemClock()
        asked_at = clock.now()
        claimed = claims(self.connection, now=asked_at, jti=SystemChance().unique())
        return self._exchange(signed(claimed, self.key.signature), clock, asked_at)

    def _exchange(self, assertion: Secret, clock: Clock, asked_at: float) -> AccessToken:
        answer = HttpsTokenEndpoint(clock, self.ca_bundle, self.proxy).exchange(self.connection, assertion)
        token = token_of(
            answer, self.connection, assertion, asked_at=asked_at, soft_share=SOFT_SPREAD[0], listed=self.listed
        )
        if token.hard_expiry - clock.now() <= DEAD_WITHIN_S:
            raise LoginFailed(REASONS["dead_on_arrival"])
        return token

    def _explained(self, claimed: dict[str, str | int]) -> Facts:
        """Return the assertion in words, its signature left out."""
        exp = int(claimed["exp"])
        return {
            "sent_to": self.connection.token_host + PATH,
            "through_proxy": host_of(self.proxy),
            "signed_with_key_id": self.key.key_id,
            "header": {"alg": ALGORITHM, "typ": "JWT"},
            "claims": {**claimed},
            "meaning": {
                "iss": "consumer key of the app",
                "sub": "exact name of the user",
                "aud": "whom the assertion is for: audience",
                "exp": f"valid until {iso8601(exp)}, {LIFETIME_S // 60} minutes from now by this machine's clock",
                "jti": "makes this assertion unlike any other",
            },
        }

    def _refused(self, failed: LoginFailed, sent: Facts) -> Failed:
        reason = failed.reason
        error = reason.to_error(failed.detail, self.vocabulary)
        refusal = {
            "reason": reason.code,
            "salesforce_said": failed.said or None,
            "look_first": reason.told(self.vocabulary).steps[0],
        }
        return Failed(error.cause, remedy=error.remedy, name=type(error).__name__, facts={**sent, "refusal": refusal})


def _answered(token: AccessToken, *, now: float, show: bool) -> Facts:
    said = token.answer(now=now, min_ttl=0)
    ends_at = token.ends_at()
    kind = "opaque" if ends_at == float("inf") else f"a JWT, valid until {iso8601(ends_at)}"
    return {
        **({"access_token": said["access_token"]} if show else {}),
        "instance_url": token.instance_url,
        "org_id": token.org_id,
        "user_id": token.user_id,
        "scope": token.scope.split(),
        "fingerprint": token.fingerprint,
        "issued_at": said["issued_at"],
        "token_kind": kind,
    }
