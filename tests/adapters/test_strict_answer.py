"""How an answer of HTTP/1.1 is read: where it ends, what is refused, and after which the connection may be used again."""

from contextlib import suppress
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.wire import CHUNKED, HEAD, MOST, Wire, in_chunks, sized, wire
from sfmint_values.budgeted_socket import LONGEST_HEAD, TooLong
from sfmint_values.strict_answer import MOST_FIELDS, MOST_INTERIM, Unreadable
from sfmint_values.strict_connection import ProxyDenied, StrictConnection

BODY = b'{"ok": true}'
NEXT = sized(b"the next one's")
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"
STATUSES = {102: b"102 Processing", 103: b"103 Early Hints", 199: b"199 Miscellaneous"}


def keeps(wire: Wire) -> bool:
    """Return whether the connection may be used again; if so, the next request has to get its own answer."""
    clean = wire.connection.is_clean()
    if clean:
        wire.peer.sendall(NEXT)
        assert wire.ask() == (200, b"the next one's")
    return clean


KEPT = {
    "with a length": sized(BODY),
    "with a length said twice": sized(BODY, b"Content-Length: %d" % len(BODY)),
    "with a length said twice in one line": HEAD + b"content-length: 12, 12\r\n\r\n" + BODY,
    "in chunks": in_chunks((b"4", BODY[:4]), (b"8", BODY[4:])),
    "in chunks of padded sizes": in_chunks((b"0000000C", BODY)),
    "in chunks with extensions": in_chunks((b"c;name=value;other", BODY)),
    "in chunks with trailers": in_chunks((b"c", BODY), trailers=b"Expires: 0\r\nX-Sum: 1\r\n"),
    "after 100": b"HTTP/1.1 100 Continue\r\n\r\n" + sized(BODY),
    "after 103": EARLY + sized(BODY),
    "after many of them": b"".join(b"HTTP/1.1 %b\r\n\r\n" % said for said in STATUSES.values()) * 5 + sized(BODY),
    "without a reason": sized(BODY, status=b"200 "),
    "without a reason and its blank": sized(BODY, status=b"200"),
    "with an odd header": sized(BODY, b"X-Odd:\xff\t ", b"X-Empty:"),
}


@pytest.mark.parametrize("data", KEPT.values(), ids=KEPT)
@pytest.mark.parametrize("pieces", ["at once", "byte by byte"])
def test_an_answer_that_is_framed_is_read_and_its_connection_kept(data: bytes, pieces: str) -> None:
    sent = [data] if pieces == "at once" else [bytes([byte]) for byte in data]
    with wire(*sent) as connected:
        assert connected.ask() == (200, BODY)
        assert keeps(connected)


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified", b"200 OK"])
def test_an_answer_without_a_body_is_kept_if_none_is_announced(status: bytes) -> None:
    head = b"HTTP/1.1 %b\r\nServer: x\r\n\r\n" % status
    with wire(head) as connected:
        assert connected.ask("HEAD") == (int(status[:3]), b"")
        assert keeps(connected)
    if status != b"200 OK":
        with wire(head) as connected:
            assert connected.ask() == (int(status[:3]), b"")
            assert keeps(connected)


NOT_KEPT = {
    "one byte more": sized(BODY) + b"\n",
    "a line end more": sized(BODY) + b"\r\n",
    "a line end more, after chunks": in_chunks((b"c", BODY)) + b"\r\n",
    "a second answer": sized(BODY) + sized(b"another's"),
    "many answers": sized(BODY) + sized(b"x" * MOST) * 20,
    "asked to close": sized(BODY, b"Connection: close"),
    "asked to close, among others": sized(BODY, b"Connection: keep-alive", b"Connection: TE, Close"),
    "HTTP/1.0": sized(BODY).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "HTTP/1.0, kept alive": sized(BODY, b"Connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0"),
}


