"""All checks in their order: each stands after what it builds on."""

from sfmint_cli.doctor import (
    app_checks,
    function_checks,
    key_checks,
    login_checks,
    network_checks,
    rest_checks,
    role_checks,
    rotation_checks,
    row_checks,
    secret_checks,
    signer_checks,
    stack_checks,
)
from sfmint_cli.doctor.runner import Check

_STACK, _LOGIN = ("stack",), ("login",)
_ASKING_S = 6.0  # where several questions are asked, or a function has to start
_POST_S = 8.0  # a login may take the broker's seven

CHECKS = (
    Check(name="stack", title="The stack", examine=stack_checks.stack),
    Check(name="aws_clock", title="Clock against AWS's", examine=stack_checks.aws_clock, after=_STACK),
    Check(name="secret", title="The secret", examine=secret_checks.secret, needs=_STACK),
    Check(name="kms_key", title="Its KMS key", examine=secret_checks.kms_key, needs=("secret",)),
    Check(name="stages", title="Its versions", examine=secret_checks.stages, needs=("secret",)),
    Check(name="value", title="Its value", examine=secret_checks.value, needs=("secret",)),
    Check(name="fields", title="Its fields", examine=secret_checks.fields, needs=("value",)),
    Check(name="key", title="The key", examine=key_checks.key, needs=("fields",)),
    Check(name="signer", title="The KMS key that signs", examine=signer_checks.signer, needs=("key",)),
    Check(name="other_signer", title="The KMS key in turn", examine=signer_checks.other_signer, needs=("key",)),
    Check(name="rotation", title="A rotation", examine=rotation_checks.rotation, needs=("fields",)),
    Check(name="tainted", title="Whether it is tainted", examine=key_checks.tainted, needs=("key",)),
    Check(name="certificate", title="The certificate's dates", examine=key_checks.certificate, needs=("key",)),
    Check(name="dns", title="Name of the token host", examine=network_checks.dns, needs=("fields",)),
    Check(name="tls", title="Way to the token host", examine=network_checks.tls, needs=("dns",)),
    Check(name="clock", title="Clock against Salesforce's", examine=network_checks.clock, needs=("tls",)),
    Check(
        name="login",
        title="Login from here",
        examine=login_checks.login,
        needs=("tainted", "tls"),
        after=("clock", "rotation"),
        bound_s=_POST_S,
    ),
    Check(name="place", title="Host and audience", examine=login_checks.place, after=_LOGIN, bound_s=_POST_S),
    Check(name="scopes", title="Scopes", examine=login_checks.scopes, needs=_LOGIN),
    Check(name="lifetime", title="Life of a token", examine=login_checks.lifetime, needs=_LOGIN),
    Check(name="versions", title="The org's REST API", examine=rest_checks.versions, needs=_LOGIN),
    Check(name="rest", title="A REST request", examine=rest_checks.rest, needs=("versions",)),
    Check(name="api_limit", title="Requests left", examine=rest_checks.api_limit, needs=("rest",)),
    Check(name="session", title="Administrator's session", examine=app_checks.session, after=_LOGIN, bound_s=_ASKING_S),
    Check(name="app", title="The app", examine=app_checks.app, needs=("session", "fields"), bound_s=_ASKING_S),
    Check(name="app_settings", title="The app's settings", examine=app_checks.app_settings, needs=("app",)),
    Check(
        name="app_secret",
        title="App against secret",
        examine=app_checks.app_against_secret,
        needs=("app", "key"),
        after=("rotation",),
    ),
    Check(name="aliases", title="Aliases", examine=function_checks.aliases, needs=_STACK),
    Check(name="parameters", title="Parameters of callers", examine=function_checks.parameters, needs=_STACK),
    Check(name="policies", title="Policies of callers", examine=function_checks.policies, needs=_STACK),
    Check(name="schedule", title="Schedule", examine=function_checks.schedule, needs=_STACK),
    Check(name="logs", title="Log groups", examine=function_checks.logs, needs=_STACK),
    Check(name="prober", title="The prober", examine=function_checks.prober, needs=_STACK),
    Check(name="row", title="The row", examine=row_checks.row, needs=_STACK, after=_LOGIN, bound_s=_ASKING_S),
    Check(name="build", title="The keeper's build", examine=row_checks.build, needs=("row",)),
    Check(name="address", title="Address of the stack", examine=row_checks.address, after=("row", "login")),
    Check(name="broker", title="The stack's own view", examine=row_checks.broker, needs=_STACK, bound_s=_ASKING_S),
)
ROLE = Check(name="role", title="Rights of the role", examine=role_checks.role, needs=_STACK, bound_s=_ASKING_S)
