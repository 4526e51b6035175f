"""How the demo looks on a terminal, and plain where there is none. The one module that knows Rich."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sfmint_local.demo.outcome import Outcome

_PLAIN_WIDTH = 120


class Account:
    """Tells the demo as it happens."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        if not self._console.is_terminal:
            self._console.width = _PLAIN_WIDTH

    def begin(self) -> None:
        """Say what will be seen."""
        self._console.print(Text("sfmint: a Salesforce token from a key in AWS, all on this machine", style="bold"))
        self._console.print()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show that a step is under way."""
        with self._console.status(Text(name)):
            yield

    def tell(self, outcome: Outcome) -> None:
        """Show a step that is over."""
        mark, style = ("✓", "green") if outcome.ok else ("✗", "bold red")
        line = Text.assemble(
            (f"{mark} ", style),
            (f"{outcome.ms / 1000:6.2f} s  ", "dim"),
            (outcome.name, "bold"),
            "\n             ",
            (outcome.shown.detail, "" if outcome.ok else "red"),
        )
        self._console.print(line, soft_wrap=True)

    def sum_up(self, outcomes: Sequence[Outcome], *, complete: bool) -> None:
        """Show the table of all steps that ran, and whether they were all there are."""
        table = Table(show_footer=True, header_style="bold", footer_style="bold")
        table.add_column("step", footer=_verdict(outcomes, complete=complete), no_wrap=True)
        table.add_column("source")
        table.add_column("ms", justify="right", footer=f"{sum(step.ms for step in outcomes):,}")
        table.add_column("logins at\nSalesforce", justify="right", footer=str(sum(step.logins for step in outcomes)))
        for step in outcomes:
            name = Text(step.name, style="" if step.ok else "bold red")
            table.add_row(name, step.shown.source, f"{step.ms:,}", str(step.logins or ""))
        self._console.print()
        self._console.print(table)


def _verdict(outcomes: Sequence[Outcome], *, complete: bool) -> str:
    if complete:
        return "every claim is true"
    return "stopped before its end" if all(step.ok for step in outcomes) else "a claim is false"
