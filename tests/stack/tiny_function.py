"""A function of a few lines, for what the emulator itself promises."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sfmint_local.embedded_aws import EmbeddedAws

ROLE = "arn:aws:iam::000000000000:role/tiny"
TRUSTS_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

CODE = """
import json, os, sys, time
import told_apart

class TokenLost(Exception):
    pass

calls = 0

def handler(event, context):
    global calls
    calls += 1
    if event.get("raise"):
        raise TokenLost("Nobody knows it. Ask again.")
    if event.get("refuse"):
        raise sys.modules["awslambdaric.lambda_runtime_exception"].FaultException("Refused", "No. Ask another.", [])
    if "read" in event:
        return read(event["read"])
    time.sleep(event.get("sleep", 0))
    seen = {
        "arn": context.invoked_function_arn,
        "calls": calls,
        "event": event,
        "layer": os.path.realpath(sys.modules["of_layer"].__file__) if "of_layer" in sys.modules else None,
        "packages": [name for name in ("boto3", "botocore", "requests") if find_spec(name)],
        "pid": os.getpid(),
        "python": sys.executable,
        "told_apart": told_apart.WHERE,
        "trusts": os.environ.get("SSL_CERT_FILE"),
        "variables": sorted(os.environ),
    }
    print("SEEN " + json.dumps(seen))
    return seen

def read(parameter):
    import boto3
    from botocore.exceptions import ClientError
    try:
        return {"value": boto3.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]}
    except ClientError as error:
        return {"refused": error.response["Error"]["Code"]}

from importlib.util import find_spec
if find_spec("of_layer"):
    import of_layer
"""


@dataclass(frozen=True, slots=True)
class TinyFunction:
    """The function, deployed.

    Attributes:
        aws: where.
        name: its name.
    """

    aws: EmbeddedAws
    name: str

    @classmethod
    def deploy(
        cls,
        aws: EmbeddedAws,
        *,
        code: str = CODE,
        variables: Mapping[str, str] | None = None,
        with_layer: bool = False,
        name: str = "",
        role: str = ROLE,
        files: Mapping[str, str] | None = None,
    ) -> Self:
        """Deploys it, under a name of its own if it is given none, with an alias ``orders`` on its first version.

        What `files` holds, by path, lies beside its code.
        """
        name = name or f"tiny-{uuid.uuid4().hex[:8]}"
        layers = []
        if with_layer:
            content = {"python/of_layer.py": "", "python/told_apart.py": "WHERE = 'layer'"}
            layer = aws.functions.publish_layer_version(LayerName=name, Content={"ZipFile": _zip(content)})
            layers = [layer["LayerVersionArn"]]
        aws.functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=role,
            Code={"ZipFile": _zip({"app.py": code, "told_apart.py": "WHERE = 'function'", **(files or {})})},
            Environment={"Variables": dict(variables or {})},
            Layers=layers,
            Timeout=20,
        )
        aws.logs.create_log_group(logGroupName=f"/aws/lambda/{name}")
        version = aws.functions.publish_version(FunctionName=name)["Version"]
        aws.functions.create_alias(FunctionName=name, Name="orders", FunctionVersion=version)
        return cls(aws, name)

    @property
    def alias_arn(self) -> str:
        """The ARN of the alias ``orders``."""
        return self.aws.functions.get_alias(FunctionName=self.name, Name="orders")["AliasArn"]

    def invoke(self, **event: object) -> dict[str, Any]:
        """Invokes it through its alias and returns what it saw, or its error."""
        answer = self.aws.functions.invoke(FunctionName=self.alias_arn, Payload=json.dumps(event))
        return dict(json.loads(answer["Payload"].read()))

    def seen_by_itself(self) -> dict[str, Any]:
        """Waits until somebody else has invoked it, and returns what it logged."""
        for _ in range(300):
            if seen := self.logged():
                return seen[0]
            time.sleep(0.1)
        raise AssertionError("Nobody has invoked the function.")

    def logged(self) -> list[dict[str, Any]]:
        """Returns what it has logged so far, an object for each invocation."""
        events = self.aws.logs.filter_log_events(logGroupName=f"/aws/lambda/{self.name}")["events"]
        lines = [event["message"] for event in events if event["message"].startswith("SEEN ")]
        return [dict(json.loads(line.removeprefix("SEEN "))) for line in lines]

    def let_secrets_manager_in(self, *, account: str = "0" * 12) -> None:
        """Lets Secrets Manager invoke the alias for an account's secrets."""
        self.aws.functions.add_permission(
            FunctionName=self.name,
            Qualifier="orders",
            StatementId=f"rotates-{account}",
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
            SourceAccount=account,
        )


def _zip(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()
