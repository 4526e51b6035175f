"""The one list of what is fuzzed: `make fuzz` takes its time for each, and the tests a few inputs."""

from fuzz import deployments, parsers, spoken, wire

TARGETS = (*parsers.TARGETS, *spoken.TARGETS, *wire.TARGETS, *deployments.TARGETS)
