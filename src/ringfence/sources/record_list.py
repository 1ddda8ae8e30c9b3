"""Cut the list of records out of a JSON document, while it is read.

Promises: the n-th element of the list becomes line n; later documents of the same stream go on counting. The list
stands at the top, under ``flows`` (Goldmane), ``items`` (Whisker) or ``hits.hits`` (Elasticsearch). Line ends between
the tokens of an element become spaces, those within a text become another control character, so that a text that JSON
forbids stays forbidden. Nothing is dropped: an element that is missing between two commas becomes a line that is no
JSON, a value that holds no list becomes a line itself, and a document that is not closed ends the stream early.
Strings and nesting are respected; whether an element is JSON is for its reader to say.
"""

import re
from typing import Final

import msgspec

from ringfence.sources.compression import ByteReader, StreamEndsEarlyError
from ringfence.sources.json_lines import LONGEST_RECORD

_LISTS: Final = frozenset({(), (b"flows",), (b"items",), (b"hits", b"hits")})
_DOCUMENT_KEYS: Final = frozenset({b"flows", b"items", b"hits", b"meta", b"total", b"took"})
"""Keys of a document that may hold no list at all: protobuf leaves an empty one out, Whisker writes null."""

_DEEPEST_LIST: Final = max(len(path) for path in _LISTS)
_LONGEST_KEY: Final = 64
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_LINE_END_IN_TEXT: Final = b"\x0b"
_NOTHING: Final = b","

_STRING: Final = rb'"(?:[^"\\\n]++|\\[^\n])*+"'
_IN_STRING: Final = re.compile(rb'(?:[^"\\\n]++|\\[^\n])*+')
_INSIDE: Final = re.compile(rb'(?:[^"{}\[\]\n]++|' + _STRING + rb")*+")
_BETWEEN: Final = re.compile(rb'(?:[^"{}\[\]\n,]++|' + _STRING + rb")*+")
_OUTSIDE: Final = re.compile(rb'[^"{}\[\]:,\n]*+')


_FIRST_KEY: Final = re.compile(rb'\s*(\{\s*"[^"\\]{0,64}")')
_LIST_OF_OBJECTS: Final = re.compile(rb"\s*\[\s*[{\]]")
_RECORDS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_LINE_ENDS: Final = bytes.maketrans(b"\r\n", b"  ")


