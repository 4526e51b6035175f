"""Copies of token answers for a store that encrypts by itself: KMS binds each parameter to its name (PARAMETER_ARN)."""

from sfmint.row.row import CacheRow
from sfmint.salesforce.access_token import AccessToken
from sfmint.salesforce.login_failures.table import REASONS, LoginFailed

LARGEST_COPY = 2048  # bytes; the rest of a parameter is for the lease and the failure beside it
_FENCE_BYTES = 8


class ParameterSealer:
    """Writes the fence before each answer, so that a copy of another fence is not taken for the row's."""

    def seal(self, token: AccessToken, fence: int) -> bytes:
        """Return the copy.

        Raises:
            LoginFailed: it does not fit.
        """
        copy = fence.to_bytes(_FENCE_BYTES) + token.to_bytes()
        if len(copy) > LARGEST_COPY:
            raise LoginFailed(REASONS["too_large"])
        return copy

    def unseal(self, connection: str, row: CacheRow) -> AccessToken | None:
        """Return the row's token, or None where the copy does not agree with the row."""
        if not row.sealed:
            return None
        try:
            token = AccessToken.from_bytes(row.sealed[_FENCE_BYTES:])
        except ValueError:
            return None
        copied = (int.from_bytes(row.sealed[:_FENCE_BYTES]), token.connection, token.fingerprint, token.hard_expiry)
        return token if copied == (row.token_fence, connection, row.fingerprint, row.hard_expiry) else None
