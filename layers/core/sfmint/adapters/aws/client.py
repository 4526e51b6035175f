"""A client of AWS's JSON services that starts at once: it signs, sends over a kept connection, and reads the answer.

Behind an adapter it stands where a botocore client could: the same errors, the same answers, but for times, which stay
numbers; `services` adds the same calls. botocore itself reads its models and builds its classes at every cold start, which was more than all the
rest (docs/adr/0011).

Source: Smithy, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol".
"""

import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, ClassVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
    SSLError,
)

from sfmint.adapters.aws.signature import Signature
from sfmint.adapters.http_pool import USER_AGENT, HttpPool
from sfmint.aws_access import AwsAccess
from sfmint.aws_access.budget import Budget
from sfmint.ports import Clock
from sfmint_values.aws_codes import shown_code
from sfmint_values.budgeted_socket import TooLong
from sfmint_values.strict_answer import Unreadable, read_whole
from sfmint_values.strict_connection import StrictConnection

# Bytes. An item of DynamoDB, the longest answer of all, has at most 400 KB: as base64 534 KB, escaped throughout 800 KB.
LARGEST_ANSWER = 1024 * 1024
_OK = 200
# An attribute's of DynamoDB; KMS; Secrets Manager.
_BLOBS = ("B", "CiphertextBlob", "Plaintext", "Signature", "SecretBinary")


class AwsClient:
    """A client of one service. It tries once: whether a second try is safe is the caller's knowledge.

    Args:
        access: where AWS is, and as whom it is asked.
        ca_bundle: path of the authorities to trust; None: certifi's.
        clock: dates the signatures, and tells idle connections.
        budget: how long one request may take.

    Attributes:
        service: the service's name, in URLs and signatures.
        target: what stands before the operation in the header that names it.
        version: of the JSON protocol.
    """

    service: ClassVar[str]
    target: ClassVar[str]
    version: ClassVar[str]

    def __init__(self, access: AwsAccess, ca_bundle: str | None, clock: Clock, budget: Budget) -> None:
        self._url = access.url(self.service)
        self._signature = Signature(access, self.service)
        self._clock = clock
        self._left_s = budget.left_s
        self._pool = HttpPool(self._url, ca_bundle, clock, longest_answer=LARGEST_ANSWER)

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Return the answer to one request.

        Args:
            operation: such as `GetItem`.
            request: its parameters, by AWS's names; bytes become base64 and are bytes in the answer.

        Raises:
            ClientError: AWS refuses.
            BotoCoreError: no answer came, or none that can be read.
        """
        body = json.dumps(request, default=_base64, separators=(",", ":")).encode()
        headers = {
            "content-type": f"application/x-amz-json-{self.version}",
            "host": self._pool.host,
            "x-amz-target": f"{self.target}.{operation}",
        }
        signed = self._signature.sign(headers, body, at=self._clock.now())
        status, shown, data = self._exchange(signed, body)
        fields = _fields(data)
        metadata: Any = {"HTTPStatusCode": status, "HTTPHeaders": shown}
        if status != _OK:
            refusal: Any = {**(fields or {}), "Error": {"Code": _code(fields, status)}, "ResponseMetadata": metadata}
            raise ClientError(refusal, operation)
        if fields is None:
            raise _unreadable()
        return {**fields, "ResponseMetadata": metadata}

    def _exchange(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of one answer.

        All of it has what the budget has left, by the wall clock: connect, TLS, send, read. Only the look-up of a name
        has a time of its own.

        Args:
            headers: of the request.
            body: of the request.
        """
        connection = self._connected()
        failed: BotoCoreError
        try:
            connection.post("/", {**headers, "user-agent": USER_AGENT}, body)
            with connection.getresponse() as answer:
                shown = {name.lower(): value for name, value in answer.headers.raw_items()}
                data = read_whole(answer, LARGEST_ANSWER)
        except TimeoutError:
            failed = ReadTimeoutError(endpoint_url=self._url)
        except (Unreadable, TooLong):
            failed = _unreadable()
        except (HTTPException, OSError, ValueError):  # the last: a credential that fits no header, which it quotes
            failed = ConnectionClosedError(endpoint_url=self._url)
        except BaseException:
            connection.close()
            raise
        else:
            self._pool.give_back(connection)
            return answer.status, shown, data
        connection.close()
        raise failed

    def _connected(self) -> StrictConnection:
        left_s = self._left_s()
        if left_s <= 0:
            raise ConnectTimeoutError(endpoint_url=self._url)
        try:
            return self._pool.take(connect_s=left_s, within_s=left_s)
        except TimeoutError:
            raise ConnectTimeoutError(endpoint_url=self._url) from None
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=self._url, error=error) from None
        except (OSError, ValueError):  # the latter: a name that cannot be one
            raise EndpointConnectionError(endpoint_url=self._url) from None


def _unreadable() -> HTTPClientError:
    return HTTPClientError(error="the answer cannot be read")


def _fields(data: bytes) -> dict[str, Any] | None:
    """Return the fields of an answer, or None where it is no JSON object: a load balancer's page, perhaps."""
    try:
        fields = json.loads(data, object_hook=_with_bytes)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _code(fields: Mapping[str, Any] | None, status: int) -> str:
    """Return the name of an error, which may stand between a namespace and a URL; without one, HTTP's status."""
    named = (fields or {}).get("__type")
    return shown_code(named.partition(":")[0].rpartition("#")[2]) if isinstance(named, str) else str(status)


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is nothing that AWS takes")


def _with_bytes(fields: dict[str, Any]) -> dict[str, Any]:
    for name in _BLOBS:
        if isinstance(text := fields.get(name), str):
            fields[name] = b64decode(text)
    return fields
