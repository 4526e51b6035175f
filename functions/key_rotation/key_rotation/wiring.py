"""What an execution environment keeps between runs, put together in one place."""

from functools import cache
from typing import Any

from botocore.config import Config

from key_rotation.adapters.admin_org import AdminOrgs
from key_rotation.adapters.announcer import SnsAnnouncer
from key_rotation.adapters.apps import SetupApps
from key_rotation.adapters.deadline import Deadline
from key_rotation.adapters.keeper import READ_S, LambdaKeeper
from key_rotation.adapters.keys import RotationKeys
from key_rotation.adapters.notes import ParameterNotes
from key_rotation.adapters.secrets import SecretsManagerSecrets
from key_rotation.log import RunLog
from key_rotation.ports import RotationPorts
from key_rotation.runner import Runner
from key_rotation.settings import RotationSettings
from key_rotation.telemetry import NotAnnounced
from key_rotation.use_case.rotation import Rotation
from sfmint.adapters.aws.repeats import Repeats
from sfmint.adapters.powertools import PowertoolsTelemetry
from sfmint.adapters.proxy_secret import open_proxy_login
from sfmint.adapters.system import SystemChance
from sfmint.aws_access.budget import Budget
from sfmint.telemetry import AskedElsewhere
from sfmint_client.function_session import function_session
from sfmint_client.rest.session import session_maker
from sfmint_client.token_client import TokenClient
from sfmint_values import core_dumps
from sfmint_values.embedded_metrics import NO_CONNECTION
from sfmint_values.kms_key_arn import region_of
from sfmint_values.proxy_login import ProxyLogin
from sfmint_values.system import SystemClock

CONNECT_S, ANSWER_S, TRIES = 2.0, 5.0, 4


class KeyRotation:
    """The function's settings, its log, and what runs rotations.

    Attributes:
        settings: what the template says.
        log: tells how runs end.
        deadline: of the run that is under way.
        telemetry: of log and metrics.
    """

    def __init__(self) -> None:
        core_dumps.leave_none()
        self.settings = settings = RotationSettings.from_environment()
        self._clock, self._chance = SystemClock(), SystemChance()
        self.telemetry = PowertoolsTelemetry(
            namespace=settings.metrics_namespace, stack=settings.stack, clock=self._clock
        )
        self._tell_of_endpoints()
        self.log = RunLog(self.telemetry)
        self.deadline = Deadline(self._clock)
        self._aws = function_session(settings.ca_bundle)
        self._client = cache(self._new_client)
        self.runner = self._runner()

    def _runner(self) -> Runner:
        keeper = LambdaKeeper(self._client("lambda", READ_S, 1), self.settings.keeper_arn)
        return Runner(
            rotations=Rotation(ports=self._ports(keeper), listed=self.settings.token_hosts),
            connections=self.settings.connections,
            certificate_ends=keeper.certificate_ends,
            clock=self._clock,
            chance=self._chance,
            telemetry=self.telemetry,
            told=self.log.tell,
        )

    def _ports(self, keeper: LambdaKeeper) -> RotationPorts:
        stack = self.settings.stack
        return RotationPorts(
            clock=self._clock,
            secrets=SecretsManagerSecrets(self._client("secretsmanager"), stack),
            notes=ParameterNotes(self._client("ssm"), stack),
            keeper=keeper,
            keys=RotationKeys(lambda arn: self._client("kms", region=region_of(arn)), self._clock),
            apps=SetupApps(self._orgs(), self.settings.connections),
            announcer=SnsAnnouncer(
                lambda: self._client("sns"), self.settings.topic_arn, stack=stack, failed=self._not_announced
            ),
        )

    def _orgs(self) -> AdminOrgs:
        settings = self.settings
        new_session = session_maker(
            ca_bundle=settings.ca_bundle, proxy=settings.https_proxy, proxy_login=self._proxy_login()
        )
        return AdminOrgs(
            cache(self._tokens_of),
            new_session,
            listed=settings.token_hosts,
            deadline=self.deadline,
            clock=self._clock,
        )

    def _tokens_of(self, admin: str) -> TokenClient:
        return TokenClient(admin, alias_arn=f"{self.settings.broker_arn}:{admin}", session=self._aws)

    def _proxy_login(self) -> ProxyLogin | None:
        settings = self.settings
        if settings.https_proxy is None or settings.https_proxy_secret is None:
            return None
        repeats = Repeats(Budget(self._clock), self._clock, self._chance)
        return open_proxy_login(self._client("secretsmanager"), settings.https_proxy_secret, repeats, self._clock)

    def _new_client(self, service: str, read_s: float = ANSWER_S, tries: int = TRIES, region: str | None = None) -> Any:
        retries: Any = {"mode": "standard", "total_max_attempts": tries}
        config = Config(connect_timeout=CONNECT_S, read_timeout=read_s, retries=retries, tcp_keepalive=True)
        return self._aws.create_client(service, region_name=region, config=config)

    def _not_announced(self, connection: str, code: str) -> None:
        self.telemetry.emit(NotAnnounced(connection=connection, error_code=code))

    def _tell_of_endpoints(self) -> None:
        for endpoint in self.settings.own_endpoints:
            if not endpoint.is_here:  # an emulator's is
                told = AskedElsewhere(connection=NO_CONNECTION, variable=endpoint.variable, url=endpoint.url)
                self.telemetry.emit(told)
