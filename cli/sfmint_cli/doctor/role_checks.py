"""May a role get the connection's token, by what IAM's simulator sees of its policies?

Source: IAM API Reference, SimulatePrincipalPolicy. It sees the policies of the role, its permissions boundary and, of the
organization's, some; a resource policy of the function, or another account, it does not see.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from sfmint_cli.aws_account import asking
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.function_checks import policy_arn
from sfmint_cli.pasteable import aws
from sfmint_values.aws_codes import code_of

UNSEEN = "Resource policies, service control policies and other accounts are not seen."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decision:
    """What the simulator says of one call.

    Attributes:
        what: the call would do, in words.
        decision: `allowed`, `implicitDeny` or `explicitDeny`.
        by: the policies that have decided, in words; empty: none has.
    """

    what: str
    decision: str
    by: str

    @property
    def is_allowed(self) -> bool:
        return self.decision == "allowed"

    def __str__(self) -> str:
        match self.decision:
            case "allowed":
                return f"{self.what}: allowed by {self.by or 'a policy'}"
            case "explicitDeny":
                return f"{self.what}: explicitly denied by {self.by or 'a policy'}"
            case _:
                return f"{self.what}: not allowed by any policy{f' ({self.by})' if self.by else ''}"


def role(case: Case) -> Finding:
    """Simulate what a role may do with the connection; it is never assumed, and no token is got for it."""
    arn = case.as_role or ""
    account = case.stack.broker.split(":")[4]
    if arn.split(":")[4] != account:
        return Finding.not_checked(
            f"{arn} is of another account than the stack ({account}), where the alias's own policy decides.",
            f"Look at that: {aws('lambda', 'get-policy', '--function-name', case.stack.broker, '--qualifier', case.name)}",
        )
    try:
        token, request, parameter = _decisions(case, arn)
    except ClientError:
        return Finding.fault(f"There is no role {arn}.", f"See the roles there are: {aws('iam', 'list-roles')}")
    told = f"{token}; {request}; {parameter}. {UNSEEN}"
    for denied in (token, request, parameter):
        if denied.decision == "explicitDeny":
            return Finding.fault(told, f"Take the denial out of {denied.by or 'the policy'}, or use another role.")
    if not token.is_allowed and not request.is_allowed:
        return Finding.fault(told, _attach(case, arn))
    if token.is_allowed and not parameter.is_allowed:
        return Finding.fault(told, _attach(case, arn))
    return Finding.ok(told)


def _attach(case: Case, arn: str) -> str:
    name = arn.rpartition("/")[2]
    return aws("iam", "attach-role-policy", "--role-name", name, "--policy-arn", policy_arn(case, "get-token"))


def _decisions(case: Case, arn: str) -> Iterator[_Decision]:
    _, partition, _, region, account, *_ = case.stack.broker.split(":")
    parameter = f"arn:{partition}:ssm:{region}:{account}:parameter{case.stack.parameter_prefix}{case.name}/broker"
    yield _simulated(case, arn, "lambda:InvokeFunction", f"{case.stack.broker}:{case.name}", "get the token")
    yield _simulated(case, arn, "lambda:InvokeFunction", f"{case.stack.request}:{case.name}", "send requests")
    yield _simulated(case, arn, "ssm:GetParameter", parameter, "find the alias")


def _simulated(case: Case, arn: str, action: str, resource: str, what: str) -> _Decision:
    with asking(f"simulate the policies of {arn}"):
        try:
            found = case.account.client("iam").simulate_principal_policy(
                PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource]
            )["EvaluationResults"][0]
            return _Decision(what=what, decision=str(found["EvalDecision"]), by=_by(found))
        except ClientError as error:
            if code_of(error) != "NoSuchEntity":
                raise
            missing = error
    raise missing


def _by(found: dict[str, Any]) -> str:
    """Return which statements have decided; what the boundary or the organization has refused comes first."""
    reasons = []
    if found.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False:
        reasons.append("its permissions boundary does not allow it")
    if found.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        reasons.append("a policy of the organization does not allow it")
    for statement in found.get("MatchedStatements", []):
        line = statement.get("StartPosition", {}).get("Line")
        at = f" (the statement at line {line})" if isinstance(line, int) else ""
        reasons.append(f"{statement.get('SourcePolicyId', 'a policy')}{at}")
    return " and ".join(dict.fromkeys(reasons))
