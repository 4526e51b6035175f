"""``/services/data/vNN.0/metadata/deployRequest``: deploy, look, cancel.

Source: Metadata API Developer Guide, meta_rest_deploy, meta_rest_deploy_checkstatus, meta_rest_deploy_cancel and
meta_rest_deploy_recentvalidation.
"""

from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from sfmint_local.org.gate import Admitted, Gate
from sfmint_local.org.refusal import RestError
from sfmint_local.org.setup.deploy_options import read_options
from sfmint_local.org.setup.deployments import Deployer
from sfmint_local.org.setup.multipart import read_message, read_object
from sfmint_local.org.setup.reading import LACKS_METADATA_RIGHTS, METADATA_RIGHTS
from sfmint_local.org.store import Store
from sfmint_local.org.wire import OrgRequest

_BASE = "/services/data/<version>/metadata"


class MetadataApi:
    """The REST side of the Metadata API: deployments only, for there is no retrieve.

    Args:
        store: what the org knows.
        gate: lets requests in.
    """

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store = store
        self._gate = gate

    def rules(self) -> list[Rule]:
        """Return the addresses served."""
        one = f"{_BASE}/deployRequest/<request_id>"
        return [
            Rule(f"{_BASE}/deployRequest", endpoint=self.start, methods=["POST"]),
            Rule(one, endpoint=self.look, methods=["GET"]),
            Rule(one, endpoint=self.cancel, methods=["PATCH"]),
        ]

    def start(self, request: OrgRequest, version: str) -> Response:
        """Start a deployment: of a zip, or of what a check-only run has validated.

        Raises:
            RestError: the message is none that Salesforce takes, or the user lacks the right.
        """
        admitted, deployer = self._admit(request, version)
        if request.mimetype == "application/json":
            return self._start_validated(request, admitted, deployer)
        message = read_message(request.headers.get("Content-Type", ""), request.get_data())
        if unknown := sorted(set(message.body) - {"deployOptions"}):
            raise RestError(400, "JSON_PARSER_ERROR", f"Unrecognized field {unknown[0][:80]!r}")
        options = read_options(message.body.get("deployOptions"), is_production=not self._store.settings.is_sandbox)
        with self._store.lock:
            started = self._store.deployments.start(message.archive, options, deployer, fate=request.fate)
        body = {"id": started.id, "deployOptions": options, "deployResult": started.accepted()}
        return self._gate.answer(body, admitted, status=201)

    def look(self, request: OrgRequest, version: str, request_id: str) -> Response:
        """Tell how a deployment goes.

        Raises:
            RestError: there is no such deployment.
        """
        admitted, _ = self._admit(request, version)
        details = request.args.get("includeDetails", "").lower() == "true"
        with self._store.lock:
            found = self._store.deployments.find(request_id)
            result = found.result(self._store.now(), details=details)
        return self._gate.answer(
            {"id": found.id, "deployOptions": found.options, "deployResult": result, "url": request.path}, admitted
        )

    def cancel(self, request: OrgRequest, version: str, request_id: str) -> Response:
        """Cancel a deployment.

        Raises:
            RestError: there is none, it is over, or something else than cancelling is asked for.
        """
        admitted, _ = self._admit(request, version)
        match read_object(request.get_data()):
            case {"deployResult": {"status": "Canceling", **more}, **rest} if not more and not rest:
                pass
            case _:
                raise RestError(400, "JSON_PARSER_ERROR", "Only deployResult.status can be set, and only to Canceling")
        with self._store.lock:
            found = self._store.deployments.cancel(request_id)
            result = found.result(self._store.now(), details=False)
        return self._gate.answer({"id": found.id, "deployResult": result}, admitted, status=202)

    def _start_validated(self, request: OrgRequest, admitted: Admitted, deployer: Deployer) -> Response:
        body = read_object(request.get_data())
        validated_id = body.get("validatedDeployRequestId")
        if set(body) != {"validatedDeployRequestId"} or not isinstance(validated_id, str):
            raise RestError(400, "JSON_PARSER_ERROR", "The body must have validatedDeployRequestId, an id, alone")
        with self._store.lock:
            started = self._store.deployments.start_validated(validated_id, deployer)
        answer = {"id": started.id, "validatedDeployRequestId": validated_id, "deployResult": started.accepted()}
        return self._gate.answer(answer, admitted, status=201)

    def _admit(self, request: OrgRequest, version: str) -> tuple[Admitted, Deployer]:
        admitted = self._gate.admit(request, version)
        session = admitted.session
        if not METADATA_RIGHTS & self._store.setup.rights(session.username):
            raise RestError(403, "INSUFFICIENT_ACCESS", LACKS_METADATA_RIGHTS)
        number = self._gate.versions()[-1] if version == "latest" else int(version[1:-2])
        return admitted, Deployer(username=session.username, token=session.token, api_version=number)
