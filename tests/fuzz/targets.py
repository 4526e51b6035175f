"""The one list of what is fuzzed: `make fuzz` takes its time for each, and the tests a few inputs."""

from fuzz import administration, deployments, parsers, questions, spoken, wire

TARGETS = (
    *administration.TARGETS,
    *deployments.TARGETS,
    *parsers.TARGETS,
    *questions.TARGETS,
    *spoken.TARGETS,
    *wire.TARGETS,
)
