"""Times of the invoke interface that both sides rely on."""

DEFAULT_MIN_TTL_S = 60
LONGEST_MIN_TTL_S = 43_200
LONGEST_AHEAD_S = 43_200
DEFAULT_DEADLINE_MS = 10_000
LONGEST_DEADLINE_MS = 900_000

# After the wait that the caller grants, the broker may log in: at worst two exchanges (another key is tried once) of
# 14 s each, the most that its protocol lets one take. The rest is for a cold start.
LOGIN_S = 32.0
