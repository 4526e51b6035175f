"""Where a function of the stack gets its clients of AWS."""

from botocore.config import Config
from botocore.session import Session, get_session


def function_session(ca_bundle: str | None) -> Session:
    """Return a session of botocore whose clients trust whom the function trusts, with no proxy on their way.

    botocore by itself trusts certifi or AWS_CA_BUNDLE, and takes the proxies of the environment.

    Args:
        ca_bundle: path of the authorities to trust; None: certifi's.
    """
    session = get_session()
    session.set_default_client_config(Config(proxies={}))
    if ca_bundle is not None:
        session.set_config_variable("ca_bundle", ca_bundle)
    return session
