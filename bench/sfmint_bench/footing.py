"""The footing that all contenders share: AWS over TLS as it is, one Salesforce user, and a process for each alone."""

import json
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import trustme

from sfmint_local import authorities
from sfmint_local.child import bare_environment
from sfmint_local.environments import BareStack
from sfmint_local.environments.bare_stack import TABLE
from sfmint_local.errors import LocalStackError
from sfmint_local.faults.wire import Wire

LOGIN_MS = 250  # Salesforce takes no less
_LONGEST_S = 300
_TAIL_LINES = 15
_LIFETIME_S = 7200  # no token comes of age while it is measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """What a connection's contenders stand on.

    Attributes:
        stack: where they run.
        connection: sfmint's.
        kms_connection: another one of sfmint's, which is the same but for its key: KMS has it.
        settings: the variables of each contender's process, sfmint or not.
        authorities: PEM files of those of AWS and Salesforce, which certifi's are not.
    """

    stack: BareStack
    connection: str
    kms_connection: str
    settings: Mapping[str, str]
    authorities: tuple[Path, ...]

    def forget_token(self, connection: str) -> None:
        """Remove a connection's row, so that the next call is a mint."""
        self.stack.aws.dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": f"t1#{connection}"}})

    def measured(self, program: Sequence[str | Path], **settings: str) -> Any:
        """Run a Python program that measures, and return what it has written to the file that is its last argument.

        Args:
            program: what follows the name of the interpreter.
            settings: variables of its own, beside everybody's.

        Raises:
            LocalStackError: it failed, and the message holds the end of what it said; or it did not end.
        """
        file = self.stack.folder / "measured.json"
        try:
            process = subprocess.run(
                [*program, file],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # the functions' log
                stderr=subprocess.PIPE,
                text=True,
                env=bare_environment(**{**self.settings, **settings}),
                timeout=_LONGEST_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            cause = f"A process that measures has not ended within {_LONGEST_S} s."
            raise LocalStackError(cause, remedy="Run it again, with nothing else on the machine.") from error
        if process.returncode:
            said = "\n".join(process.stderr.splitlines()[-_TAIL_LINES:])
            raise LocalStackError("A process that measures has failed.", remedy=f"It said at the end:\n{said}")
        return json.loads(file.read_text())


@contextmanager
def equal_footing(stack: BareStack, connection: str) -> Iterator[Footing]:
    """Set a connection up for all contenders, and AWS behind TLS for as long as the block lasts.

    Args:
        stack: where.
        connection: its name; one that the stack has not got.
    """
    kms_connection = f"{connection}-kms"
    _connect(stack, connection)
    stack.connect(kms_connection, token_lifetime=_LIFETIME_S, in_kms=True)
    authority = trustme.CA(organization_name="sfmint bench")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    own, bundle = stack.folder / f"{connection}-aws.pem", stack.folder / f"{connection}-authorities.pem"
    authority.cert_pem.write_to_path(own)
    strangers = (Path(stack.control.ca), own)
    authorities.write(bundle, *strangers)
    trusted = dict.fromkeys((*authorities.VARIABLES, "AWS_CA_BUNDLE"), str(bundle))
    with Wire(stack.aws.endpoint_url, tls=context) as wire:
        settings = stack.settings(
            POWERTOOLS_SERVICE_NAME="token_broker",
            PYTHONDONTWRITEBYTECODE="1",  # /opt and /var/task are read-only on AWS
            AWS_ENDPOINT_URL=wire.url,
            SECRET_ID=_secret_of_rivals(connection),
            **trusted,
        )
        yield Footing(
            stack=stack,
            connection=connection,
            kms_connection=kms_connection,
            settings=settings,
            authorities=strangers,
        )


@contextmanager
def logins_taking(stack: BareStack, delay_ms: int) -> Iterator[None]:
    """Let the token endpoint think before each answer for as long as the block lasts.

    Args:
        stack: whose.
        delay_ms: how long.
    """
    stack.control.change_settings(token_delay_ms=delay_ms)
    try:
        yield
    finally:
        stack.control.reset_settings()


def base_interpreter() -> str:
    """Return the interpreter without the project's environment: what is to be seen must be put on its path."""
    return str(sys._base_executable)  # type: ignore[attr-defined]  # noqa: SLF001 - venv's own way to tell


def _connect(stack: BareStack, name: str) -> None:
    """Set the connection up, and the same once more as rivals have it: their secret names audience and domain."""
    connection = stack.connect(name, token_lifetime=_LIFETIME_S)
    # simple-salesforce completes a domain to https://DOMAIN.salesforce.com/..., which the question mark keeps out of the
    # way: the org is asked at its own address.
    domain = f"{stack.control.url.removeprefix('https://')}/services/oauth2/token?"
    audiences = (stack.control.url, f"https://{domain}.salesforce.com")
    stack.control.put_app(replace(connection.app, audiences=audiences))
    own = stack.aws.secrets.get_secret_value(SecretId=f"sfmint/{stack.settings()['SFMINT_STACK']}/{name}")
    fields = json.loads(own["SecretString"])
    secret = json.dumps({**fields, "audience": fields["token_host"], "domain": domain})
    stack.aws.secrets.create_secret(Name=_secret_of_rivals(name), SecretString=secret)


def _secret_of_rivals(connection: str) -> str:
    return f"bench/{connection}"
