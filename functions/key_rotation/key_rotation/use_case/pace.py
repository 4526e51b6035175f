"""When something is due, and how long it is waited for."""

PROPAGATION_S = 600.0  # until a change of an app has arrived everywhere
LOGINS_WANTED, LOGINS_OVER_S = 5, 300.0  # keys may be refused by turns while a change of an app is on its way
AFTER_LOGIN_S = 75.0
AFTER_OUTAGE_S = 60.0
LONGEST_PAUSE_S = 3_600.0
LONGEST_PAUSE_OF_RETURN_S = 480.0
WITHOUT_LOGIN_S = 1_800.0  # after a deployment, which takes ten minutes
WITHOUT_FINISH_S = 7_200.0
LEAST_GRACE_S = 600  # that a label which is there already still has to give
LOOK_AGAIN_S = 60.0  # where a person has to do something
REFUSALS_TOLD = 5  # in a row, from which on people are told: after fifteen minutes
REFRESH_TRIES = 5
REFRESH_EACH_S = 60.0  # while a deployment is waited for
LATE_DEPLOYMENT_S = 300.0  # deployments queue in the org
LATE_CALL_S = 60.0
SWEEP_S = 3_600.0  # after the end of a rotation: by then nothing of it can arrive any more
SHORTEST_LIFETIME_S = 900  # of tokens that outlast a change of the app, ten minutes


def after_refusals(count: int, longest: float = LONGEST_PAUSE_S) -> float:
    """Return the pause after so many refusals in a row: 1, 2, 4, 8 ... minutes."""
    return min(60.0 * float(1 << min(max(count - 1, 0), 10)), longest)
