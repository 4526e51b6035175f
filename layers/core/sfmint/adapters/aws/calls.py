"""What the adapters ask of AWS, for the type checker: the parameters by AWS's names, and no more of them than is used.

Nothing imports this at run time. Our own clients (`services`) fit these protocols, and so do botocore's. An answer is JSON
from elsewhere: the adapter that reads it checks what it reads.

Source: the API References of Amazon DynamoDB, AWS KMS, AWS Secrets Manager and AWS Systems Manager.
"""

from collections.abc import Mapping, Sequence
from typing import NotRequired, Protocol, TypedDict, Unpack

type Answer = Mapping[str, object]
type Attribute = Mapping[str, str | bytes | Sequence[str]]  # of DynamoDB: {"N": "7"}


class GetItem(TypedDict):
    """Parameters of DynamoDB's GetItem."""

    TableName: str
    Key: Mapping[str, Attribute]
    ConsistentRead: bool
    ProjectionExpression: NotRequired[str]
    ExpressionAttributeNames: NotRequired[Mapping[str, str]]


class Update(TypedDict):
    """A conditional write in DynamoDB's words."""

    UpdateExpression: str
    ReturnValues: str
    ReturnValuesOnConditionCheckFailure: str
    ConditionExpression: NotRequired[str]
    ExpressionAttributeNames: NotRequired[Mapping[str, str]]
    ExpressionAttributeValues: NotRequired[Mapping[str, Attribute]]


class UpdateItem(Update):
    """Parameters of DynamoDB's UpdateItem."""

    TableName: str
    Key: Mapping[str, Attribute]


class DynamoDbCalls(Protocol):
    """What is asked of DynamoDB."""

    def get_item(self, **request: Unpack[GetItem]) -> Answer:
        """Read an item, `Item`; there is none where the key has none."""

    def update_item(self, **request: Unpack[UpdateItem]) -> Answer:
        """Write an item, if its condition holds; `Attributes` is the item then."""


class Encrypt(TypedDict):
    """Parameters of KMS's Encrypt."""

    KeyId: str
    Plaintext: bytes
    EncryptionContext: Mapping[str, str]


class Decrypt(TypedDict):
    """Parameters of KMS's Decrypt."""

    KeyId: str
    CiphertextBlob: bytes
    EncryptionContext: Mapping[str, str]


class GenerateDataKey(TypedDict):
    """Parameters of KMS's GenerateDataKey."""

    KeyId: str
    KeySpec: str
    EncryptionContext: Mapping[str, str]


class KmsCalls(Protocol):
    """What is asked of KMS by what seals."""

    def encrypt(self, **request: Unpack[Encrypt]) -> Answer:
        """Encrypt up to 4,096 bytes: `CiphertextBlob`."""

    def decrypt(self, **request: Unpack[Decrypt]) -> Answer:
        """Decrypt what KMS has encrypted: `Plaintext`."""

    def generate_data_key(self, **request: Unpack[GenerateDataKey]) -> Answer:
        """Make a key for what is too large for KMS: `Plaintext`, and the same encrypted, `CiphertextBlob`."""


class Sign(TypedDict):
    """Parameters of KMS's Sign."""

    KeyId: str
    Message: bytes
    MessageType: str
    SigningAlgorithm: str


class KmsSigning(Protocol):
    """What is asked of KMS by what signs."""

    def sign(self, **request: Unpack[Sign]) -> Answer:
        """Sign up to 4,096 bytes: `Signature`."""


class GetSecretValue(TypedDict):
    """Parameters of Secrets Manager's GetSecretValue."""

    SecretId: str
    VersionStage: str


class SecretsManagerCalls(Protocol):
    """What is asked of Secrets Manager."""

    def get_secret_value(self, **request: Unpack[GetSecretValue]) -> Answer:
        """Read a version of a secret: `SecretString`, or of a binary one `SecretBinary`; `VersionStages`."""


class GetParametersByPath(TypedDict):
    """Parameters of Systems Manager's GetParametersByPath."""

    Path: str
    WithDecryption: bool
    MaxResults: int
    NextToken: NotRequired[str]


class PutParameter(TypedDict):
    """Parameters of Systems Manager's PutParameter."""

    Name: str
    Value: str
    Type: str
    Tier: str
    Overwrite: bool


class DeleteParameters(TypedDict):
    """Parameters of Systems Manager's DeleteParameters."""

    Names: Sequence[str]


class SsmCalls(Protocol):
    """What is asked of Systems Manager, of which Parameter Store is a part."""

    def get_parameters_by_path(self, **request: Unpack[GetParametersByPath]) -> Answer:
        """Read a page of a folder, `Parameters`; `NextToken` is there where more pages follow."""

    def put_parameter(self, **request: Unpack[PutParameter]) -> Answer:
        """Create a parameter, or overwrite it."""

    def delete_parameters(self, **request: Unpack[DeleteParameters]) -> Answer:
        """Delete up to ten parameters."""
