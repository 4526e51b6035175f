"""The embedded AWS: MiniStack through our launcher, on a free port of 127.0.0.1, with nothing kept after it ends."""

import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import boto3
import botocore.session
from botocore.config import Config

from sfmint_local import authorities, places, role_calls
from sfmint_local.child import Child, Embedded, bare_environment
from sfmint_local.role_calls import RoleCall

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient

REGION = "us-east-1"
ACCESS_KEY = "test"  # MiniStack's root; it checks no signature unless told to

# One attempt, and longer than any function runs: an invoke that is sent twice would be two callers.
_CONFIG = Config(read_timeout=90, retries={"total_max_attempts": 1}, max_pool_connections=50, proxies={})


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedAws(Embedded):
    """A running MiniStack.

    Attributes:
        endpoint_url: where all of its services answer.
    """

    endpoint_url: str
    _session: boto3.Session

    @classmethod
    def start(cls, state: Path, *, ca_bundle: Path | None = None, checks_access: bool = False) -> Self:
        """Start it and does not wait for it.

        Args:
            state: a folder for its log (``aws.log``) and, while it runs, its files.
            ca_bundle: the authorities, PEM, that the Lambdas trust; read when a Lambda starts.
            checks_access: whether it checks signatures, and what the roles of functions may.
        """
        scratch = state / "aws"
        scratch.mkdir(mode=0o700)
        port = _free_port()
        environment = bare_environment(
            AWS_DEFAULT_REGION=REGION,
            AUTH=str(checks_access).lower(),
            GATEWAY_PORT=str(port),
            PYTHONDONTWRITEBYTECODE="1",  # /opt and /var/task are read-only on AWS
            PYTHONUNBUFFERED="1",
            S3_DATA_DIR=str(scratch / "s3"),
            SFMINT_LAMBDA_PYTHON=str(places.LAMBDA_PYTHON),
            SFMINT_ROLE_CALLS=str(scratch / role_calls.FILE),
            STATE_DIR=str(scratch / "state"),
            TMPDIR=str(scratch),
            # A person's own functions shall need no setting.
            **(dict.fromkeys(authorities.VARIABLES, str(ca_bundle)) if ca_bundle else {}),
        )
        child = Child.start(
            "the embedded AWS",
            [places.MINISTACK_PYTHON, places.LAUNCHER],
            environment=environment,
            log=state / "aws.log",
            folder=scratch,
        )
        return cls(
            endpoint_url=f"http://127.0.0.1:{port}", _child=child, _folder=scratch, _session=_session_of_nobody()
        )

    def wait(self) -> None:
        """Wait until it answers.

        Raises:
            LocalStackError: it does not.
        """
        self._child.wait_until(self._is_healthy)

    def end_environments(self) -> None:
        """End the Lambda environments, so that the next invoke of each function starts in a new one."""
        os.kill(self.pid, signal.SIGUSR1)
        self.wait()  # it answers only after it has obeyed

    def role_calls(self) -> list[RoleCall]:
        """Return what roles have asked so far; nothing where access is not checked."""
        return role_calls.read(self._folder)

    def environment(self) -> dict[str, str]:
        """Return the variables that point the AWS SDKs and tools here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,  # boto3 looks at this one only
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        }

    @property
    def cloudformation(self) -> "CloudFormationClient":
        """A CloudFormation client."""
        return self._session.client("cloudformation", **self._options)

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """A DynamoDB client."""
        return self._session.client("dynamodb", **self._options)

    @property
    def functions(self) -> "LambdaClient":
        """A Lambda client."""
        return self._session.client("lambda", **self._options)

    @property
    def iam(self) -> "IAMClient":
        """An IAM client."""
        return self._session.client("iam", **self._options)

    @property
    def kms(self) -> "KMSClient":
        """A KMS client."""
        return self._session.client("kms", **self._options)

    @property
    def logs(self) -> "CloudWatchLogsClient":
        """A CloudWatch Logs client."""
        return self._session.client("logs", **self._options)

    @property
    def metrics(self) -> Any:
        """A CloudWatch client."""
        return self._session.client("cloudwatch", **self._options)

    def log_lines(self) -> Iterator[tuple[str, str]]:
        """Give every line of CloudWatch Logs, with its group."""
        for group in self.logs.describe_log_groups()["logGroups"]:
            name = group["logGroupName"]
            for page in self.logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                for event in page["events"]:
                    yield name, event["message"]

    @property
    def s3(self) -> "S3Client":
        """An S3 client."""
        return self._session.client("s3", **self._options)

    @property
    def scheduler(self) -> "EventBridgeSchedulerClient":
        """An EventBridge Scheduler client."""
        return self._session.client("scheduler", **self._options)

    @property
    def secrets(self) -> "SecretsManagerClient":
        """A Secrets Manager client."""
        return self._session.client("secretsmanager", **self._options)

    @property
    def topics(self) -> Any:
        """An SNS client."""
        return self._session.client("sns", **self._options)

    @property
    def queues(self) -> Any:
        """An SQS client."""
        return self._session.client("sqs", **self._options)

    @property
    def state_machines(self) -> "SFNClient":
        """A Step Functions client."""
        return self._session.client("stepfunctions", **self._options)

    @property
    def parameters(self) -> "SSMClient":
        """A Parameter Store client."""
        return self._session.client("ssm", **self._options)

    @property
    def _options(self) -> dict[str, Any]:
        return {"endpoint_url": self.endpoint_url, "config": _CONFIG}

    def _is_healthy(self) -> bool:
        # A proxy of the environment has no business on the loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.endpoint_url}/_ministack/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _session_of_nobody() -> boto3.Session:
    """Return a session that knows the embedded AWS's credentials and no profile of the person's own."""
    nowhere = (None, None, os.devnull, None)
    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": nowhere,
            "credentials_file": nowhere,
        }
    )
    core.set_credentials(ACCESS_KEY, ACCESS_KEY)
    return boto3.Session(botocore_session=core, region_name=REGION)
