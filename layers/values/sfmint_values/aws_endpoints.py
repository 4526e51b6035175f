"""Places that the environment names in AWS's: the SDKs' own variables, as an interface endpoint of a VPC or an emulator needs them.

Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sfmint_values.foreign import Foreign
from sfmint_values.hosts import LONGEST_ORIGIN

GENERAL = "AWS_ENDPOINT_URL"
IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
FIPS, DUAL_STACK = "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"
# How the name of a variable ends that is one service's, by the service; under "" that of all others.
VARIABLES = {
    "": GENERAL,
    "dynamodb": f"{GENERAL}_DYNAMODB",
    "kms": f"{GENERAL}_KMS",
    "lambda": f"{GENERAL}_LAMBDA",
    "secretsmanager": f"{GENERAL}_SECRETS_MANAGER",
    "sns": f"{GENERAL}_SNS",
    "ssm": f"{GENERAL}_SSM",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEndpoint:
    """A place in AWS's, and the variable that names it.

    Attributes:
        service: whose requests go there; empty for all others.
        variable: the variable's name.
        url: scheme, host and port.
    """

    service: str
    variable: str
    url: str

    @property
    def is_here(self) -> bool:
        """Whether it is this machine itself, as an emulator's is."""
        return is_loopback(urlsplit(self.url).hostname or "")


def own_endpoints(env: Mapping[str, str], services: Collection[str]) -> tuple[OwnEndpoint, ...]:
    """Return the places that an environment names for some services; none where it says that they are to be ignored.

    Raises:
        ValueError: one is no such place, or would be sent a secret unencrypted; the message names the variable, and
            says what to do.
    """
    if is_on(env, IGNORE):
        return ()
    return tuple(_read(env, ("", *services)))


def switches(env: Mapping[str, str], own: Collection[OwnEndpoint]) -> tuple[bool, bool]:
    """Return whether AWS's hosts for FIPS and those for IPv6 are to be asked.

    Raises:
        ValueError: a switch says neither true nor false, or is on where a place of one's own is named; the message names the
            variable, and says what to do.
    """
    fips, dual_stack = is_on(env, FIPS), is_on(env, DUAL_STACK)
    if (fips or dual_stack) and own:  # as the SDKs do: nobody knows what answers there
        variable = next(iter(own)).variable
        raise ValueError(
            f"{variable} names a place of your own, where {FIPS} and {DUAL_STACK} cannot hold. Leave out one or the other."
        )
    return fips, dual_stack


def _read(env: Mapping[str, str], services: Iterable[str]) -> Iterator[OwnEndpoint]:
    for service in services:
        variable = VARIABLES[service]
        if url := env.get(variable):
            endpoint = OwnEndpoint(service=service, variable=variable, url=_place(url, variable))
            if endpoint.url.startswith("http:") and not endpoint.is_here:
                raise ValueError(
                    f"{variable} is http, and keys and tokens would go there in clear text. Name it with https."
                )
            yield endpoint


def _place(url: Foreign, variable: str) -> str:
    if (found := place_of(url, {"http", "https"})) is None:
        raise ValueError(f"{variable} is no URL of http or https, host and port alone. Correct it.")
    return found


def place_of(url: Foreign, schemes: set[str]) -> str | None:
    """Return a URL of scheme, host and port alone; None where it is more or less than that."""
    if len(url) > LONGEST_ORIGIN or not url.isascii():  # urlsplit takes its time for other letters
        return None
    try:
        place = urlsplit(url)
        plain = place.hostname and "@" not in place.netloc and place.path in {"", "/"} and not place.query
        fits = place.scheme in schemes and plain and place.port != 0
    except ValueError:  # of a port, or of brackets
        return None
    return f"{place.scheme}://{place.netloc}" if fits else None


def is_on(env: Mapping[str, str], variable: str) -> bool:
    """Return a switch of the SDKs.

    Raises:
        ValueError: it says neither true nor false; the message names it.
    """
    value = env.get(variable, "").strip().lower()
    if value not in {"", "true", "false"}:
        raise ValueError(f"{variable} is neither true nor false. Correct it, or leave it out.")
    return value == "true"


def is_loopback(host: Foreign) -> bool:
    """Return whether a host is this machine itself: what is sent to it passes no network (RFC 6890)."""
    is_address = host.isascii() and host.replace(".", "").isdigit()
    return host in {"localhost", "::1"} or (is_address and host.startswith("127."))
