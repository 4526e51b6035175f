"""The program that runs the embedded AWS: MiniStack, with the gaps closed that sfmint depends on.

It runs under the interpreter of MiniStack's own environment, so of ours it imports `for_ministack` alone. Each gap has one function.
They edit MiniStack by name and by text, which is why its version is pinned; where the expected text is gone, the
program ends with a message. `embedded_aws` starts it and says what its environment must hold.
"""

import contextvars
import functools
import hashlib
import os
import signal
import sys
import tempfile
import threading
import types
import zipfile
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[1])  # where our packages are; this file's own folder is none of them
from sfmint_local.for_ministack.judged import patch_kms_conditions, patch_paths, patch_principal_arn, patch_several  # noqa: E402
from sfmint_local.for_ministack.names import give_up, named  # noqa: E402
from sfmint_local.for_ministack.recorded import patch_recording  # noqa: E402
from sfmint_local.for_ministack.rotation import patch_rotation  # noqa: E402
from sfmint_local.for_ministack.versions import patch_empty_versions, patch_written_versions  # noqa: E402

_ERROR = "__handler_error__"

# What a function finds of Lambda's runtime, and what that makes of an exception.
# Source: awslambdaric/bootstrap.py, `handle_event_request`, `make_error` and `log_error`.
_RUNTIME = """
import types

class FaultException(Exception):
    def __init__(self, exception_type, msg, trace=None):
        self.exception_type, self.msg, self.trace = exception_type, msg, trace

sys.modules["awslambdaric.lambda_runtime_exception"] = types.SimpleNamespace(FaultException=FaultException)

def _reported(error, request_id):
    if isinstance(error, FaultException):
        kind, message, trace = error.exception_type, error.msg, error.trace or []
    else:
        kind, message = type(error).__name__, str(error)
        trace = traceback.format_tb(error.__traceback__)[1:]
    print(f"[ERROR] {kind}: {message}", "Traceback (most recent call last):", *trace, sep=chr(10), flush=True)
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}
"""


