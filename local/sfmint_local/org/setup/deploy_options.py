"""deployOptions: how a deployment shall go.

Source: Metadata API Developer Guide, meta_rest_deploy, deployOptions parameters.
"""

from typing import Any

from sfmint_local.org.refusal import RestError

_FLAGS = {
    "allowMissingFiles": False,
    "autoUpdatePackage": False,
    "checkOnly": False,
    "ignoreWarnings": False,
    "performRetrieve": False,
    "purgeOnDelete": False,
    "rollbackOnError": True,
    "singlePackage": False,
}
_TEST_LEVELS = ("NoTestRun", "RunSpecifiedTests", "RunLocalTests", "RunAllTestsInOrg", "RunRelevantTests")


def read_options(said: object, *, is_production: bool) -> dict[str, Any]:
    """Return all options, with the defaults of those that were left out.

    Raises:
        RestError: 400, for an unknown name, or a value of another type: ``"true"`` is no boolean.
    """
    if not isinstance(said, dict):
        raise RestError(400, "JSON_PARSER_ERROR", "deployOptions is missing, or no JSON object")
    for name, value in said.items():
        _check(name, value)
    options = _FLAGS | {"testLevel": None, "runTests": None} | said
    if is_production and not options["rollbackOnError"]:
        raise RestError(400, "INVALID_OPERATION", "rollbackOnError must be true for a production organization")
    return options


def _check(name: str, value: object) -> None:
    match name:
        case "testLevel":
            if value is not None and value not in _TEST_LEVELS:
                raise RestError(400, "JSON_PARSER_ERROR", "Cannot deserialize a value of testLevel")
        case "runTests":
            if value is not None and not (isinstance(value, list) and all(isinstance(test, str) for test in value)):
                raise RestError(400, "JSON_PARSER_ERROR", "Cannot deserialize a value of runTests")
        case _ if name in _FLAGS:
            if not isinstance(value, bool):
                raise RestError(400, "JSON_PARSER_ERROR", f"Cannot deserialize a value of {name} as a boolean")
        case _:
            raise RestError(400, "JSON_PARSER_ERROR", f"Unrecognized field {name[:80]!r} in deployOptions")
