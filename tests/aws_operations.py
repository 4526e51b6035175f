"""The clients that the functions have of AWS, by service, and what each of them can ask."""

from sfmint.adapters.aws import services
from sfmint.adapters.aws.client import AwsClient

CLIENTS: dict[str, type[AwsClient]] = {
    part.service: part
    for part in vars(services).values()
    if isinstance(part, type) and issubclass(part, AwsClient) and part is not AwsClient
}


def operations(service: str) -> set[str]:
    """Return the operations of a service, by AWS's names: a client has a method for each, and no other."""
    return {name.title().replace("_", "") for name, part in vars(CLIENTS[service]).items() if callable(part)}
