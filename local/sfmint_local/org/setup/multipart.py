"""The two parts of a deployment's message: the options as JSON, and the zip.

Source: Metadata API Developer Guide, meta_rest_deploy; RFC 7578.
"""

import json
from dataclasses import dataclass
from email.message import Message
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData, Preamble

from sfmint_local.org.refusal import RestError

_MOST_PARTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployMessage:
    """What a client sent.

    Attributes:
        body: the JSON part's object.
        archive: the zip as it came.
    """

    body: dict[str, Any]
    archive: bytes


def read_message(content_type: str, data: bytes) -> DeployMessage:
    """Read a message of multipart/form-data.

    Args:
        content_type: the request's header, with its boundary.
        data: the request's body.

    Raises:
        RestError: 400, where the message is not exactly one JSON part and one file part.
    """
    parts = _parts(_boundary(content_type), data)
    texts = [(head, body) for head, body in parts if isinstance(head, Field)]
    files = [(head, body) for head, body in parts if isinstance(head, File)]
    if not texts:
        # A client that gives the JSON part a filename, as FormData does with a Blob, ends here.
        raise bad_multipart("Multipart message must include a non-binary part")
    if len(texts) > 1 or _media_type(texts[0][0].headers) != "application/json":
        raise bad_multipart("The non-binary part must be one, with the content type application/json")
    if len(files) != 1:
        raise bad_multipart("Multipart message must include one binary part")
    head, archive = files[0]
    if head.name != "file" or _media_type(head.headers) not in {"application/zip", "application/octet-stream"}:
        raise bad_multipart("The binary part must have the name file and the content type application/zip")
    return DeployMessage(body=read_object(texts[0][1]), archive=archive)


def read_object(data: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        RestError: 400, for anything else.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise RestError(400, "JSON_PARSER_ERROR", "Unexpected character or end of the JSON body") from None
    if not isinstance(value, dict):
        raise RestError(400, "JSON_PARSER_ERROR", "The body must be a JSON object")
    return value


def bad_multipart(message: str) -> RestError:
    """Return the refusal of a message in parts."""
    return RestError(400, "INVALID_MULTIPART_REQUEST", message)


def _boundary(content_type: str) -> bytes:
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str) or not boundary:
        raise RestError(415, "UNSUPPORTED_MEDIA_TYPE", "The content must be multipart/form-data with a boundary")
    return boundary.encode("latin-1", "replace")


def _parts(boundary: bytes, data: bytes) -> list[tuple[Field | File, bytes]]:
    parts: list[tuple[Field | File, bytearray]] = []
    try:
        decoder = MultipartDecoder(boundary, max_parts=_MOST_PARTS)
        decoder.receive_data(data)
        decoder.receive_data(None)
        for event in iter(decoder.next_event, None):
            if isinstance(event, Epilogue):
                return [(head, bytes(body)) for head, body in parts]
            _take(event, parts)
    except RestError:
        raise
    except Exception:  # noqa: BLE001 - the decoder raises what it meets, and all of it means the same
        raise bad_multipart("The multipart message cannot be read") from None
    raise bad_multipart("The multipart message has no end")


def _take(event: Event, parts: list[tuple[Field | File, bytearray]]) -> None:
    match event:
        case Field() | File():
            parts.append((event, bytearray()))
        case Data(data=piece):
            parts[-1][1].extend(piece)
        case NeedData():
            raise bad_multipart("The multipart message has no end")
        case Preamble() | _:
            return


def _media_type(headers: Headers) -> str:
    return headers.get("Content-Type", "text/plain").partition(";")[0].strip().lower()
