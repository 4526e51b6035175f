"""CloudFormation's DescribeStacks on 127.0.0.1: moto's would need packages for all of AWS.

Source: AWS CloudFormation API Reference, DescribeStacks; the query protocol of AWS.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from lambda_service import ACCOUNT, REGION, Refusal
from wsgi_service import serving

EXPIRED = Refusal(403, "ExpiredToken", "The security token included in the request is expired")
INVALID = Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
DENIED = Refusal(403, "AccessDenied", "User: arn:aws:iam::123456789012:user/joe is not authorized")


@dataclass
class CloudFormation:
    """A region with stacks.

    Attributes:
        url: for `AWS_ENDPOINT_URL_CLOUDFORMATION`.
        stacks: parameters and outputs by the stack's name.
        status: of every stack.
        refusal: what is said to everything, if anything is.
        asked: the names asked for.
    """

    url: str = ""
    stacks: dict[str, tuple[dict[str, str], dict[str, str]]] = field(default_factory=dict)
    status: str = "UPDATE_COMPLETE"
    refusal: Refusal | None = None
    asked: list[str] = field(default_factory=list)

    def deploy(self, name: str, *connections: str, token_hosts: str = "") -> None:
        """Have a stack with these connections."""
        self.stacks[name] = (
            {"Connections": ",".join(connections), "TokenHosts": token_hosts},
            {
                "BrokerArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}-token-broker",
                "RequestArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}-salesforce-request",
                "KeeperArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}-token-keeper:live",
                "RotationArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}-key-rotation:live",
                "SecretPrefix": f"sfmint/{name}/",
                "ParameterPrefix": f"/sfmint/{name}/connections/",
            },
        )

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Serve as a WSGI application."""
        name = Request(environ).form.get("StackName", "")
        self.asked.append(name)
        return self._answer(name)(environ, start_response)

    def _answer(self, name: str) -> Response:
        if self.refusal:
            return _refused(self.refusal)
        if name not in self.stacks:
            return _refused(Refusal(400, "ValidationError", f"Stack with id {name} does not exist"))
        parameters, outputs = self.stacks[name]
        body = (
            "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
            f"<StackName>{escape(name)}</StackName><StackStatus>{self.status}</StackStatus>"
            f"<CreationTime>2026-11-01T00:00:00Z</CreationTime>"
            f"{_entries('Parameter', parameters)}{_entries('Output', outputs)}"
            "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
        )
        return Response(body, content_type="text/xml")


@contextmanager
def running_cloud_formation() -> Iterator[CloudFormation]:
    """Run the service for as long as the block lasts."""
    service = CloudFormation()
    with serving(service) as service.url:
        yield service


def _entries(kind: str, values: dict[str, str]) -> str:
    members = "".join(
        f"<member><{kind}Key>{escape(key)}</{kind}Key><{kind}Value>{escape(value)}</{kind}Value></member>"
        for key, value in values.items()
    )
    return f"<{kind}s>{members}</{kind}s>"


def _refused(refusal: Refusal) -> Response:
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{refusal.code}</Code>"
        f"<Message>{escape(refusal.message)}</Message></Error></ErrorResponse>"
    )
    return Response(body, status=refusal.status, content_type="text/xml")
