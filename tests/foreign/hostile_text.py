"""Text that is made to keep a reader busy, of any length."""

import base64
from collections.abc import Callable

TOKEN = "00D5g000004aBcd!AQ0AQFx7OKeNc4n9Ry.a1Bc3De5fG7hI9jK2lM4nO6pQ8rS0tU_vWxYz" * 2
_BY_CLASS = "\u0301\u0323\u0327\u0334\u0345\u3099\u0f71\u0f72\u093c"  # marks of many combining classes


def _again(unit: str, end: str = "", begin: str = "") -> Callable[[int], str]:
    return lambda length: begin + unit * (max(0, length - len(begin) - len(end)) // len(unit)) + end


def _nested(open_: str, close: str) -> Callable[[int], str]:
    return lambda length: open_ * (length // 2) + close * (length // 2)


SHAPES: dict[str, Callable[[int], str]] = {
    "words and joints, and no word at the end": _again("ab_", "!"),
    "a path of words, and no word at the end": _again("abcdefghijklmno_", "!", "/x/"),
    "humps of words": _again("AbCd", "!"),
    "one letter": _again("a"),
    "one letter, and another": _again("a", "!"),
    "capitals": _again("A", "a"),
    "digits": _again("0"),
    "digits, and a letter": _again("1", "x"),
    "a date of zeros": _again("0", " GMT", "Mon, 01 Jan "),
    "a date of commas": _again(",", " 01 Jan 2026 00:00:00 GMT"),
    "a date of blanks": _again(" ", "2026", "Mon,"),
    "percent signs": _again("%"),
    "percent signs that are encoded, and again": _again("25", "41", "/%"),
    "encoded letters": _again("%41", "%"),
    "encoded bytes that are no UTF-8": _again("%C3", "/"),
    "slashes": _again("/"),
    "dots": _again("/.", "x"),
    "dots and parameters": _again("/.;a", "x"),
    "segments": _again("/a", "?"),
    "blanks": _again(" ", "x"),
    "tabs and line breaks": _again("\t\r\n"),
    "control characters": _again("\x00\x1b[31m"),
    "commas": _again(","),
    "semicolons": _again(";api-usage="),
    "api usage": _again("api-usage=1/", "x", ";"),
    "colons": _again(":", "x", "arn:aws"),
    "dashes": _again("-"),
    "the beginning of a key": _again("-----BEGIN A-----"),
    "the beginning of a key that goes on": _again("A ", "-----", "-----BEGIN "),
    "the end of a key": _again("-----END A-----", begin="-----BEGIN B-----"),
    "the ends of keys, then their beginnings": lambda length: (
        "-----END A-----" * (length // 32) + "-----BEGIN A-----" * (length // 32)
    ),
    "the token that was sent": _again(f"{TOKEN} "),
    "a part of the token that was sent": _again(f"{TOKEN[20:32]}, "),
    "two kinds of key": _again("-----BEGIN A----------END B-----"),
    "the head of an old key": _again(" ", "x", "Proc-Type: 4,ENCRYPTED"),
    "base64": lambda length: base64.b64encode(bytes(range(256)) * (length // 340 + 1)).decode()[:length],
    "hexadecimal": _again("0f1e2d3c4b5a6978"),
    "hexadecimal bytes": _again("4a ", "x"),
    "decimal bytes": _again("104, ", "x"),
    "letters one by one": _again("a B 7 ", "!"),
    "pieces that are no words": _again("a1B and ", "!"),
    "pieces that are no words, far apart": _again("a1B and on and on it goes ", "!"),
    "escapes of C": _again("\\x41", "\\x"),
    "escapes of JSON": _again("\\u0041", "\\u00"),
    "entities": _again("&#65;", "&#"),
    "an entity of many digits": _again("9", ";", "&#"),
    "entities without end": _again("&"),
    "backslashes": _again("\\"),
    "quotes": _again('"'),
    "apostrophes": _again("In the secret of connection 'a', "),
    "XML of many elements": _again("<b>c</b>", "</a>", "<a>"),
    "XML of many attributes": lambda length: "<a" + "".join(f' b{at}=""' for at in range(length // 8)) + "/>",
    "nested JSON": _nested("[", "]"),
    "nested objects": lambda length: '{"a":' * (length // 6) + "1" + "}" * (length // 6),
    "a JSON text": _again("a", '"', '"'),
    "JSON of many names": lambda length: "{" + ",".join(f'"{number}":1' for number in range(length // 8)) + "}",
    "an allow-list": _again("GET /a\n"),
    "an allow-list of blanks": _again(" ", "/a", "GET "),
    "statuses": _again("http ", "4"),
    "statuses of colons": _again(":", "4", "http"),
    "an origin": _again("a.", "com", "https://"),
    "an origin of dashes": _again("a-", "!", "https://"),
    "an identity": _again("/id/", "00Dxx0000000001/", "https://a"),
    "an upsert": _again("a__c", "/", "/services/data/v1/sobjects/a/"),
    "a form": _again("a=b&", "="),
    "a JWT": _again("eyJh", ".x.y", "a."),
    "accents": _again("e\u0301"),
    "accents on one letter": _again("\u0301\u0323", begin="e"),
    "accents of many classes on one letter": _again(_BY_CLASS, begin="https://e"),
    "accents that are letters by themselves": _again("\u0f73\u0f71\uff9e\u093c"),
    "fullwidth letters": _again("\uff41\uff22\uff17"),
    "letters that are many": _again("\ufdfa"),
    "syllables": _again("\uac01\u1100\u1161"),
    "invisible characters": _again("a\u200b\u202e"),
    "half characters": _again("\ud800"),
}
