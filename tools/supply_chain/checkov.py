"""Runs checkov on expanded templates, and holds what it finds against what is accepted."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from environments import ENVIRONMENTS
from expanding.expand import Expanded
from supply_chain.accepted import ACCEPTED, Accepted

_OFFLINE = ("--framework", "cloudformation", "--skip-download", "--compact", "--quiet", "--output", "json")


class NotScanned(Exception):  # noqa: N818 - what the templates are
    """Checkov has not read every template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check that one resource of one stack does not pass.

    Attributes:
        stack: the number of the template.
        check: its id in checkov.
        name: what it asks for, in checkov's words.
        resource: ``TYPE.LOGICAL_ID``.
    """

    stack: int
    check: str
    name: str
    resource: str


def scan(templates: Sequence[dict[str, Any]]) -> list[Finding]:
    """Return what checkov finds in some templates, in which no loop, condition or parameter is left.

    Raises:
        NotScanned: checkov failed, or left a template or a resource out.
    """
    with TemporaryDirectory(prefix="sfmint-checkov-") as folder:
        for number, template in enumerate(templates):
            (Path(folder) / f"{number}.json").write_text(json.dumps(template, indent=1))
        python = ENVIRONMENTS["audit"].python
        command = [str(python), str(python.with_name("checkov")), "--directory", folder, *_OFFLINE]
        # A person's settings may leave checks out, or send what is scanned to a service.
        variables = {"PATH": os.environ.get("PATH", os.defpath), "HOME": folder}
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    try:
        said = json.loads(done.stdout)
        summary, failed = said["summary"], said["results"]["failed_checks"]
    except (KeyError, TypeError, ValueError):
        last = (done.stderr.strip() or "it says nothing").splitlines()[-1]
        raise NotScanned(f"checkov failed: {last[:200]}. Run `make setup`, then `make checkov` again.") from None
    resources = sum(len(template["Resources"]) for template in templates)
    if summary["parsing_errors"] or summary["resource_count"] != resources:
        raise NotScanned(f"checkov read {summary['resource_count']} of {resources} resources. Look at the template.")
    return [_finding(each) for each in failed]


def _finding(said: dict[str, Any]) -> Finding:
    stack = int(Path(said["file_path"]).stem)
    return Finding(stack=stack, check=said["check_id"], name=said["check_name"], resource=said["resource"])


def faults(
    findings: Iterable[Finding], stacks: Sequence[Expanded], accepted: Sequence[Accepted] = ACCEPTED
) -> Iterator[str]:
    """Give what is found and not accepted, and what is accepted and not found.

    Args:
        findings: of the stacks, by their numbers.
        stacks: what was scanned.
        accepted: what may be found.
    """
    used = set()
    for finding in findings:
        variant = stacks[finding.stack].variant
        reasons = [each for each in accepted if each.covers(finding.check, finding.resource)]
        standing = [each for each in reasons if each.unless not in variant.given]
        used.update(standing)
        if not standing:
            ended = f", though {reasons[0].unless} is set" if reasons else ""
            yield f"{finding.check} ({finding.name}) does not hold for {finding.resource}{ended}. In: {variant}"
    for each in accepted:
        if each not in used:
            yield f"{each.check} is found in no resource {each.resources} any more. Take it out of the accepted ones."
