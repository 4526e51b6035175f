"""What AWS says where sfmint is called, deployed or installed, in the words of any SDK.

Sources: Lambda API Reference, Invoke; Lambda Developer Guide, "Troubleshooting"; Step Functions Developer Guide,
"Handling errors"; Python documentation, ssl.
"""

from sfmint_cli.error_classes import BY_NAME, sentence_of
from sfmint_cli.known_error import Diagnosis, Known, of_class

_CREDENTIALS = (
    "renew the credentials: aws sso login, or a new session",
    "in Lambda they are the role's own, so look for AWS_ variables that are set by hand",
    "name the profile with --profile or AWS_PROFILE",
)


def _of(name: str, cause: str, *steps: str) -> Diagnosis:
    return of_class(BY_NAME[name], cause, steps)


def _of_aws(name: str, again: str, cause: str, *steps: str) -> Diagnosis:
    return Diagnosis(name=name, again=again, cause=cause, steps=steps)


_TO_INVOKE = ("lambda:invokefunction", "invoke operation")
AWS_WORDS = (
    Known(
        said=("accessdeniedexception", "accessdenied"),
        beside=_TO_INVOKE,
        means=_of("InvokeForbidden", sentence_of(BY_NAME["InvokeForbidden"]), BY_NAME["InvokeForbidden"].usual_remedy),
    ),
    Known(
        said=("accessdeniedexception", "accessdenied"),
        beside=("ssm:getparameter", "getparameter operation"),
        means=_of(
            "DiscoveryForbidden",
            sentence_of(BY_NAME["DiscoveryForbidden"]),
            BY_NAME["DiscoveryForbidden"].usual_remedy,
        ),
    ),
    Known(
        said=("accessdeniedexception", "accessdenied", "unauthorizedoperation", "not authorized to perform"),
        means=_of_aws(
            "AccessDeniedException",
            "no",
            "IAM, or a policy of the resource, refuses a call of AWS; the message names who asked, for what and where.",
            "give the role that the message names the right that it names",
            "of a key of KMS, look at the key's policy too, and whether the key is enabled",
            "look for a permissions boundary or a policy of the organization that denies it",
        ),
    ),
    Known(
        said=(
            "expiredtokenexception",
            "expiredtoken",
            "invalidclienttokenid",
            "unrecognizedclientexception",
            "the security token included in the request is expired",
            "the security token included in the request is invalid",
            "nocredentialserror",
            "unable to locate credentials",
            "tokenretrievalerror",
            "ssotokenloaderror",
            "unauthorizedssotokenerror",
            "token has expired and refresh failed",
            "error loading sso token",
            "the config profile",
            "profilenotfound",
            "invalidsignatureexception",
            "signaturedoesnotmatch",
        ),
        means=_of(
            "NotConfigured",
            "AWS does not accept the caller's credentials, or finds none; this has nothing to do with Salesforce's"
            " token.",
            *_CREDENTIALS,
        ),
    ),
    Known(
        said=("requesttimetooskewed", "signature expired"),
        means=_of("NotConfigured", "The clock of the machine that called AWS is off.", "set the clock of that machine"),
    ),
    Known(
        said=("noregionerror", "you must specify a region"),
        means=_of("NotConfigured", "The caller names no region of AWS.", "set AWS_REGION, or give --region"),
    ),
    Known(
        said=("function not found",),
        means=_of(
            "AliasNotFound",
            "Lambda knows no such function or alias in this account and region.",
            "check account and region of the caller, and the ARN that it invokes",
            "check that the deployed Connections list the name, for each has an alias of its own",
        ),
    ),
    Known(
        said=("can't find the specified secret", "can't find the specified secret value"),
        means=_of(
            "ConnectionNotFound",
            "Secrets Manager has no such secret in this account and region, or no value of it.",
            "check account and region, and put the credentials there: sfmint connection add",
        ),
    ),
    Known(
        said=("parameternotfound",),
        means=_of(
            "AliasNotFound",
            "Parameter Store has no parameter of this name in this account and region.",
            "check SFMINT_STACK, account and region, and that the deployed Connections list the name",
        ),
    ),
    Known(
        said=(
            "toomanyrequestsexception",
            "throttlingexception",
            "throttling",
            "provisionedthroughputexceededexception",
            "requestlimitexceeded",
            "slowdown",
            "rate exceeded",
            "reservedfunctionconcurrentinvocationlimitexceeded",
            "concurrentinvocationlimitexceeded",
            "ec2throttledexception",
        ),
        means=_of(
            "BrokerUnavailable",
            "AWS asks for a pause: too many calls at once, or the account's concurrency is used up; nothing was done.",
            "call again after a pause; TokenClient does so by itself",
            "if it lasts, raise the quota of concurrent executions, or share one TokenClient in each process",
        ),
    ),
    Known(
        said=("task timed out", "sandbox.timedout", "status: timeout"),
        means=_of(
            "BrokerUnavailable",
            "A Lambda function was ended because its time-out was over: yours, or the broker's.",
            "see which function's log has the line",
            "of your function, set its time-out to more than half a minute, for a call may wait for a login",
            "of the broker's, check in a VPC its way to AWS and to Salesforce (NAT, endpoints, security groups)",
        ),
    ),
    Known(
        said=(
            "runtime.exiterror",
            "lambda.unknown",
            "runtime.outofmemory",
            "signal: killed",
            "exited without providing a reason",
        ),
        means=_of(
            "BrokerUnavailable",
            "A Lambda function's process ended in the middle of a call, for want of memory most often.",
            "compare Max Memory Used with Memory Size in the function's REPORT line, and raise its memory",
            "call again",
        ),
    ),
    Known(
        said=("no module named 'sfmint_client'", "no module named 'sfmint_values'", "no module named sfmint_client"),
        means=_of_aws(
            "ModuleNotFoundError",
            "no",
            "The function that was called does not have sfmint's client.",
            "add the stack's client layer to the function (its ARN is the output ClientLayerArn of the stack), or install"
            " sfmint-client into its package",
            "check that the layer's runtime and the function's are Python 3.13, and that both are in one region",
        ),
    ),
    Known(
        said=("runtime.importmoduleerror", "unable to import module", "modulenotfounderror"),
        means=_of_aws(
            "Runtime.ImportModuleError",
            "no",
            "Lambda cannot import the function's module, or something that it imports.",
            "read which module the message names, and put it into the package or a layer, built for the function's"
            " architecture and Python",
            "of a function of sfmint, deploy what make build has made",
        ),
    ),
    Known(
        said=(
            "certificate_verify_failed",
            "certificate verify failed",
            "self-signed certificate in certificate chain",
            "ssl certificate problem",
            "unable to get local issuer certificate",
            "unable_to_verify_leaf_signature",
            "pkix path building failed",
            "certificate signed by unknown authority",
        ),
        means=_of_aws(
            "CERTIFICATE_VERIFY_FAILED",
            "no",
            "The other side's certificate is of no authority that the caller trusts, as with a proxy that opens TLS.",
            "give the proxy's certificate authority: SSL_CERT_FILE for functions, --ca-bundle for the command line,"
            " AWS_CA_BUNDLE for calls of AWS",
            "without such a proxy, check the host's name and the machine's clock",
        ),
    ),
    Known(
        said=("endpointconnectionerror", "could not connect to the endpoint url", "connecttimeouterror"),
        means=_of(
            "BrokerUnavailable",
            "AWS cannot be reached from where the call was made.",
            "check region and network; in a VPC the function needs NAT or interface endpoints",
        ),
    ),
    Known(
        said=(
            "kmsinvalidstateexception",
            "disabledexception",
            "kmsaccessdeniedexception",
            "kms.disabledexception",
            "invalidciphertextexception",
            "decryptionfailure",
        ),
        means=_of(
            "CacheUnavailable",
            "KMS does not use the stack's key: it is disabled, or about to be deleted, or its policy says no.",
            "enable the key, or cancel its deletion, and let the function's role use it",
        ),
    ),
    Known(
        said=("enilimitreachedexception", "subnetipaddresslimitreachedexception", "resourceconflictexception"),
        means=_of(
            "BrokerUnavailable",
            "Lambda cannot run the function for now: it is being changed, or its subnets have no address left.",
            "call again after a pause",
            "in a VPC, give the function larger subnets",
        ),
    ),
    Known(
        said=(
            *("function.responsesizetoolarge", "responsesizetoolarge", "response payload size exceeded"),
            *("states.datalimitexceeded", "maximum number of bytes service limit", "requesttoolargeexception"),
        ),
        means=_of(
            "AnswerTooLarge",
            "A request or an answer is longer than Lambda or Step Functions take.",
            "ask for fewer fields or rows, and lower max_bytes to what the caller takes (a state: 256 KiB)",
            "send less at a time, or use Bulk API 2.0",
        ),
    ),
    Known(
        said=("states.permissions",),
        means=_of("InvokeForbidden", sentence_of(BY_NAME["InvokeForbidden"]), BY_NAME["InvokeForbidden"].usual_remedy),
    ),
    Known(
        said=("states.timeout",),
        means=_of_aws(
            "States.Timeout",
            "yes",
            "A state machine's task took longer than its TimeoutSeconds.",
            "set TimeoutSeconds to more than half a minute, for a call may wait for a login, and retry States.Timeout",
        ),
    ),
    Known(
        said=("lambda.serviceexception", "lambda.awslambdaexception", "lambda.sdkclientexception", "serviceexception"),
        means=_of("BrokerUnavailable", "Lambda met a fault of its own.", "call again after a pause"),
    ),
)
