"""Rotations of Secrets Manager as AWS documents them; MiniStack copies the value and calls that one.

Sources: AWS Secrets Manager API Reference, RotateSecret, CancelRotateSecret, DescribeSecret, RotationRulesType; User Guide,
"Rotation by Lambda function" and "Lambda rotation function execution role permissions"; AWS Lambda Developer Guide, "Using
AWS Lambda with Secrets Manager": each step is a synchronous invocation.

AWS says that it "retries the entire rotation process multiple times", not how often and after what pauses. No time of a
schedule ever comes here: DescribeSecret tells the date.
"""

import functools
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from sfmint_local.for_ministack.names import named
from sfmint_local.for_ministack.versions import CURRENT, PENDING, attach, version_with

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
PAUSES_S = (1.0, 2.0, 4.0)  # before each further attempt of the four steps
SERVICE = "secretsmanager.amazonaws.com"
_DAY_S = 86_400
_MOST_DAYS = 1000

type Refusal = tuple[str, str]


def patch_rotation() -> None:
    """RotateSecret, CancelRotateSecret and DescribeSecret do what AWS documents; the steps run in the background."""
    from ministack.services import secretsmanager

    for name in ("_resolve", "_rotate_secret"):
        named(secretsmanager, name)
    describe = named(secretsmanager, "_describe_secret")
    handle_request = named(secretsmanager, "handle_request")

    @functools.wraps(describe)
    def describe_rotation(data: Any) -> Any:
        status, headers, body = describe(data)
        _, secret = secretsmanager._resolve(data.get("SecretId"))  # noqa: SLF001
        dates = {name: secret[name] for name in ("LastRotatedDate", "NextRotationDate") if secret and name in secret}
        return status, headers, json.dumps({**json.loads(body), **dates}).encode()

    @functools.wraps(handle_request)
    async def handle(method: str, path: str, headers: Any, body: Any, query_params: Any) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action == "CancelRotateSecret":
            return _cancel(json.loads(body))
        if action == "RotateSecret" and (denied := _denied(json.loads(body), headers, query_params)):
            return denied
        return await handle_request(method, path, headers, body, query_params)

    secretsmanager._rotate_secret = _rotate  # noqa: SLF001
    secretsmanager._describe_secret = describe_rotation  # noqa: SLF001
    secretsmanager.handle_request = handle


def _rotate(data: Any) -> Any:
    from ministack.core.responses import error_response_json, json_response, new_uuid
    from ministack.services import secretsmanager

    _, secret = secretsmanager._resolve(data.get("SecretId"))  # noqa: SLF001
    if refusal := _refusal_of_secret(secret) or _refusal_of_rotation(secret, data):
        return error_response_json(*refusal, 400)
    token = data.get("ClientRequestToken") or new_uuid()
    answer = json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})
    if version_with(secret, PENDING) == token != version_with(secret, CURRENT):
        return answer  # the request was sent again
    secret |= {"RotationLambdaARN": _function(secret, data), "RotationEnabled": True}
    secret["RotationRules"] = data.get("RotationRules") or secret.get("RotationRules")
    _set_next_date(secret)
    secret["Versions"].setdefault(
        token, {**dict.fromkeys(("SecretString", "SecretBinary")), "CreatedDate": 0, "Stages": []}
    )
    attach(secret, PENDING, token)
    _in_background(_run_test if data.get("RotateImmediately") is False else _run_rotation, secret, token)
    return answer


def _cancel(data: Any) -> Any:
    """Turn rotation off. What is pending stays so: AWS says that labels may be left in an unexpected state."""
    from ministack.core.responses import error_response_json, json_response
    from ministack.services import secretsmanager

    _, secret = secretsmanager._resolve(data.get("SecretId"))  # noqa: SLF001
    if refusal := _refusal_of_secret(secret):
        return error_response_json(*refusal, 400)
    secret["RotationEnabled"] = False
    secret.pop("NextRotationDate", None)
    pending = version_with(secret, PENDING)
    told = {"ARN": secret["ARN"], "Name": secret["Name"], **({"VersionId": pending} if pending else {})}
    return json_response(told)


def _refusal_of_secret(secret: Any) -> Refusal | None:
    if not secret:
        return "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
    if secret.get("DeletedDate"):
        message = "You can't perform this operation on the secret because it was marked for deletion."
        return "InvalidRequestException", message
    return None


