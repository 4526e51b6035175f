"""Is what the stack has made for the connection all there, and as it was deployed?"""

from botocore.exceptions import ClientError

from sfmint_cli.allow_parameter import AllowParameter
from sfmint_cli.aws_account import asking
from sfmint_cli.doctor.case import Case
from sfmint_cli.doctor.finding import Finding
from sfmint_cli.doctor.made_for_it import Scheduled, put_back, without_logs
from sfmint_cli.pasteable import aws
from sfmint_values.aws_codes import code_of

_LIVE = "live"
PROBES = "stack_prober"  # the schedule; no connection has its name
_OF_ADMIN = "An admin connection has none: it is for what looks after the org."


def aliases(case: Case) -> Finding:
    """Look whether the connection's aliases are there, and run what the functions' own alias runs."""
    for function in _functions(case):
        name = function.rpartition(":")[2]
        versions = _versions(case, function)
        for alias, other in ((_LIVE, case.name), (case.name, _LIVE)):
            if alias not in versions:
                cause = f"The function {name} has no alias {alias}."
                return Finding.fault(cause, _aliased(case, "create-alias", function, alias, versions.get(other)))
        if versions[_LIVE] != versions[case.name]:
            return Finding.fault(
                f"The alias {case.name} of {name} runs version {versions[case.name]}, and {_LIVE} {versions[_LIVE]}.",
                _aliased(case, "update-alias", function, case.name, versions[_LIVE]),
            )
    return Finding.ok("They are there, and run the deployed version.")


def _aliased(case: Case, command: str, function: str, alias: str, version: str | None) -> str:
    """Return the command that points an alias to a version, which no deploy does for one that was changed beside it."""
    if version is None:
        return put_back(case)
    return aws("lambda", command, "--function-name", function, "--name", alias, "--function-version", version)


def _functions(case: Case) -> tuple[str, ...]:
    return (case.stack.broker,) if case.is_admin else (case.stack.broker, case.stack.request)


def _versions(case: Case, function: str) -> dict[str, str]:
    client = case.account.functions()
    with asking(f"list the aliases of {function}"):
        pages = client.get_paginator("list_aliases").paginate(FunctionName=function)
        return {alias["Name"]: alias["FunctionVersion"] for page in pages for alias in page["Aliases"]}


def parameters(case: Case) -> Finding:
    """Look whether callers find the aliases where they look for them."""
    if case.is_admin:
        return Finding.ok(_OF_ADMIN)
    client = case.account.parameter_store()
    for word, function in (("broker", case.stack.broker), ("request", case.stack.request)):
        name, meant = f"{case.stack.parameter_prefix}{case.name}/{word}", f"{function}:{case.name}"
        said = AllowParameter(client=client, name=name).read()
        if said != meant:
            what = "is missing" if said is None else f"does not name {meant}"
            command = aws("ssm", "put-parameter", "--name", name, "--type", "String", "--overwrite", "--value", meant)
            return Finding.fault(f"The parameter {name} {what}, so callers do not find the alias.", command)
    return Finding.ok("They name the aliases.")


def policies(case: Case) -> Finding:
    """Look whether the managed policies for callers are there, and how many hold them."""
    if case.is_admin:
        return Finding.ok(_OF_ADMIN)
    held = {}
    for kind in ("get-token", "request"):
        arn = policy_arn(case, kind)
        with asking(f"look the policy {arn} up"):
            try:
                held[kind] = int(case.account.client("iam").get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"])
            except ClientError as error:
                if code_of(error) != "NoSuchEntity":
                    raise
                return Finding.fault(f"There is no policy {arn}.", put_back(case))
    return Finding.ok(f"Attachments of get-token: {held['get-token']}, of request: {held['request']}.")


def policy_arn(case: Case, kind: str) -> str:
    """Return the ARN of a managed policy of the connection, `get-token` or `request`."""
    _, partition, _, region, account, *_ = case.stack.broker.split(":")
    return f"arn:{partition}:iam::{account}:policy/{case.stack.name}-{kind}-{case.name}-{region}"


def schedule(case: Case) -> Finding:
    """Look whether the token is refreshed ahead of its callers."""
    if case.is_admin:
        return Finding.ok(_OF_ADMIN)
    if case.stack.refresh_rate == "off":
        return Finding.ok("RefreshRate is off: tokens are made when somebody asks.")
    found = Scheduled.find(case, case.name)
    if found is None:
        return Finding.fault(
            "The connection has no schedule, so nothing refreshes its token ahead of its callers.", put_back(case)
        )
    without = "nothing refreshes the token ahead of its callers"
    return found.fault(case, case.stack.keeper, without) or Finding.ok(f"It runs at {found.rate}.")


def logs(case: Case) -> Finding:
    """Look whether the functions have a place for their lines."""
    for function in ("token-broker", "token-keeper", "salesforce-request", "key-rotation"):
        if fault := without_logs(case, function):
            return fault
    return Finding.ok("All functions have theirs.")


def prober(case: Case) -> Finding:
    """Look whether the prober, if there is one, can be started, is started, and can say what it finds."""
    if not case.stack.prober:
        return Finding.ok("There is none: ProbeConnection names no connection.")
    function, _, alias = case.stack.prober.rpartition(":")
    if alias not in _versions(case, function):
        return Finding.fault(f"The function {function.rpartition(':')[2]} has no alias {alias}.", put_back(case))
    found = Scheduled.find(case, PROBES)
    if found is None:
        return Finding.fault("The prober has no schedule, so nothing has it probe.", put_back(case))
    fault = found.fault(case, case.stack.prober, "nothing has the prober probe") or without_logs(case, "prober")
    return fault or Finding.ok(f"It runs at {found.rate}; its metrics say what it finds.")