@pytest.mark.parametrize("data", NOT_KEPT.values(), ids=NOT_KEPT)
def test_after_more_than_the_answer_the_connection_is_not_used_again(data: bytes) -> None:
    with wire(data) as connected:
        assert connected.ask() == (200, BODY)
        assert not keeps(connected)


def test_an_answer_that_ends_with_the_connection_is_read_and_not_kept() -> None:
    with wire(HEAD + b"\r\n" + BODY, hang_up=True) as connected:
        assert connected.ask() == (200, BODY)
        assert not keeps(connected)


@pytest.mark.parametrize("head", [b"Content-Length: 12\r\n", b"Transfer-Encoding: chunked\r\n"])
@pytest.mark.parametrize(
    ("method", "status"), [("POST", b"204 No Content"), ("POST", b"304 Not Modified"), ("HEAD", b"200 OK")]
)
@pytest.mark.parametrize("late", [b"", BODY])
def test_a_body_that_is_announced_where_none_may_be_is_not_waited_for_and_not_the_next_ones(
    method: str, status: bytes, head: bytes, late: bytes
) -> None:
    with wire(b"HTTP/1.1 %b\r\n%b\r\n" % (status, head), late) as connected:
        assert connected.ask(method) == (int(status[:3]), b"")
        assert not keeps(connected)


def test_what_arrives_after_the_answer_ends_the_connection_too() -> None:
    with wire(sized(BODY)) as connected:
        connected.ask()
        assert connected.connection.is_clean()
        connected.peer.sendall(b"\n")
        assert not connected.connection.is_clean()


def test_an_answer_that_is_read_in_part_is_not_kept() -> None:
    with wire(sized(BODY)) as connected:
        connected.connection.request("GET", "/")
        with connected.connection.getresponse() as answer:
            assert answer.read(3) == BODY[:3]
        assert not keeps(connected)


def test_lines_and_buffers_of_a_body_are_read_within_its_frame() -> None:
    with wire(in_chunks((b"3", b"a\nb"), (b"2", b"\nc")), b"no more") as connected:
        connected.connection.request("GET", "/")
        with connected.connection.getresponse() as answer:
            buffer = bytearray(2)
            assert (answer.readline(), answer.readinto(buffer), bytes(buffer)) == (b"a\n", 1, b"b\0")
            assert answer.readlines() == [b"\n", b"c"]


