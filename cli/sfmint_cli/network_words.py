"""What curl, Python, Node and Java say where nothing answers, and what CloudFormation says of a deployment that failed.

Sources: curl, "libcurl error codes"; Python documentation, socket and ssl; Node.js documentation, "Common system errors";
CloudFormation User Guide, "Stack status codes".
"""

from sfmint_cli.known_error import Diagnosis, Known

NETWORK_WORDS = (
    Known(
        said=(
            *("could not resolve host", "name or service not known", "temporary failure in name resolution"),
            *("nodename nor servname provided", "getaddrinfo", "gaierror", "enotfound", "unknownhostexception"),
        ),
        means=Diagnosis(
            name="ConnectionError",
            again="no",
            cause="The name of the host cannot be resolved where the call was made.",
            steps=(
                "check the spelling of the host, such as acme.my.salesforce.com",
                "in a VPC, check that DNS is on, and that there is a way out (NAT)",
            ),
        ),
    ),
    Known(
        said=(
            *(
                "failed to connect to",
                "failed to establish a new connection",
                "connection reset by peer",
                "newconnectionerror",
                "proxyerror",
            ),
            *(
                "tunnel connection failed",
                "read timed out",
                "operation timed out",
                "connection timed out",
                "connecttimeout",
            ),
            *("readtimeout", "remotedisconnected", "econnrefused", "econnreset", "etimedout", "wrong_version_number"),
            *("network is unreachable", "no route to host", "connection aborted"),
        ),
        means=Diagnosis(
            name="ConnectionError",
            again="yes",
            cause="The other side does not take the connection, or does not answer on it; nobody knows whether a write was"
            " carried out.",
            steps=(
                "call again; before a write is sent again, look for what it did",
                "if it lasts, check the way out: subnets, NAT, security groups, firewall, proxy",
            ),
        ),
    ),
    Known(
        said=(
            *("rollback_complete", "rollback_failed", "create_failed", "update_failed", "update_rollback_complete"),
            *("update_rollback_failed", "rollback_in_progress", "update_rollback_in_progress"),
            *("capability_iam", "capability_named_iam", "capability_auto_expand", "insufficientcapabilitiesexception"),
        ),
        means=Diagnosis(
            name="CloudFormation",
            again="no",
            cause="A deployment of the stack failed, or was not begun.",
            steps=(
                "read in the events of the stack the first that failed: its reason says why",
                "deploy with make deploy, which gives the capabilities that the template needs",
                "a stack in ROLLBACK_COMPLETE that was never there before has to be deleted first",
            ),
        ),
    ),
)
