"""A question to AWS, whose answer comes back in our words if it is none."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws.errors import Asked, unavailable, unreadable
from sfmint_client.aws_error import UNREADABLE


@contextmanager
def asking(asked: Asked) -> Iterator[None]:
    """Ask inside of it.

    Raises:
        CacheUnavailable: AWS does not answer, or refuses (`denied`), or what answers is not AWS.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise unavailable(asked, error) from None
    except UNREADABLE:
        raise unreadable(asked.service) from None
