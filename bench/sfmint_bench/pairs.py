"""Contenders measured in turns, so that whatever the machine does meanwhile meets them alike."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

type Samples = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender[Measured = float]:
    """One way to do the job.

    Attributes:
        name: in the samples.
        measure: does it once and returns what it took.
        times: how often in each round; what takes microseconds needs more samples than what takes milliseconds.
    """

    name: str
    measure: Callable[[], Measured]
    times: int = 1


def cpu_of(call: Callable[[], object]) -> float:
    """Return the seconds of CPU time that a call takes, in all threads of this process."""
    before = time.process_time_ns()
    call()
    return (time.process_time_ns() - before) / 1e9


def wall_of(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes, waiting and all."""
    before = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - before) / 1e9


def in_turns[Measured](
    contenders: Sequence[Contender[Measured]], *, rounds: int, warm_up: int = 1
) -> dict[str, list[Measured]]:
    """Measure all contenders in each round; every other round goes through them backwards.

    Args:
        contenders: whom to measure.
        rounds: how many rounds count.
        warm_up: how many rounds before do not.
    """
    samples: dict[str, list[Measured]] = {contender.name: [] for contender in contenders}
    for number in range(-warm_up, rounds):
        for contender in contenders[:: 1 if number % 2 else -1]:
            taken = [contender.measure() for _ in range(contender.times)]
            if number >= 0:
                samples[contender.name] += taken
    return samples


def ratio(samples: Samples, one: str, other: str) -> float:
    """Return how many times the other's median goes into the one's."""
    return median(samples[one]) / median(samples[other])
