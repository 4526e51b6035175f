"""Deploys a build and proves that every connection's alias runs it: ``python tools/deploy.py --env default``.

A plain ``sam deploy`` publishes no version when only a parameter's value has changed. So each deploy from here carries
a digest of artefact and parameters, which every alias must give back.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError

from samconfig import Environment, UnusableConfig, parse_parameters

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ROOT = Path(__file__).resolve().parent.parent
SAM = ROOT / ".local/venvs/sam/bin/sam"

type Parameters = Mapping[str, str]


class DeployError(Exception):
    """The stack is not deployed as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A deploy that has reached every alias.

    Attributes:
        stack: the stack's name.
        build: the digest that every alias answered.
        connections: the names of its connections.
    """

    stack: str
    build: str
    connections: tuple[str, ...]


def deploy(
    env: str = "default",
    parameters: Parameters | None = None,
    *,
    root: Path = ROOT,
    stack: str | None = None,
    environment: Mapping[str, str] | None = None,
    log: IO[str] | None = None,
) -> Deployed:
    """Deploy the build of a tree and ask every alias for it.

    Args:
        env: an environment of samconfig.toml.
        parameters: of the template; they take precedence over samconfig's.
        root: the tree; its build is in ``.aws-sam/build``.
        stack: takes precedence over samconfig's stack name.
        environment: all variables of the SAM CLI, those of the AWS SDKs among them; the process's own by default.
        log: where the SAM CLI writes; the terminal by default.

    Raises:
        DeployError: something is amiss before, in or after the deploy.
        UnusableConfig: samconfig.toml cannot be used.
    """
    variables = os.environ if environment is None else environment
    target = Environment.read(root / "samconfig.toml", env)
    stack, given = stack or target.stack, {**target.parameters, **(parameters or {})}
    _check(given, root / ".aws-sam")
    build = build_id(root / ".aws-sam/build", given)
    _sam_deploy(root, env, stack, {**given, "BuildId": build}, variables, log)
    session = _session(target, variables)
    connections, outputs = _describe(session.client("cloudformation", **_endpoint(variables)), stack)
    functions = session.client("lambda", **_endpoint(variables))
    aliases = {name: f"{outputs['BrokerArn']}:{name}" for name in connections}
    _compare(_builds(functions, aliases), build)
    _compare(_builds_of_requests(functions, outputs["RequestArn"]), build)
    return Deployed(stack=stack, build=build, connections=connections)


def check_connection_names(names: list[str], pattern: str, rule: str) -> None:
    """Check what CloudFormation would refuse late, or in words that do not help.

    Args:
        names: of the connections.
        pattern: that each must match.
        rule: the pattern in words.

    Raises:
        DeployError: a name does not match, is there twice, or differs from another by dashes only.
    """
    for name in names:
        if not re.fullmatch(pattern, name):
            raise DeployError(f"{name!r} cannot name a connection: {rule}. Rename it in Connections.")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise DeployError(f"Connections lists {', '.join(twice)} more than once. Remove the repetition.")
    # CloudFormation's own names for what a connection has hold no dashes.
    undashed: dict[str, str] = {}
    for name in names:
        other = undashed.setdefault(name.replace("-", ""), name)
        if other != name:
            raise DeployError(f"The connections {other!r} and {name!r} differ by dashes only. Rename one of them.")


def build_id(build: Path, parameters: Parameters) -> str:
    """Return a digest of a build's files and of the parameters, BuildId left out."""
    digest = hashlib.sha256()
    files = [build / "template.yaml", *(path for path in build.glob("*/**/*") if path.is_file())]
    for path in sorted(files):
        digest.update(f"{path.relative_to(build).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    said = {key: value for key, value in parameters.items() if key != "BuildId"}
    digest.update(json.dumps(said, sort_keys=True).encode())
    return digest.hexdigest()[:12]  # SAM names the version by the first 10


def _check(parameters: Parameters, sam_folder: Path) -> None:
    template = sam_folder / "build/template.yaml"
    if not template.is_file():
        raise DeployError(f"There is no build in {sam_folder}. Run `make build` first.")
    known = yaml.safe_load(template.read_text())["Parameters"]
    if unknown := sorted(set(parameters) - set(known)):
        raise DeployError(f"The template has no parameter {', '.join(unknown)}. It has {', '.join(known)}.")
    names = parameters.get("Connections", known["Connections"]["Default"]).split(",")
    rules = known["Connections"]
    check_connection_names([name.strip() for name in names], rules["AllowedPattern"], rules["ConstraintDescription"])
    wanted = parameters.get("Architecture", known["Architecture"]["Default"])
    record = tomllib.loads((sam_folder / "build.toml").read_text())
    built = {layer["architecture"] for layer in record["layer_build_definitions"].values()}
    if built != {wanted}:
        raise DeployError(
            f"The build is for {', '.join(sorted(built))}, the deploy for {wanted}: it would fail at the first import. "
            "Use the same ENV and ARCHITECTURE for `make build` and `make deploy`."
        )


def _sam_deploy(
    root: Path, env: str, stack: str, parameters: Parameters, variables: Mapping[str, str], log: IO[str] | None
) -> None:
    if not SAM.is_file():
        raise DeployError(f"The SAM CLI is not at {SAM}. Run `make setup`.")
    words = [f'{key}="{_quoted(value)}"' for key, value in parameters.items()]
    command = [str(SAM), "deploy", "--config-env", env, "--stack-name", stack, "--parameter-overrides", *words]
    done = subprocess.run(command, cwd=root, env=variables, stdout=log, stderr=log, check=False)
    if done.returncode != 0:
        raise DeployError("`sam deploy` has failed, for the reason above. Correct it and deploy again.")


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _session(target: Environment, variables: Mapping[str, str]) -> boto3.Session:
    region = target.region or variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION")
    if profile := target.profile or variables.get("AWS_PROFILE"):
        return boto3.Session(profile_name=profile, region_name=region)
    return boto3.Session(
        aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=variables.get("AWS_SESSION_TOKEN"),
        region_name=region,
    )


def _endpoint(variables: Mapping[str, str]) -> dict[str, Any]:
    return {"endpoint_url": variables.get("AWS_ENDPOINT_URL")}


def _describe(cloudformation: Any, stack: str) -> tuple[tuple[str, ...], dict[str, str]]:
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    parameters = {entry["ParameterKey"]: entry["ParameterValue"] for entry in found["Parameters"]}
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in found["Outputs"]}
    return tuple(name.strip() for name in parameters["Connections"].split(",")), outputs