SIZES = [
    b"-1",
    b"-5",
    b"+5",
    b"0x5",
    b"1_0",
    b" 5",
    b"5 ",
    b"5 ;a",
    b"",
    b";a",
    b"g",
    b"5\t",
    b"f" * 17,
    b"\xef\xbc\x95",
]
UNREADABLE = {
    **{f"a chunk of size {size!r}": CHUNKED + size + b"\r\nhello\r\n0\r\n\r\n" for size in SIZES},
    "a chunk longer than its size": in_chunks((b"5", b"hello!")),
    "a chunk without an end": CHUNKED + b"5\r\nhello0\r\n\r\n",
    "a chunk that ends in LF": CHUNKED + b"5\r\nhello\n0\r\n\r\n",
    "a size that ends in LF": CHUNKED + b"5\nhello\r\n0\r\n\r\n",
    "a long extension": in_chunks((b"5;" + b"x" * 300, b"hello")),
    "an endless extension": CHUNKED + b"5;" + b"x" * 100_000,
    "an end in LF": CHUNKED + b"5\r\nhello\r\n0\r\n\n",
    "a trailer that is none": in_chunks((b"5", b"hello"), trailers=b"no trailer\r\n"),
    "many trailers": in_chunks((b"5", b"hello"), trailers=b"a:b\r\n" * (MOST_FIELDS + 1)),
    "a long trailer": in_chunks((b"5", b"hello"), trailers=b"a:" + b"b" * LONGEST_HEAD + b"\r\n"),
    **{
        f"length {length!r}": HEAD + b"Content-Length: %b\r\n\r\nhello" % length
        for length in (b"-1", b"+5", b"0x5", b"5_0", b"5 5", b"5;5", b"5,6", b"5,", b"5.0", b"", b"5" * 19, b"\xb2")
    },
    "two lengths": sized(b"hello", b"Content-Length: 6"),
    "two spellings of a length": sized(b"hello", b"Content-Length: 05"),
    **{
        f"coding {coding!r}": HEAD + b"Transfer-Encoding: %b\r\n\r\n5\r\nhello\r\n0\r\n\r\n" % coding
        for coding in (b"gzip, chunked", b"chunked, chunked", b"chunked, identity", b"identity", b"xchunked", b"", b"chunked;a")
    },
    "two codings": HEAD + b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "length and chunks": HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": in_chunks((b"5", b"hello")).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + sized(BODY),
    "103 with a length": b"HTTP/1.1 103 Early\r\nContent-Length: 44\r\n\r\n" + sized(BODY) + sized(BODY),
    "103 in chunks": b"HTTP/1.1 103 Early\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + sized(BODY),
    "too many of 100": b"HTTP/1.1 100 Continue\r\n\r\n" * (MOST_INTERIM + 1) + sized(BODY),
    "too long a 100": b"HTTP/1.1 100 " + b"x" * LONGEST_HEAD + b"\r\n\r\n" + sized(BODY),
    "heads that are too long together": (EARLY[:-2] + b"X: " + b"x" * 30_000 + b"\r\n\r\n") * 3 + sized(BODY),
    "too many fields": sized(BODY, *[b"X: x"] * MOST_FIELDS),
    "a folded field": sized(BODY, b"X: a", b" b"),
    "a folded length": HEAD + b"Content-Length:\r\n 12\r\n\r\n" + BODY,
    "a folded first field": HEAD + b" X: a\r\nContent-Length: 12\r\n\r\n" + BODY,
    "a field without a colon": sized(BODY, b"X"),
    "a field without a name": sized(BODY, b": x"),
    "a blank before the colon": sized(BODY, b"Transfer-Encoding : chunked"),
    "a name of other letters": sized(BODY, b"X\xe9: x"),
    "CR in a field": sized(BODY, b"X: a\rTransfer-Encoding: chunked"),
    "NUL in a field": sized(BODY, b"X: a\0"),
    "lines that end in LF": sized(BODY).replace(b"\r\n", b"\n"),
    "a field that ends in LF": HEAD + b"X: a\nContent-Length: 12\r\n\r\n" + BODY,
    "CR twice": sized(BODY).replace(b"200 OK\r\n", b"200 OK\r\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_an_answer_whose_end_would_be_a_guess_is_refused(data: bytes) -> None:
    with wire(data[:150_000], hang_up=True) as connected:
        with pytest.raises(Unreadable):
            connected.ask()
        assert not keeps(connected)


STATUS_LINES = [
    b"HTTP/2 200",
    b"HTTP/1.2 200 OK",
    b"HTTP/1.10 200 OK",
    b"http/1.1 200 OK",
    b"HTTP/1.1 20 OK",
    b"HTTP/1.1 2000 OK",
    b"HTTP/1.1 099 OK",
    b"HTTP/1.1 +20 OK",
    b"HTTP/1.1  200 OK",
    b"HTTP/1.1\t200 OK",
    b" HTTP/1.1 200 OK",
    b"HTTP/1.1",
    b"SSH-2.0-OpenSSH_9.9",
    b"220 mail.example.com ESMTP",
    b"",
    b"bodyHTTP/1.1 200 OK",
]


@pytest.mark.parametrize("line", STATUS_LINES)
@pytest.mark.parametrize("before", [b"", EARLY])
def test_what_is_no_status_line_is_no_answer_and_not_quoted(line: bytes, before: bytes) -> None:
    with wire(before + line + b"\r\nContent-Length: 0\r\n\r\n", hang_up=True) as connected:
        with pytest.raises(BadStatusLine) as raised:
            connected.ask()
        assert not line or line.decode() not in repr(raised.value)
        assert not keeps(connected)


@pytest.mark.parametrize("data", [sized(BODY), in_chunks((b"4", BODY[:4]), (b"8", BODY[4:])), EARLY + sized(BODY)])
def test_an_answer_that_is_cut_is_no_answer_wherever_it_is(data: bytes) -> None:
    for end in range(len(data)):
        with wire(data[:end], hang_up=True) as connected:
            with pytest.raises((Unreadable, IncompleteRead, RemoteDisconnected)) as raised:
                connected.ask()
            assert BODY[:4].decode() not in repr(raised.value), "a piece of a body may be a piece of a token"
            assert not keeps(connected)


@pytest.mark.parametrize(
    "data",
    [
        sized(b"x" * (MOST + 1)),
        in_chunks((b"%x" % (MOST + 1), b"x" * (MOST + 1))),
        HEAD + b"\r\n" + b"x" * 5000,
        CHUNKED + b"1;%b\r\nx\r\n" % (b"e" * 200) * MOST,
    ],
    ids=["a length", "a chunk", "until the connection ends", "frames"],
)
def test_an_answer_that_is_too_long_is_refused(data: bytes) -> None:
    with wire(data[:150_000], hang_up=True) as connected:
        with pytest.raises(TooLong):
            connected.ask()
        assert not keeps(connected)


def test_the_longest_answer_is_taken() -> None:
    with wire(sized(b"x" * MOST)) as connected:
        assert connected.ask() == (200, b"x" * MOST)
        assert keeps(connected)


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return in_chunks(*((b"%x" % len(piece), piece) for piece in pieces))


BODIES = st.binary(max_size=300)
INTERIM = st.lists(st.sampled_from([EARLY, *(b"HTTP/1.1 %b\r\n\r\n" % said for said in STATUSES.values())]), max_size=3)
FRAMED = st.one_of(
    BODIES.map(lambda body: (sized(body), body)),
    st.builds(lambda body, size: (chunked(body, size), body), BODIES, st.integers(1, 300)),
)
SURPLUS = st.one_of(st.just(b""), st.binary(max_size=20), st.just(sized(b"another's")))
# What makes an answer another one: pieces of its own grammar, cut out, put in twice, or put where they do not belong.
FRAGMENTS = [
    b"\r\n",
    b"\n",
    b"\r",
    b":",
    b" ",
    b"\0",
    b"0",
    b"5",
    b"-1",
    b"0\r\n\r\n",
    b"HTTP/1.0",
    b"\xff",
    b",",
    b";",
]
LINES = [b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1 204 No Content\r\n\r\n", EARLY, NEXT]
PIECES = st.sampled_from(FRAGMENTS + LINES)
MUTATIONS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.one_of(PIECES, st.just(b""))), max_size=4)


@settings(max_examples=400, deadline=None)
@given(INTERIM, FRAMED, SURPLUS)
def test_an_answer_is_read_as_it_was_made_and_kept_exactly_without_surplus(
    interim: list[bytes], framed: tuple[bytes, bytes], surplus: bytes
) -> None:
    data, body = framed
    with wire(b"".join(interim) + data + surplus) as connected:
        assert connected.ask() == (200, body)
        assert keeps(connected) == (not surplus)


@settings(max_examples=800, deadline=None)
@given(INTERIM, FRAMED, SURPLUS, MUTATIONS, st.sampled_from(["POST", "HEAD"]), st.integers(0, 400))
def test_whatever_arrives_is_an_answer_or_an_error_and_never_the_next_ones(
    interim: list[bytes],
    framed: tuple[bytes, bytes],
    surplus: bytes,
    mutations: list[tuple[float, int, bytes]],
    method: str,
    most: int,
) -> None:
    data = b"".join(interim) + framed[0] + surplus
    for where, cut, piece in mutations:
        start = int(where * len(data))
        data = data[:start] + piece + data[start + cut :]
    with wire(data) as connected:
        with suppress(HTTPException, OSError):
            assert len(connected.ask(method, within_s=0.01, most=most)[1]) <= most
        keeps(connected)


class Recorder:
    """A socket that keeps what it is given, a piece for each call."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def sendall(self, data: bytes) -> None:
        self.sent.append(bytes(data))


@pytest.mark.parametrize("length", [0, 1, 600, 64 * 1024])
def test_head_and_body_go_out_as_one_piece(length: int) -> None:
    connection, recorder = StrictConnection("host.example"), Recorder()
    connection.sock = recorder
    connection.request("POST", "/path", bytes(length), {"X-Name": "value"})
    [piece] = recorder.sent
    head, _, body = piece.partition(b"\r\n\r\n")
    assert body == bytes(length)
    assert head.split(b"\r\n") == [
        b"POST /path HTTP/1.1",
        b"Host: host.example",
        b"Accept-Encoding: identity",
        b"Content-Length: %d" % length,
        b"X-Name: value",
    ]


def test_a_long_body_is_not_copied_behind_its_head() -> None:
    connection, recorder = StrictConnection("host.example"), Recorder()
    connection.sock = recorder
    connection.request("POST", "/path", bytes(64 * 1024 + 1))
    head, body = recorder.sent
    assert head.endswith(b"\r\n\r\n")
    assert len(body) == 64 * 1024 + 1


@pytest.mark.parametrize("value", ["two\r\nX-Lines: yes", "a \u20ac"])
def test_a_header_that_fits_in_no_line_is_not_sent(value: str) -> None:
    connection, recorder = StrictConnection("host.example"), Recorder()
    connection.sock = recorder
    with pytest.raises(ValueError, match=r"header|codec"):
        connection.request("POST", "/path", b"{}", {"X-Name": value})
    assert recorder.sent == []


class Proxy(Recorder):
    """A socket to a proxy, which answers with one line, or hangs up before it is asked."""

    def __init__(self, says: bytes = b"") -> None:
        super().__init__()
        self._says = says

    def sendall(self, data: bytes) -> None:
        if not self._says:
            raise BrokenPipeError
        super().sendall(data)

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._says)

    def close(self) -> None:
        pass

    setsockopt = settimeout = staticmethod(lambda *_: None)


def test_a_proxy_that_hangs_up_asks_for_nothing_whatever_it_asked_for_before(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = StrictConnection("proxy.example")
    connection.set_tunnel("host.example", 443)
    proxies = [Proxy(b"HTTP/1.1 407 Who are you?\r\n\r\n"), Proxy()]
    monkeypatch.setattr(connection, "_create_connection", lambda *_: proxies.pop(0))
    with pytest.raises(ProxyDenied):
        connection.connect()
    with pytest.raises(BrokenPipeError):
        connection.connect()


VALUES = st.text(st.characters(max_codepoint=127), max_size=20)


@given(token=VALUES, body=st.binary(max_size=50))
def test_a_post_is_what_a_request_is_or_is_not_sent(token: str, body: bytes) -> None:
    headers = {"host": "host.example", "x-token": token}
    by_request, by_post = (StrictConnection("host.example") for _ in range(2))
    by_request.sock, by_post.sock = (first, second) = Recorder(), Recorder()
    with suppress(ValueError):
        by_post.post("/", headers, body)
    if {"\r", "\n", "\0"} & set(token):
        assert second.sent == []
    else:
        by_request.request("POST", "/", body, headers)
        assert first.sent == second.sent != []


@pytest.mark.parametrize("value", ["two\r\nX-Lines: yes", "two\nX-Lines: yes", "folded\n line", "a \u20ac", "a \0"])
def test_a_post_does_not_quote_what_fits_in_no_line(value: str) -> None:
    connection, recorder = StrictConnection("host.example"), Recorder()
    connection.sock = recorder
    with pytest.raises(ValueError, match="a header does not fit in its line") as raised:
        connection.post("/", {"host": "host.example", "x-token": value}, b"")
    assert value not in repr(raised.value)
    assert recorder.sent == []