def main() -> None:
    """Patch MiniStack and serve until SIGTERM."""
    # MiniStack would listen on every interface; the other two are listeners that nothing here needs.
    os.environ.update(BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0")
    patch_path_order()
    patch_handler_errors()
    patch_interpreter()
    patch_alias_arn()
    patch_layer_copies()
    patch_sam_parameters()
    patch_joined_conditions()
    patch_empty_versions()
    patch_written_versions()
    patch_rotation()
    patch_paths()
    patch_kms_conditions()
    patch_principal_arn()
    patch_source_function()
    patch_recording()
    patch_several()
    end_environments_on_signal()
    from ministack import app

    sys.exit(app.main())


def patch_path_order() -> None:
    """A function's own code comes before its layers, as on AWS; MiniStack puts the layers first."""
    _edit_worker(
        "    _ms_install_invoke_depth()\n    try:",
        "    sys.path.insert(0, code_dir)\n    _ms_install_invoke_depth()\n    try:",
    )


def patch_handler_errors() -> None:
    """A handler's exception is reported and logged as the runtime does it, and its environment lives on, as on AWS.

    MiniStack calls every error ``Runtime.HandlerError`` and ends the environment. Here the worker hands the error over
    as a marked result, which becomes an error again once the environment is back in its pool.
    """
    from ministack.services import lambda_svc

    _edit_worker(
        '_real_stdout.write(json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()}) + "\\n")',
        '_real_stdout.write(json.dumps({"status": "ok", "result": {"'
        + _ERROR
        + '": _reported(e, context.aws_request_id)}}) + "\\n")',
    )
    _edit_worker("def run():\n", f"{_RUNTIME}\ndef run():\n")
    execute = named(lambda_svc, "_execute_function_warm")

    @functools.wraps(execute)
    def execute_with_errors(func: Any, event: Any, request_id: str) -> Any:
        answer = execute(func, event, request_id)
        body = answer.get("body")
        if isinstance(body, dict) and set(body) == {_ERROR}:
            return {**answer, "body": body[_ERROR], "error": True}
        return answer

    lambda_svc._execute_function_warm = execute_with_errors  # noqa: SLF001


def patch_interpreter() -> None:
    """Lambdas run under ``SFMINT_LAMBDA_PYTHON``, a bare interpreter; MiniStack's own packages would hide missing ones."""
    from ministack.core import lambda_runtime

    detect = named(lambda_runtime, "_detect_runtime_binary")

    @functools.wraps(detect)
    def detect_bare(runtime: str) -> tuple[str, str]:
        binary, script = detect(runtime)
        return (os.environ["SFMINT_LAMBDA_PYTHON"] if runtime.startswith("python") else binary), script

    lambda_runtime._detect_runtime_binary = detect_bare  # noqa: SLF001


def patch_alias_arn() -> None:
    """Schedule and state machines invoke an alias under the alias's own ARN, as on AWS, not under its version's."""
    from ministack.services import lambda_svc

    find = named(lambda_svc, "_get_func_record_for_ref")
    resolve = named(lambda_svc, "_resolve_name_and_qualifier")
    arn_of = named(lambda_svc, "_func_arn")

    @functools.wraps(find)
    def find_qualified(reference: str) -> tuple[Any, Any, str]:
        record, config, name = find(reference)
        _, qualifier = resolve(reference)
        if config and qualifier:
            config = {**config, "FunctionArn": f"{arn_of(name)}:{qualifier}"}
        return record, config, name

    lambda_svc._get_func_record_for_ref = find_qualified  # noqa: SLF001


def patch_layer_copies() -> None:
    """Environments share one unpacked copy of a layer; MiniStack unpacks each layer anew for every environment."""
    from ministack.core import lambda_runtime

    shared = Path(tempfile.gettempdir()) / "layers"
    lock = threading.Lock()

    class SharedLayerZip(zipfile.ZipFile):
        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
            target = Path(path)
            if not target.name.startswith("layer_"):
                return super().extractall(path, members, pwd)
            copy = shared / hashlib.sha256(Path(self.filename or "").read_bytes()).hexdigest()
            with lock:
                if not copy.exists():
                    shared.mkdir(exist_ok=True)
                    draft = Path(tempfile.mkdtemp(dir=shared))
                    super().extractall(draft)
                    draft.rename(copy)
            target.rmdir()
            target.symlink_to(copy)
            return None

    if "lzf.extractall(layer_dir)" not in Path(lambda_runtime.__file__).read_text():
        give_up("lzf.extractall(layer_dir)")
    lambda_runtime.zipfile = types.SimpleNamespace(**{**vars(zipfile), "ZipFile": SharedLayerZip})


def end_environments_on_signal() -> None:
    """SIGUSR1 ends all environments, as AWS may whenever they are idle; the next invoke starts in a new one."""
    from ministack.core import lambda_runtime

    end = named(lambda_runtime, "reset")
    signal.signal(signal.SIGUSR1, lambda _number, _frame: end())


def patch_sam_parameters() -> None:
    """The SAM transform sees the parameters' values, as on AWS; MiniStack shows it their defaults only.

    So ``AutoPublishCodeSha256: !Ref BuildId`` publishes a version for each BuildId.
    """
    from ministack.services.cloudformation import changesets, engine, handlers
    from samtranslator.translator import transform as sam  # type: ignore[import-not-found]  # MiniStack brings it

    apply = named(engine, "_apply_transforms")
    resolve = named(engine, "_transform_parameters")
    translate = named(sam, "transform")
    values: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("values")

    @functools.wraps(apply)
    def apply_with_values(template: Any, provided: Any = None, previous: Any = None) -> Any:
        values.set(resolve(template, provided, previous))
        return apply(template, provided, previous)

    @functools.wraps(translate)
    def translate_with_values(template: Any, _parameters: Any, loader: Any) -> Any:
        return translate(template, dict(values.get()), loader)

    for module in (changesets, handlers):
        named(module, "_apply_transforms")
        module._apply_transforms = apply_with_values  # noqa: SLF001
    sam.transform = translate_with_values


def patch_joined_conditions() -> None:
    """A condition compares what Fn::Join makes of a list, as on AWS; MiniStack compares the function's own text."""
    from ministack.services.cloudformation import changesets, engine, handlers, stacks

    evaluate = named(engine, "_evaluate_conditions")

    @functools.wraps(evaluate)
    def evaluate_joined(template: Any, params: Any) -> Any:
        return evaluate({**template, "Conditions": joined(template.get("Conditions", {}), params)}, params)

    def joined(value: Any, params: Any) -> Any:
        match value:
            case {"Fn::Join": [str(between), {"Ref": str(name)}]}:
                return between.join(part.strip() for part in params[name]["Value"].split(","))
            case dict():
                return {key: joined(part, params) for key, part in value.items()}
            case list():
                return [joined(part, params) for part in value]
            case _:
                return value

    for module in (changesets, engine, handlers, stacks):
        named(module, "_evaluate_conditions")
        module._evaluate_conditions = evaluate_joined  # noqa: SLF001


def patch_source_function() -> None:
    """The requests of a function's code carry ``lambda:SourceFunctionArn``, as on AWS; it counts where ``AUTH`` is on."""
    from ministack import app
    from ministack.core import iam_evaluator, lambda_runtime
    from ministack.services import lambda_svc, sts

    credentials_of = named(lambda_runtime, "execution_credentials")
    keys_of = named(iam_evaluator, "_principal_keys")
    named(lambda_svc, "execution_credentials")
    named(sts, "_sessions")

    @functools.wraps(credentials_of)
    def credentials_with_source(config: Any) -> dict[str, str]:
        credentials: dict[str, str] = credentials_of(config)
        if app.AUTH:
            unqualified = ":".join(config["FunctionArn"].split(":")[:7])
            sts._sessions[credentials["AWS_ACCESS_KEY_ID"]]["SourceFunctionArn"] = unqualified  # noqa: SLF001
        return credentials

    @functools.wraps(keys_of)
    def keys_with_source(credential: Any) -> dict[str, Any]:
        session = sts._sessions.get(credential.access_key_id) or {}  # noqa: SLF001
        source = session.get("SourceFunctionArn")
        return {**keys_of(credential), **({"lambda:sourcefunctionarn": source} if source else {})}

    for module in (lambda_runtime, lambda_svc):
        module.execution_credentials = credentials_with_source
    iam_evaluator._principal_keys = keys_with_source  # noqa: SLF001


def _edit_worker(old: str, new: str) -> None:
    """Replace a text, which must stand there once, in the program that MiniStack runs for each environment."""
    from ministack.core import lambda_runtime

    script = named(lambda_runtime, "_PYTHON_WORKER_SCRIPT")
    if script.count(old) != 1:
        give_up(old)
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(old, new)  # noqa: SLF001


if __name__ == "__main__":
    main()
