"""The services of AWS that the functions ask, each with the operations that their roles allow, and no others.

A method has botocore's name of an operation (`get_item` is GetItem), so that a client of botocore's can stand in its place.
"""

from typing import TYPE_CHECKING

from sfmint.adapters.aws.client import AwsClient
from sfmint.aws_access import AwsAccess
from sfmint.aws_access.budget import Budget
from sfmint.ports import Clock

if TYPE_CHECKING:
    from typing import Unpack

    from sfmint.adapters.aws import calls


class DynamoDbClient(AwsClient):
    """DynamoDB."""

    service, target, version = "dynamodb", "DynamoDB_20120810", "1.0"

    def get_item(self, **request: "Unpack[calls.GetItem]") -> "calls.Answer":
        """Read an item."""
        return self.call("GetItem", **request)

    def update_item(self, **request: "Unpack[calls.UpdateItem]") -> "calls.Answer":
        """Write an item, if its condition holds."""
        return self.call("UpdateItem", **request)


class KmsClient(AwsClient):
    """KMS."""

    service, target, version = "kms", "TrentService", "1.1"

    def encrypt(self, **request: "Unpack[calls.Encrypt]") -> "calls.Answer":
        """Encrypt up to 4,096 bytes."""
        return self.call("Encrypt", **request)

    def decrypt(self, **request: "Unpack[calls.Decrypt]") -> "calls.Answer":
        """Decrypt what KMS has encrypted."""
        return self.call("Decrypt", **request)

    def generate_data_key(self, **request: "Unpack[calls.GenerateDataKey]") -> "calls.Answer":
        """Make a key for what is too large for KMS."""
        return self.call("GenerateDataKey", **request)

    def sign(self, **request: "Unpack[calls.Sign]") -> "calls.Answer":
        """Sign with a private key that does not leave KMS."""
        return self.call("Sign", **request)


class SecretsManagerClient(AwsClient):
    """Secrets Manager."""

    service, target, version = "secretsmanager", "secretsmanager", "1.1"

    def get_secret_value(self, **request: "Unpack[calls.GetSecretValue]") -> "calls.Answer":
        """Read a version of a secret."""
        return self.call("GetSecretValue", **request)


class SsmClient(AwsClient):
    """Systems Manager, of which Parameter Store is a part."""

    service, target, version = "ssm", "AmazonSSM", "1.1"

    def get_parameters_by_path(self, **request: "Unpack[calls.GetParametersByPath]") -> "calls.Answer":
        """Read a page of the parameters of a folder."""
        return self.call("GetParametersByPath", **request)

    def put_parameter(self, **request: "Unpack[calls.PutParameter]") -> "calls.Answer":
        """Create a parameter, or overwrite it."""
        return self.call("PutParameter", **request)

    def delete_parameters(self, **request: "Unpack[calls.DeleteParameters]") -> "calls.Answer":
        """Delete up to ten parameters."""
        return self.call("DeleteParameters", **request)


class Aws:
    """AWS as one function reaches it: each method returns a client of a service.

    Args:
        access: where AWS is, and as whom it is asked.
        ca_bundle: path of the authorities to trust; None: certifi's.
        clock: dates the signatures, and tells idle connections.
        budget: how long one request may take.
    """

    def __init__(self, access: AwsAccess, ca_bundle: str | None, clock: Clock, budget: Budget) -> None:
        self._reached = access, ca_bundle, clock, budget
        self._kms: KmsClient | None = None

    def dynamodb(self) -> "calls.DynamoDbCalls":
        """Return a client of DynamoDB."""
        return DynamoDbClient(*self._reached)

    def kms(self) -> KmsClient:
        """Return the client of KMS: what seals and what signs share its connections."""
        if self._kms is None:
            self._kms = KmsClient(*self._reached)
        return self._kms

    def secrets_manager(self) -> "calls.SecretsManagerCalls":
        """Return a client of Secrets Manager."""
        return SecretsManagerClient(*self._reached)

    def ssm(self) -> "calls.SsmCalls":
        """Return a client of Systems Manager."""
        return SsmClient(*self._reached)