def _builds(client: "LambdaClient", aliases: Mapping[str, str]) -> dict[str, str]:
    with ThreadPoolExecutor(max_workers=8) as pool:
        return dict(zip(aliases, pool.map(partial(_build_of, client), aliases.values()), strict=True))


def _build_of(client: "LambdaClient", alias: str) -> str:
    answer = client.invoke(FunctionName=alias, Payload=b'{"action": "status"}')
    status = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise DeployError(
            f"The stack is deployed, but {alias} fails: {status.get('errorType')}: {status.get('errorMessage')} "
            "Its log group says more; deploy the last good build to go back."
        )
    return str(status.get("build", ""))


def _builds_of_requests(client: "LambdaClient", function: str) -> dict[str, str]:
    """Return what the aliases of salesforce_request are set to: to ask it would be a request to Salesforce."""
    aliases = client.get_paginator("list_aliases").paginate(FunctionName=function).search("Aliases")
    versions = {alias["Name"]: alias["FunctionVersion"] for alias in aliases}
    builds = {version: _build_of_version(client, function, version) for version in set(versions.values())}
    return {f"request {name}": builds[version] for name, version in versions.items()}


def _build_of_version(client: "LambdaClient", function: str, version: str) -> str:
    settings = client.get_function_configuration(FunctionName=function, Qualifier=version)
    return settings.get("Environment", {}).get("Variables", {}).get("SFMINT_BUILD", "")


def _compare(builds: Mapping[str, str], wanted: str) -> None:
    if stale := [f"{name} ({build or 'none'})" for name, build in builds.items() if build != wanted]:
        raise DeployError(
            f"The stack is deployed, but not every alias runs build {wanted}: {', '.join(stale)}. "
            "Deploy again; if it stays so, look in the stack's events for an alias that was not updated."
        )


def main(arguments: list[str] | None = None) -> int:
    """Deploy as the command line says, and say what was deployed."""
    parser = argparse.ArgumentParser(
        prog="deploy.py", description="Deploy a build and prove that every alias runs it.", allow_abbrev=False
    )
    parser.add_argument("--env", default="default", help="environment of samconfig.toml (default: default)")
    parser.add_argument("parameters", nargs="*", metavar="Name=value", help="parameters of template.yaml")
    words = parser.parse_args(arguments)
    try:
        given = parse_parameters(words.parameters)
    except UnusableConfig as error:
        parser.error(str(error))
    try:
        done = deploy(words.env, given)
    except (DeployError, UnusableConfig) as error:
        print(f"error: {error}", file=sys.stderr)
    except (ClientError, BotoCoreError) as error:
        print(
            f"error: The stack is deployed, but its aliases could not be asked: {error}\n"
            "Check your credentials, region and right to invoke them, and run this again.",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print("error: interrupted. CloudFormation finishes what it has begun; run this again.", file=sys.stderr)
    else:
        print(f"{done.stack}: build {done.build} runs behind {', '.join(done.connections)}")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
