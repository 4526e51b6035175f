"""A day of a stack and what CloudWatch sees of it: sfmint's own broker and keeper on a clock that jumps, and three incidents.

incidents: what goes wrong, and when.
day: who asks when, and the lines that are written of it.
"""
