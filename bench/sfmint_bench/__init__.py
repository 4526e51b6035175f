"""The benchmark: figures measured on this machine, against gates that do not move."""
