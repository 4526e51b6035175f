"""One bill of material: CycloneDX 1.6 as JSON, equal bytes for equal parts.

Source: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from supply_chain.distributions import built_in, installed, licences, makers
from supply_chain.pins import Pin

_OWN_LICENCE = [{"license": {"id": "Apache-2.0"}}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one thing that we deliver is made of.

    Attributes:
        subject: the component that the bill is of.
        parts: all components in it.
        needs: by the reference of each, the references of what it needs.
    """

    subject: Mapping[str, Any]
    parts: Sequence[Mapping[str, Any]]
    needs: Mapping[str, Sequence[str]]

    def text(self, made_at: datetime) -> str:
        """Return the document.

        Args:
            made_at: when its subject was made, such as the time of the commit: two runs must not differ.
        """
        content = {
            "metadata": {
                "timestamp": made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "authors": [{"name": "The sfmint authors"}],
                "component": dict(self.subject),
            },
            "components": sorted(self.parts, key=_reference),
            "dependencies": [{"ref": ref, "dependsOn": sorted(self.needs[ref])} for ref in sorted(self.needs)],
            "compositions": [{"aggregate": "complete", "assemblies": [self.subject["bom-ref"]]}],
        }
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        head = {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
            "version": 1,
        }
        return json.dumps(head | content, indent=2) + "\n"


def own(kind: str, name: str, version: str, *, reference: str, description: str = "") -> dict[str, Any]:
    """Return a component of ours: a function, a layer or a wheel.

    Args:
        kind: a type of CycloneDX, such as ``library``.
        name: of the component.
        version: of this project.
        reference: ``bom-ref``; a package URL becomes its ``purl`` too.
        description: in a few words.
    """
    made = {"type": kind, "bom-ref": reference, "name": name, "version": version, "licenses": _OWN_LICENCE}
    if description:
        made["description"] = description
    return made | ({"purl": reference} if reference.startswith("pkg:") else {})


def library(pin: Pin, *, scope: str = "required") -> dict[str, Any]:
    """Return the component of a package from the index, with what is compiled into it.

    Args:
        pin: its version, and the hashes of the files that may be installed: one for each platform.
        scope: ``required``, or ``optional`` where it is installed on demand only.

    Raises:
        NotInstalled: nothing can be said of it, because it is not installed here.
    """
    found = installed(pin)
    reference = package_url(pin)
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": reference,
        "name": pin.name,
        "version": pin.version,
        "scope": scope,
        "purl": reference,
        "description": found.metadata["Summary"],
        "authors": makers(found),
        "licenses": licences(found),
        # The index is the reader's own, so the files' place is the package itself.
        "externalReferences": [{"type": "distribution", "url": reference, "hashes": _hashes(pin)}],
        "components": sorted((_inside(part, reference) for part in built_in(found)), key=_reference),
    }
    return {name: value for name, value in made.items() if value}


def package_url(pin: Pin) -> str:
    """Return ``pkg:pypi/NAME@VERSION``, which names a package wherever it comes from."""
    return f"pkg:pypi/{pin.name}@{pin.version}"


def _hashes(pin: Pin) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": each} for each in sorted(pin.hashes)]


def _inside(part: Mapping[str, Any], outer: str) -> dict[str, Any]:
    """Return what is compiled into a package: what says how and where that was done is left out, for it differs."""
    kept = {name: part[name] for name in ("type", "name", "version", "licenses", "hashes", "purl") if name in part}
    if "?download_url=file:" in kept.get("purl", ""):
        kept["purl"] = kept["purl"].partition("?")[0]
    return {"bom-ref": f"{outer}#{part['name']}@{part['version']}", **kept}


def _reference(component: Mapping[str, Any]) -> str:
    return str(component["bom-ref"])
