"""What the environment says of AWS, such as addresses in its place: the environment names them (AWS_ENDPOINT_URL, and one for each service), or the profile does."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from botocore.configprovider import ConfiguredEndpointProvider
from botocore.session import Session

from sfmint_cli.result import Failed

# ruff: noqa: TID251 - this is where the command line reads the environment

_PREFIX = "AWS_ENDPOINT_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address, and the variable that names it.

    Attributes:
        variable: its name.
        address: scheme, host and port; not what else a URL may hold, for that may be a password.
    """

    variable: str
    address: str

    @classmethod
    def named(cls) -> tuple[Self, ...]:
        """Return all that the environment names, those of single services first.

        Raises:
            Failed: one is no URL.
        """
        variables = sorted((name for name in os.environ if name.startswith(_PREFIX)), reverse=True)
        return tuple(cls(variable=name, address=_address(name, os.environ[name])) for name in variables)

    @classmethod
    def find(cls, url: str) -> Self | None:
        """Return the one that a URL is of, or None where AWS itself was asked."""
        asked = _origin(url)
        return next((endpoint for endpoint in cls.named() if endpoint.address == asked), None)


def named_by(option: str | None, *variables: str) -> str:
    """Return what has named a profile or a region: an option, a variable of the environment, or a file.

    Args:
        option: the option, if it was given.
        variables: those that are read in its place, the first that counts first.
    """
    return option or next((name for name in variables if os.environ.get(name)), "the AWS configuration")


def asked_elsewhere(session: Session, services: Iterable[str]) -> dict[str, list[str]]:
    """Return the addresses that are asked in AWS's place, with the services that are.

    Args:
        session: of botocore, which reads the environment and the profile.
        services: by botocore's names.
    """
    found: dict[str, list[str]] = {}
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return found
    for service in services:
        config = {"full_config": session.full_config, "scoped_config": session.get_scoped_config()}
        if url := ConfiguredEndpointProvider(**config, client_name=service).provide():
            found.setdefault(_address("endpoint_url of the profile", url), []).append(service)
    return found


def _address(variable: str, url: str) -> str:
    try:
        return _origin(url)
    except ValueError:
        raise Failed(
            f"The environment variable {variable} holds no URL.",
            remedy="Correct it, such as http://127.0.0.1:4566, or unset it to ask AWS itself.",
            name="InvalidConfiguration",
        ) from None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in url:
        raise ValueError(url)
    return f"{parts.scheme}://{parts.hostname}" + ("" if parts.port is None else f":{parts.port}")
