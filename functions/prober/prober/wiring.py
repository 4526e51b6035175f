"""What an execution environment keeps between probes, put together in one place."""

from functools import cache
from typing import Any

from botocore.config import Config

from prober.asking import AwsAsker
from prober.caller import RealCaller
from prober.log import ProbeLog
from prober.probe import Probe
from prober.questions import questions
from prober.settings import ProbeSettings
from sfmint_client.function_proxy import open_proxy_login
from sfmint_client.function_session import function_session
from sfmint_client.rest.session import session_maker
from sfmint_values import core_dumps
from sfmint_values.system import SystemClock

CONNECT_S, ANSWER_S, TRIES = 2.0, 2.0, 2  # of one question


class Prober:
    """The function's settings, its log, and what it probes with.

    Attributes:
        settings: what the template says.
        log: tells how probes end.
    """

    def __init__(self) -> None:
        core_dumps.leave_none()
        self._clock = clock = SystemClock()
        self.settings = settings = ProbeSettings.from_environment()
        self.log = ProbeLog(
            clock, namespace=settings.metrics_namespace, stack=settings.stack, connection=settings.connection
        )
        self.log.asked_elsewhere(settings.own_endpoints)
        self._aws = function_session(settings.ca_bundle)
        self._client = cache(self._new_client)
        self._new_session = session_maker(
            ca_bundle=settings.ca_bundle,
            proxy=settings.https_proxy,
            proxy_login=open_proxy_login(settings, lambda: self._client("secretsmanager"), clock),
        )

    def probe(self) -> Probe:
        """Return a probe of the connection."""
        settings = self.settings
        caller = RealCaller(
            settings.connection,
            stack=settings.stack,
            aws=self._aws,
            new_session=self._new_session,
            token_hosts=settings.token_hosts,
        )
        return Probe(
            settings.connection,
            caller=caller,
            asker=AwsAsker(self._client),
            questions=list(questions(settings.ground)),
            clock=self._clock,
        )

    def _new_client(self, service: str) -> Any:
        retries: Any = {"mode": "standard", "total_max_attempts": TRIES}
        config = Config(connect_timeout=CONNECT_S, read_timeout=ANSWER_S, retries=retries, tcp_keepalive=True)
        return self._aws.create_client(service, config=config)
