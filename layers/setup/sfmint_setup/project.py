"""Components as a project of the sf CLI: what `sf project deploy start` deploys.

Source: Salesforce DX Developer Guide, "Salesforce DX Project Structure and Source Format".
"""

import json
from collections.abc import Iterable, Mapping

from sfmint_setup.component import Component
from sfmint_setup.package import API_VERSION
from sfmint_setup.xml_text import document

FOLDER = "force-app"
_PROJECT = {"packageDirectories": [{"path": FOLDER, "default": True}], "sourceApiVersion": API_VERSION}


def project_of(components: Iterable[Component]) -> Mapping[str, bytes]:
    """Return the files of a project by path.

    Raises:
        UnusableXml: a text holds a character that XML cannot say.
    """
    return {
        "sfdx-project.json": (json.dumps(_PROJECT, indent=2) + "\n").encode(),
        **{f"{FOLDER}/main/default/{each.path}-meta.xml": document(each) for each in components},
    }