class RecordList:
    """Gives the records of documents as lines."""

    def __init__(self, reader: ByteReader) -> None:
        """Read from a reader of the documents' bytes."""
        self._reader = reader
        self._out: list[bytes] = []
        self._carry = b""
        self._begun = self._probing = False
        self._ended: StreamEndsEarlyError | bool = False
        self._in_string = False
        # Within the list
        self._in_list = False
        self._depth = 0
        self._content = self._tried = False
        # Around it
        self._stack: list[bytes | None] = []
        self._deeper = 0
        self._text = b""
        self._keys: set[bytes] = set()
        self._value = bytearray()
        self._found = self._overflows = False
        self._first_is_list: bool | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, empty at the end. Raises StreamEndsEarlyError, also for a document left open."""
        while not self._ended:
            try:
                chunk = self._reader.read(size)
            except StreamEndsEarlyError as error:
                chunk, self._ended = b"", error
            if chunk:
                self._take(chunk)
            else:
                self._end()
            if self._out:
                lines = b"".join(self._out)
                self._out.clear()
                if lines:
                    return lines
        if isinstance(self._ended, StreamEndsEarlyError):
            raise self._ended
        return b""

    def begins_with_list(self) -> bool:
        """Say whether the first value of the stream is such a document. Reads on until that is told."""
        start, self._probing = b"", True
        while self._first_is_list is None and (chunk := self._reader.read(-1)):
            start = start or chunk.removeprefix(BYTE_ORDER_MARK)
            self._take(chunk)
        return bool(self._first_is_list) and not (
            start.lstrip().startswith(b"[") and _LIST_OF_OBJECTS.match(start) is None
        )

    def _take(self, chunk: bytes) -> None:
        data = self._carry + chunk
        self._carry = b""
        if not self._begun:
            self._begun, data = True, data.removeprefix(BYTE_ORDER_MARK)
        position, self._tried = 0, False
        while position < len(data) and not (self._probing and self._first_is_list is not None):
            position = self._list(data, position) if self._in_list else self._around(data, position)

    def _end(self) -> None:
        left_open = bool(self._stack)
        if left_open:
            self._out.append(bytes(self._value))
        else:
            self._flush_value()
        if self._ended is False:
            self._ended = StreamEndsEarlyError("the document ends before it is closed") if left_open else True

    # Within the list

    def _list(self, data: bytes, position: int) -> int:
        """Pass elements on, up to the end of the data or of the list; return where that is."""
        start, end = position, len(data)
        while position < end:
            if self._in_string:
                position, start = self._list_string(data, position, start)
                continue
            if self._depth == 0 and not self._content and not self._tried:
                position = start = self._many(data, position)
            stop = self._run_end(data, position)
            position, token = stop + 1, data[stop : stop + 1]
            match token:
                case b'"':
                    self._in_string = self._content = True
                case b"{" | b"[":
                    self._depth += 1
                    self._content = True
                case b"\n":
                    self._out.append(data[start:stop] + b" ")
                    start = position
                case b",":
                    self._out.append((data[start:stop] if self._content else _NOTHING) + b"\n")
                    start, self._content = position, False
                case b"":
                    break
                case b"]" if self._depth == 0:
                    self._out.append(data[start:stop] + b"\n" if self._content else b"")
                    self._content = self._in_list = False
                    self._stack_closed()
                    return position
                case _:
                    self._depth = max(0, self._depth - 1)
                    self._content = True
        self._out.append(data[start:])
        return end

    def _run_end(self, data: bytes, position: int) -> int:
        """Return where the next token stands that changes anything, or the end of the data."""
        run = (_INSIDE if self._depth else _BETWEEN).match(data, position)
        stop = position if run is None else run.end()
        if not self._content and data[position:stop].strip():
            self._content = True
        return stop

    def _many(self, data: bytes, position: int) -> int:
        """Pass on at once all elements but the last few, where they are JSON; return where the rest begins.

        Elements mostly begin with the same key, so the last one that does is where to cut; the decoder proves it.
        """
        self._tried = True
        first = _FIRST_KEY.match(data, position)
        end = -1 if first is None else data.rfind(first[1], first.end())
        elements = data[position : max(position, end)].rstrip()
        if not elements.endswith(b","):
            return position
        try:
            records = _RECORDS.decode(b"[" + elements[:-1] + b"]")
        except (msgspec.DecodeError, RecursionError):
            return position
        lines = (bytes(record) for record in records)
        if b"\n" in elements or b"\r" in elements:
            lines = (line.translate(_LINE_ENDS) for line in lines)
        self._out += [b"\n".join(lines), b"\n"]
        return end

    def _list_string(self, data: bytes, position: int, start: int) -> tuple[int, int]:
        """Pass over a text that a chunk or a line end cut; return where to go on and what is not passed on yet."""
        run = _IN_STRING.match(data, position)
        position = position if run is None else run.end()
        match data[position : position + 2]:
            case b"":
                return position, start
            case b"\\":
                self._carry = b"\\"
                self._out.append(data[start:position])
                return len(data), len(data)
            case b"\\\n":
                self._out.append(data[start : position + 1] + _LINE_END_IN_TEXT)
                return position + 2, position + 2
            case following if following.startswith(b"\n"):
                self._out.append(data[start:position] + _LINE_END_IN_TEXT)
                return position + 1, position + 1
            case _:
                self._in_string = False
                return position + 1, start

    # Around the list

    def _around(self, data: bytes, position: int) -> int:
        """Look for the list, up to the end of the data or to its beginning; return where that is."""
        while position < len(data) and not (self._probing and self._first_is_list is not None):
            begin = position
            if self._in_string:
                position = self._string_around(data, position)
                self._keep(data[begin : position - len(self._carry)])
                continue
            run = _OUTSIDE.match(data, position)
            position = (position if run is None else run.end()) + 1
            token = data[position - 1 : position]
            self._keep(b" " if token == b"\n" and self._stack else data[begin:position])
            match token:
                case b'"':
                    self._in_string, self._text = True, b""
                case b":":
                    self._key_read()
                case b"{":
                    self._open(b"")
                case b"[":
                    if self._open(None):
                        return position
                case b"}" | b"]":
                    self._stack_closed()
                case b"\n" if not self._stack:
                    self._flush_value()
        return position

    def _key_read(self) -> None:
        """Remember the key that the last text was, if it was one of an object."""
        if self._stack and self._stack[-1] is not None and not self._deeper:
            self._stack[-1] = self._text
        if len(self._stack) == 1:
            self._keys.add(self._text)

    def _string_around(self, data: bytes, position: int) -> int:
        run = _IN_STRING.match(data, position)
        stop = position if run is None else run.end()
        if len(self._text) < _LONGEST_KEY:
            self._text += data[position : min(stop, position + _LONGEST_KEY)]
        match data[stop : stop + 1]:
            case b'"':
                self._in_string = False
                return stop + 1
            case b"\\" if stop + 1 == len(data):
                self._carry = b"\\"
                return len(data)
            case b"\n" if not self._stack:
                self._in_string = False
                return stop
            case _:
                return stop + 1

    def _open(self, key: bytes | None) -> bool:
        """Enter an object or an array; return whether that is the list."""
        if len(self._stack) > _DEEPEST_LIST:
            self._deeper += 1
            return False
        opens = key is None and tuple(self._stack) in _LISTS
        self._stack.append(key)
        if opens:
            self._open_list()
        return opens

    def _open_list(self) -> None:
        if self._overflows:
            self._out.append(b"\n")
        self._found, self._in_list, self._overflows = True, True, False
        self._first_is_list = True if self._first_is_list is None else self._first_is_list
        self._value.clear()

    def _stack_closed(self) -> None:
        """Leave a container; at the outermost, the value is done."""
        if self._deeper:
            self._deeper -= 1
        elif self._stack:
            self._stack.pop()
        if not self._stack:
            self._flush_value()

    def _keep(self, part: bytes) -> None:
        """Keep what may turn out to be a record itself."""
        if self._found and self._stack:
            return
        self._value += part
        if len(self._value) > LONGEST_RECORD:
            self._out.append(bytes(self._value))
            self._overflows = True
            self._value.clear()

    def _flush_value(self) -> None:
        """Pass a value on as a record, unless it is a document of which the list was found or left out."""
        value = bytes(self._value).strip()
        is_document = self._found or bool(self._keys & _DOCUMENT_KEYS)
        if value or self._found:
            self._first_is_list = is_document if self._first_is_list is None else self._first_is_list
        if self._overflows or (value and not is_document):
            self._out.append(value.replace(b"\n", _LINE_END_IN_TEXT) + b"\n")
        self._value.clear()
        self._keys.clear()
        self._found = self._overflows = self._in_string = False
