"""An output that keeps in which pieces it was written: a line of metrics has to be one."""

from io import StringIO


class Pieces(StringIO):
    """An output that keeps in which pieces it was written."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        self.pieces.append(text)
        return super().write(text)