def _refusal_of_rotation(secret: Any, data: Any) -> Refusal | None:
    if not (function := _function(secret, data)):
        return "InvalidRequestException", "No Lambda rotation function ARN is associated with this secret."
    if not _are_rules(data.get("RotationRules")):
        return "InvalidParameterException", "The rotation rules are not valid."
    if not _may_invoke(secret, function):
        return "AccessDeniedException", (
            "Secrets Manager cannot invoke the specified Lambda function. "
            f"Ensure that the function policy grants access to the principal {SERVICE}."
        )
    pending = version_with(secret, PENDING)
    if pending not in {None, version_with(secret, CURRENT), data.get("ClientRequestToken")}:
        message = "A previous rotation isn't complete. That rotation will be reattempted."
        return "InvalidRequestException", message
    return None


def _are_rules(rules: Any) -> bool:
    if not rules:
        return True
    days, expression = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    return (days is None) != (expression is None) and (days is None or 1 <= days <= _MOST_DAYS)


def _function(secret: Any, data: Any) -> str | None:
    function = data.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
    return str(function) if function else None


def _may_invoke(secret: Any, function: str) -> bool:
    """Return whether the policy of a function, or of its alias, lets Secrets Manager invoke it for this secret."""
    from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import lambda_svc

    found = named(lambda_svc, "function_policy_for_arn")(function)
    if found is None:
        return False
    asked = EvalContext(
        principal_arn=SERVICE,
        principal_type="Service",
        principal_account=get_account_id(),
        action="lambda:InvokeFunction",
        resource_arn=function,
        region=get_region(),
        service_context={"aws:sourceaccount": get_account_id(), "aws:sourcearn": secret["ARN"]},
    )
    return bool(evaluate_resource_policy(found[0], asked, service=SERVICE).decision == "Allow")


def _denied(data: Any, headers: Any, query_params: Any) -> Any:
    """Return the refusal of a caller who may not invoke the function; RotateSecret wants that right too."""
    from ministack import app
    from ministack.core.iam_actions import access_denied_response
    from ministack.core.iam_evaluator import enforce
    from ministack.core.responses import get_region, new_uuid
    from ministack.core.router import extract_access_key_id
    from ministack.services import secretsmanager

    _, secret = secretsmanager._resolve(data.get("SecretId"))  # noqa: SLF001
    function = _function(secret or {}, data)
    if not app.AUTH or not function:
        return None
    key = extract_access_key_id(headers, query_params) or ""
    action = "lambda:InvokeFunction"
    result = enforce(key, action, "lambda", get_region(), resource_arn=function)
    principal = getattr(result, "principal_arn", "")
    return result and access_denied_response("secretsmanager", action, principal, new_uuid())


def _in_background(run: Callable[[Any, str], None], secret: Any, token: str) -> None:
    from ministack.core.responses import get_account_id, get_region, request_scope

    account, region = get_account_id(), get_region()

    def scoped() -> None:
        with request_scope(account, region):
            run(secret, token)

    threading.Thread(target=scoped, daemon=True).start()


def _run_test(secret: Any, token: str) -> None:
    """Test the configuration: the version is there while testSecret runs, and then no more, however that ended."""
    _succeeds("testSecret", secret, token)
    if version_with(secret, PENDING) == token:
        del secret["Versions"][token]


def _run_rotation(secret: Any, token: str) -> None:
    """Run the four steps until they end well, or somebody has taken AWSPENDING off the version."""
    for pause_s in (0.0, *PAUSES_S):
        time.sleep(pause_s)
        is_pending = version_with(secret, PENDING) == token
        if not is_pending or all(_succeeds(step, secret, token) for step in STEPS):
            break
    if version_with(secret, CURRENT) == token:
        secret["LastRotatedDate"] = int(time.time())
        _set_next_date(secret)


def _succeeds(step: str, secret: Any, token: str) -> bool:
    """Invoke the function with a step, and return whether it ended well; false after a cancellation."""
    from ministack.services import lambda_svc

    find = named(lambda_svc, "_get_func_record_for_ref")
    record_of = named(lambda_svc, "_execution_record_for_config")
    execute = named(lambda_svc, "_execute_function_with_config_scope")
    if not secret.get("RotationEnabled") or secret.get("DeletedDate"):
        return False
    func, config, _ = find(secret["RotationLambdaARN"])
    event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token}
    return bool(func) and not execute(record_of(func, config), event).get("error")


def _set_next_date(secret: Any) -> None:
    days = (secret.get("RotationRules") or {}).get("AutomaticallyAfterDays")
    if days:
        secret["NextRotationDate"] = int(time.time()) + days * _DAY_S
