"""Readers of the embedded org that are asked about its Setup: SOQL and SOAP's envelopes."""

from fuzz.mutation import mutated
from fuzz.target import Target
from sfmint_local.org.refusal import RestError
from sfmint_local.org.setup.xml_tree import NAMESPACE
from sfmint_local.org.soap.envelope import SoapError, read_call
from sfmint_local.org.soql import Query
from sfmint_local.org.tables import Row, Schema, Table

QUERY = (
    b"SELECT Id, Name, Number FROM Thing WHERE Name LIKE 'a\\'%' AND Number IN (1, -2.5) AND IsOn = TRUE "
    b"AND At > 2026-01-01T00:00:00Z ORDER BY Name DESC NULLS LAST, Number LIMIT 5 OFFSET 0"
)
QUERY_PIECES = (
    b" OR ", b" NOT IN ", b"'", b"\\u0041", b"\\", b"NULL", b"COUNT()", b"(", b",", b"2026-99-99T00:00:00Z", b"9" * 400, b"1.", b"\xff",
    b"Thing.Name", b"%", b"_",
)  # fmt: skip
ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><m:SessionHeader xmlns:m="'
    f'{NAMESPACE}"><m:sessionId>a</m:sessionId></m:SessionHeader></e:Header><e:Body><retrieve xmlns="{NAMESPACE}">'
    "<request><unpackaged><types><members>*</members><name>T</name></types></unpackaged></request></retrieve></e:Body></e:Envelope>"
).encode()
ENVELOPE_PIECES = (
    b"<e:Body>", b"</e:Body>", b"<e:Header/>", b"<m:sessionId/>", b'<!DOCTYPE a [<!ENTITY b "c">]>', b"&b;", b"<request/>", b"\xff",
    b"<types>", b' xmlns="urn:a"', b"<![CDATA[",
)  # fmt: skip
CODES = {"MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE", "INVALID_QUERY_FILTER_OPERATOR"}
FIELDS = {"Id": "id", "Name": "string", "Number": "number", "IsOn": "boolean", "At": "time"}
ROWS: list[Row] = [
    {"Id": "001000000000001AAA", "Name": "a'b", "Number": 1, "IsOn": True, "At": "2026-06-01T00:00:00.000+0000"},
    {"Id": "001000000000002AAA", "Name": None, "Number": None, "IsOn": False, "At": None},
]
SCHEMA = Schema([Table(name="Thing", fields=FIELDS, rows=lambda: ROWS)], sobjects="/sobjects")


def _query(data: bytes) -> None:
    try:
        rows = SCHEMA.run(Query.parse(data.decode(errors="replace")))
    except RestError as error:
        if (error.status, error.code in CODES) != (400, True):
            raise
        return
    assert len(rows) <= len(ROWS)


def _call(data: bytes) -> None:
    try:
        call = read_call(data)
    except SoapError:
        return
    assert all(isinstance(text, str) for text in call.texts("request", "unpackaged", "types", "members"))
    call.within_the_first().nodes("unpackaged", "types")


TARGETS = (
    Target("SOQL", mutated(QUERY, pieces=QUERY_PIECES), _query),
    Target("SOAP envelopes", mutated(ENVELOPE, pieces=ENVELOPE_PIECES), _call),
)
