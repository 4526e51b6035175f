"""The store in DynamoDB: one item a key, every write conditional.

Source: Amazon DynamoDB Developer Guide, "Condition expressions"; UpdateItem, `ReturnValuesOnConditionCheckFailure`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import BotoCoreError, ClientError

from sfmint.adapters.aws.errors import Asked, AwsError, LastDate, unavailable, unreadable
from sfmint.adapters.aws.repeats import Repeats
from sfmint.errors import CacheUnavailable
from sfmint.ports import Clock
from sfmint.row import conditional_write as cw
from sfmint.row.guarantees import Guarantee
from sfmint_values.aws_codes import code_of

if TYPE_CHECKING:
    from sfmint.adapters.aws.calls import Attribute, DynamoDbCalls, GetItem, Update

_PEEKED = ("fingerprint", "rejected", "logins")


class DynamoDBStore:
    """Items of one table.

    Args:
        client: of DynamoDB.
        table: the table's name; its key is `pk`.
        clock: to compare with DynamoDB's.
        repeats: asks DynamoDB again.
    """

    CANNOT_PROMISE: ClassVar[frozenset[Guarantee]] = frozenset()
    LONGEST_READ: ClassVar[int] = 1
    LONGEST_WRITE: ClassVar[int] = 1

    def __init__(self, client: "DynamoDbCalls", table: str, clock: Clock, repeats: Repeats) -> None:
        self._client = client
        self._table = table
        self._date = LastDate(clock)
        self._repeats = repeats

    def behind_s(self) -> float | None:
        """Return by how many seconds this machine's clock was behind DynamoDB's when that last answered."""
        return self._date.behind_s()

    def read(self, key: str) -> cw.Item | None:
        """Return the item as it stands, read consistently."""
        return self._get({"TableName": self._table, "Key": {"pk": {"S": key}}, "ConsistentRead": True})

    def peek(self, key: str) -> cw.Item | None:
        """Return the item without its sealed copy, read consistently."""
        names = {f"#{name}": name for name in _PEEKED}
        return self._get(
            {
                "TableName": self._table,
                "Key": {"pk": {"S": key}},
                "ConsistentRead": True,
                "ProjectionExpression": ", ".join(names),
                "ExpressionAttributeNames": names,
            }
        )

    def write(self, key: str, update: cw.ConditionalWrite) -> cw.Written | cw.ConditionFailed:
        """Carry out one conditional write."""
        words = render(update)
        try:
            answer = self._repeats.ask(
                lambda: self._client.update_item(TableName=self._table, Key={"pk": {"S": key}}, **words),
                repeatable=update.repeatable,
            )
        except ClientError as error:
            self._date.note(error.response)
            if code_of(error) == "ConditionalCheckFailedException":
                refusal: Any = error.response
                return cw.ConditionFailed(_item(refusal.get("Item")))
            raise self._unavailable(f"to write ({update.name})", "dynamodb:UpdateItem", error) from None
        except BotoCoreError as error:
            raise self._unavailable(f"to write ({update.name})", "dynamodb:UpdateItem", error) from None
        self._date.note(answer)
        item = _item(answer.get("Attributes"))
        if item is None:
            raise unreadable("DynamoDB")
        return cw.Written(item)

    def _get(self, request: "GetItem") -> cw.Item | None:
        try:
            answer = self._repeats.ask(lambda: self._client.get_item(**request))
        except (BotoCoreError, ClientError) as error:
            raise self._unavailable("to read", "dynamodb:GetItem", error) from None
        self._date.note(answer)
        return _item(answer.get("Item"))

    def _unavailable(self, action: str, permission: str, error: AwsError) -> CacheUnavailable:
        thing = f"the table {self._table}"
        asked = Asked(
            service="DynamoDB", action=action, permission=permission, thing=thing, key_parameter="TableKeyArn"
        )
        return unavailable(asked, error)


def render(update: cw.ConditionalWrite) -> "Update":
    """Return the update as arguments of UpdateItem."""
    return _Rendering(update).arguments()


class _Rendering:
    """One update in DynamoDB's words. Every name and value is a placeholder: no word is reserved then."""

    def __init__(self, update: cw.ConditionalWrite) -> None:
        self._update = update
        self._names: dict[str, str] = {}
        self._values: dict[str, Attribute] = {}

    def arguments(self) -> "Update":
        arguments: Update = {
            "UpdateExpression": self._actions(),
            "ReturnValues": "ALL_NEW",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if self._update.condition is not None:
            arguments["ConditionExpression"] = self._clause(self._update.condition)
        arguments["ExpressionAttributeNames"] = self._names
        if self._values:
            arguments["ExpressionAttributeValues"] = self._values
        return arguments

    def _actions(self) -> str:
        update = self._update
        sets = [f"{self._name(name)} = {self._value(value)}" for name, value in update.assign.items()]
        sets += [
            f"{self._name(name)} = if_not_exists({self._name(name)}, {self._value(value)})"
            for name, value in update.keep.items()
        ]
        sets += [
            f"{self._name(name)} = if_not_exists({self._name(name)}, {self._value(0)}) + {self._value(1)}"
            for name in update.increment
        ]
        adds = [f"{self._name(name)} {self._value(members)}" for name, members in update.add.items()]
        removes = [self._name(name) for name in update.remove]
        parts = (("SET", sets), ("ADD", adds), ("REMOVE", removes))
        return " ".join(f"{word} {', '.join(actions)}" for word, actions in parts if actions)

    def _clause(self, clause: cw.Clause) -> str:
        match clause:
            case cw.Named(clause=inner):
                return self._clause(inner)
            case cw.Not(inner):
                return f"(NOT {self._clause(inner)})"
            case cw.AllOf(clauses):
                return self._joined(" AND ", clauses)
            case cw.AnyOf(clauses):
                return self._joined(" OR ", clauses)
            case _:
                return self._comparison(clause)

    def _joined(self, word: str, clauses: Sequence[cw.Clause]) -> str:
        """Return clauses as one; a single one has its parentheses already, and DynamoDB refuses redundant ones."""
        parts = [self._clause(clause) for clause in clauses]
        return parts[0] if len(parts) == 1 else f"({word.join(parts)})"

    def _comparison(self, comparison: cw.Comparison) -> str:
        match comparison:
            case cw.Missing(name):
                return f"attribute_not_exists({self._name(name)})"
            case cw.Compare(name, operator, value):
                return f"{self._name(name)} {operator} {self._value(value)}"
            case cw.Same(name, other):
                return f"{self._name(name)} = {self._name(other)}"
            case cw.Between(name, low, high):
                return f"{self._name(name)} BETWEEN {self._value(low)} AND {self._value(high)}"
            case cw.Contains(name, member):
                return f"contains({self._name(name)}, {self._value(member)})"
            case cw.FewerThan(name, members):
                return f"size({self._name(name)}) < {self._value(members)}"
            case cw.OfType(name, kind):
                return f"attribute_type({self._name(name)}, {self._value(kind)})"

    def _name(self, name: str) -> str:
        self._names[f"#{name}"] = name
        return f"#{name}"

    def _value(self, value: cw.Value) -> str:
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = _attribute(value)
        return placeholder


def _attribute(value: cw.Value) -> "Attribute":
    match value:
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case frozenset():
            return {"SS": sorted(value)}
        case int() | float():
            return {"N": repr(value)}


def _item(attributes: object) -> cw.Item | None:
    """Return an item without its key; None where there is none."""
    if not attributes:
        return None
    if not isinstance(attributes, dict):
        raise unreadable("DynamoDB") from None
    return {name: plain(attribute) for name, attribute in attributes.items() if name != "pk"}


def plain(attribute: object) -> cw.Value:
    """Return the value of an attribute in DynamoDB's form; one of no type of ours is `FOREIGN`."""
    match attribute:
        case {"S": str(text)}:
            return text
        case {"N": str(number)}:
            return _number(number)
        case {"B": bytes(data)}:
            return data
        case {"SS": [*members]} if all(isinstance(member, str) for member in members):
            return frozenset(members)
        case _:
            return cw.FOREIGN


def _number(text: str) -> cw.Value:
    try:
        return int(text) if text.removeprefix("-").isdigit() else float(text)
    except ValueError:
        return cw.FOREIGN
