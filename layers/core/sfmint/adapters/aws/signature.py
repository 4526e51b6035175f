"""Signature Version 4 of requests as AWS's JSON services take them: a POST to the root, its parameters in the body.

Source: AWS IAM User Guide, "Create a signed AWS API request".
"""

import time
from collections.abc import Mapping
from hashlib import sha256
from hmac import digest

from sfmint.aws_access import AwsAccess

_ALGORITHM = "AWS4-HMAC-SHA256"


class Signature:
    """Signs requests of one service.

    Args:
        access: region and credentials.
        service: its name in a signature, such as `dynamodb`.
    """

    def __init__(self, access: AwsAccess, service: str) -> None:
        self._access = access
        self._service = service
        self._of_day = ("", b"")

    def sign(self, headers: Mapping[str, str], body: bytes, *, at: float) -> dict[str, str]:
        """Return the headers of the signed request.

        Args:
            headers: to be signed, `host` among them; their names in lower case.
            body: of the request.
            at: epoch seconds; AWS takes a signature for five minutes.
        """
        instant = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
        day = instant[:8]
        signed = {**headers, "x-amz-date": instant}
        if self._access.session_token is not None:
            signed["x-amz-security-token"] = self._access.session_token.reveal()
        names = sorted(signed)
        listed = ";".join(names)
        lines = (f"{name}:{' '.join(signed[name].split())}" for name in names)
        canonical = ["POST", "/", "", *lines, "", listed, _hex(body)]
        scope = f"{day}/{self._access.region}/{self._service}/aws4_request"
        to_sign = f"{_ALGORITHM}\n{instant}\n{scope}\n{_hex('\n'.join(canonical).encode())}"
        signature = digest(self._key_of(day), to_sign.encode(), "sha256").hex()
        credential = f"Credential={self._access.key_id}/{scope}"
        return {
            **signed,
            "authorization": f"{_ALGORITHM} {credential}, SignedHeaders={listed}, Signature={signature}",
        }

    def _key_of(self, day: str) -> bytes:
        derived_for, key = self._of_day
        if day != derived_for:
            key = f"AWS4{self._access.secret_key.reveal()}".encode()
            for part in (day, self._access.region, self._service, "aws4_request"):
                key = digest(key, part.encode(), "sha256")
            self._of_day = day, key
        return key


def _hex(data: bytes) -> str:
    return sha256(data).hexdigest()
