"""Names of zip files for all code of a template, as a release gives them."""

from deploying.template import Template
from releasing import packaged


def archives(template: str) -> dict[str, str]:
    """Return the name of a zip file for each function and layer of a template."""
    resources = Template.parse(template).content["Resources"].items()
    code = {"CodeUri", "ContentUri"}
    named = {
        name: f"{name}-1.zip" for name, said in resources if "Properties" in said and code & said["Properties"].keys()
    }
    return named | {"DependenciesLayer": f"DependenciesLayer-{packaged.BOTH}-2.zip"}
