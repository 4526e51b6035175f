"""Lambda's Invoke and Parameter Store's GetParameter on 127.0.0.1, over the real wire.

A botocore client is led here by `AWS_ENDPOINT_URL_LAMBDA` and `AWS_ENDPOINT_URL_SSM`; the fixture `lambda_service` sets
both. What Lambda answers is either queued (`answer_with`) or computed from the invoked ARN and the event (`broker`).
"""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import unquote

import pytest
from werkzeug.wrappers import Request, Response

from wsgi_service import serving

REGION, ACCOUNT = "us-east-1", "123456789012"
OWN_ARN = object()
_SSM_TARGET = "AmazonSSM."


@dataclass(frozen=True, slots=True)
class Refusal:
    """What AWS itself answers in place of the function, or of the parameter."""

    status: int
    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class FunctionError:
    """A function error with any payload: an answer that holds `errorType` is one without being wrapped."""

    payload: object


DENIED = Refusal(
    403,
    "AccessDeniedException",
    "User: arn:aws:sts::123456789012:assumed-role/consumer/job is not authorized to perform: lambda:InvokeFunction "
    "because no identity-based policy allows the lambda:InvokeFunction action",
)
NO_SUCH_ALIAS = Refusal(404, "ResourceNotFoundException", "Function not found")
NO_POLICY = Refusal(404, "ResourceNotFoundException", "The resource you requested does not exist.")
THROTTLED = Refusal(429, "TooManyRequestsException", "Rate Exceeded.")
TIMED_OUT = FunctionError(
    {"errorType": "Sandbox.Timedout", "errorMessage": "RequestId: 0 Error: Task timed out after 60.00 seconds"}
)

type Answer = dict[str, Any] | bytes | Refusal | FunctionError
type Broker = Callable[[str, Any], Answer]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call: the function as the caller named it, and the event."""

    function: str
    event: Any


@dataclass
class LambdaService:
    """A region of Lambda and Parameter Store.

    Attributes:
        url: for both `AWS_ENDPOINT_URL_LAMBDA` and `AWS_ENDPOINT_URL_SSM`.
        broker: answers what no queued answer is there for; it may block, and runs in a thread for each connection.
        invocations: every invoke, in the order of arrival.
        parameters: what Parameter Store holds, by name.
        reads: every name that Parameter Store was asked for.
        ssm_refusal: what Parameter Store says to everything, if it says no.
        aliases: of each function, by its name: which version each alias is.
        policies: resource policies by the ARN of an alias.
        parameter_arn: what Parameter Store answers as every parameter's ARN; by default the right one.
    """

    url: str = ""
    broker: Broker | None = None
    invocations: list[Invocation] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    ssm_refusal: Refusal | None = None
    policies: dict[str, str] = field(default_factory=dict)
    parameter_arn: object = OWN_ARN
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    _queue: deque[Answer] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock)

    def answer_with(self, *answers: Answer) -> None:
        """Queue the next answers of Lambda."""
        self._queue.extend(answers)

    @property
    def events(self) -> list[Any]:
        """The events alone."""
        return [invocation.event for invocation in self.invocations]

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Serve as a WSGI application."""
        request = Request(environ)
        response = self._parameter_store(request) if "X-Amz-Target" in request.headers else self._lambda(request)
        return response(environ, start_response)

    def _lambda(self, request: Request) -> Response:
        prefix, _, rest = request.path.partition("/functions/")
        function, _, action = rest.rpartition("/")
        if (request.method, action) == ("GET", "aliases"):
            return self._listed(unquote(function).rpartition(":")[2])
        if (request.method, prefix, action) == ("GET", "/2015-03-31", "policy"):
            policy = self.policies.get(f"{function}:{request.args['Qualifier']}")
            return _json({"Policy": policy}) if policy else _refused(NO_POLICY)
        if (request.method, prefix, action) != ("POST", "/2015-03-31", "invocations"):
            return _refused(Refusal(400, "UnknownOperation", f"{request.method} {request.path}"))
        event = json.loads(request.get_data() or b"null")
        with self._lock:
            self.invocations.append(Invocation(function, event))
            answer = self._queue.popleft() if self._queue else None
        if answer is None:
            answer = self.broker(function, event) if self.broker else Refusal(500, "ServiceException", "none is queued")
        return _invoked(answer)

    def _listed(self, function: str) -> Response:
        if function not in self.aliases:
            return _refused(NO_SUCH_ALIAS)
        return _json(
            {
                "Aliases": [
                    {"Name": name, "FunctionVersion": version} for name, version in self.aliases[function].items()
                ]
            }
        )

    def _parameter_store(self, request: Request) -> Response:
        action = request.headers["X-Amz-Target"].removeprefix(_SSM_TARGET)
        asked = json.loads(request.get_data())
        names = [asked["Name"]] if action == "GetParameter" else asked.get("Names", [])
        self.reads += names
        if self.ssm_refusal is not None:
            return _refused(self.ssm_refusal)
        found = [
            {
                "Name": name,
                "Type": "String",
                "Value": self.parameters[name],
                "Version": 1,
                "ARN": parameter_arn(name) if self.parameter_arn is OWN_ARN else self.parameter_arn,
            }
            for name in names
            if name in self.parameters
        ]
        match action:
            case "GetParameters":
                missing = [name for name in names if name not in self.parameters]
                return _json({"Parameters": found, "InvalidParameters": missing})
            case "GetParameter" if found:
                return _json({"Parameter": found[0]})
            case "GetParameter":
                return _refused(Refusal(400, "ParameterNotFound"))
            case _:
                return _refused(Refusal(400, "UnknownOperationException", action))


def alias_arn(connection: str = "my-org", *, stack: str = "acme", function: str = "token-broker") -> str:
    """Return the ARN of a connection's alias."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{stack}-{function}:{connection}"


def parameter_arn(name: str) -> str:
    """Return the ARN of a parameter."""
    return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}"


@contextmanager
def running_lambda_service() -> Iterator[LambdaService]:
    """Run the service for as long as the block lasts."""
    service = LambdaService()
    with serving(service) as service.url:
        yield service


@pytest.fixture
def lambda_service(aws_credentials: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[LambdaService]:
    """A region of its own for each test; new clients of AWS in this process and its children find it."""
    with running_lambda_service() as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", service.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", service.url)
        yield service


def _invoked(answer: Answer) -> Response:
    match answer:
        case Refusal():
            return _refused(answer)
        case FunctionError(payload):
            return _json(payload, {"X-Amz-Function-Error": "Unhandled"})
        case bytes():
            return Response(answer, content_type="application/json")
        case {"errorType": _}:
            return _json(answer, {"X-Amz-Function-Error": "Unhandled"})
        case _:
            return _json(answer)


def _refused(refusal: Refusal) -> Response:
    """Say no in both protocols at once: Lambda's REST reads the header, Parameter Store's JSON the body."""
    body = {"__type": refusal.code, "Message": refusal.message, "message": refusal.message}
    response = _json(body, {"x-amzn-ErrorType": refusal.code})
    response.status_code = refusal.status
    return response


def _json(value: object, headers: dict[str, str] | None = None) -> Response:
    sent = {"X-Amz-Executed-Version": "1"} | (headers or {})
    return Response(json.dumps(value), headers=sent, content_type="application/json")
