"""The body of a deployment: its options as JSON, and a zip.

Source: Metadata API Developer Guide v67, "Deploy Metadata with Apex Testing Using REST"; RFC 7578 section 4.
"""

import json
from collections.abc import Mapping
from hashlib import sha256

BOUNDARY = "sfmint-deploy-"
_LINE = "\r\n"


def body_of(options: Mapping[str, object], archive: bytes) -> tuple[str, bytes]:
    """Return the Content-Type and the body.

    The part of JSON has no filename: with one, Salesforce takes it for a file, and misses "a non-binary part".

    Args:
        options: the `deployOptions`.
        archive: the zip.
    """
    boundary = BOUNDARY + sha256(archive).hexdigest()[:32]  # which the zip cannot hold: it would hold its own hash
    head = _LINE.join(
        (
            f"--{boundary}",
            'Content-Disposition: form-data; name="json"',
            "Content-Type: application/json",
            "",
            json.dumps({"deployOptions": dict(options)}),
            f"--{boundary}",
            'Content-Disposition: form-data; name="file"; filename="deploy.zip"',
            "Content-Type: application/zip",
            "",
            "",
        )
    )
    tail = f"{_LINE}--{boundary}--{_LINE}"
    return f"multipart/form-data; boundary={boundary}", head.encode() + archive + tail.encode()
