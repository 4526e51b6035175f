"""A rotation changes the connection's own app: the one that a secret names may be anybody's."""

import pytest

from key_rotation.standing import Phase
from key_rotation.versions import CURRENT, PREVIOUS
from rotation.conftest import MakeCase
from rotation.scenarios import ARN, UNATTENDED
from sfmint_testing.rotation.account import KEY_MARK, NAME, certificate_of, key_id_of
from sfmint_testing.rotation.org import FakeApp

TWO_KEYS = {"signer": {"kms": f"{ARN}1"}, "other_signer": {"kms": f"{ARN}2"}}
AN_OLDER = certificate_of(f"{KEY_MARK}older")


@pytest.mark.parametrize("theirs", [certificate_of("of another connection"), "nonsense", None])
@pytest.mark.parametrize("setting", ["unattended", "two keys in KMS", "two apps"])
def test_an_app_of_somebody_elses_is_not_changed(case: MakeCase, setting: str, theirs: str | None) -> None:
    these = case(setting)
    app = these.world.org.apps["two" if setting == "two apps" else "orders"]
    app.certificate = theirs
    assert these.rotate().phase is Phase.CANCELLED
    assert (app.certificate, these.world.org.deployments) == (theirs, [])
    assert "app" in these.rotation.standing(NAME).words
    assert these.world.secrets.labels[CURRENT] == "version-0000000000000000000000000"


def test_a_certificate_is_no_key(case: MakeCase) -> None:
    these = case(**UNATTENDED, **TWO_KEYS)
    these.world.keys.claimed.add(key_id_of(f"{ARN}1"))  # its owner's certificate stands in a secret of somebody else's
    assert these.rotate().phase is Phase.CANCELLED
    assert these.world.org.deployments == []


def test_nor_is_one_of_a_version_before(case: MakeCase) -> None:
    these = case("two apps", **TWO_KEYS)
    these.world.secrets.store(
        "version-1", {**these.world.secrets.fields(CURRENT), "private_key": f"{KEY_MARK}9"} | _PEM
    )
    these.world.keys.claimed.add(key_id_of(f"{ARN}1"))
    assert these.world.secrets.labels[PREVIOUS] == "version-0000000000000000000000000"
    assert these.rotate().phase is Phase.CANCELLED
    assert these.world.org.deployments == []


_PEM = {"signer": "", "other_signer": "", "certificate": ""}


def test_an_app_whose_certificate_the_org_hides_is_known_by_a_login(
    case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    these = case()
    monkeypatch.setattr(these.world.org, "certificate", lambda _: None)
    assert these.rotate().phase is Phase.FINISHED
    first = these.world.tries[0]
    assert first[1:] == (key_id_of(f"{KEY_MARK}0"), True)


def test_while_nobody_can_log_in_nothing_is_changed(case: MakeCase, monkeypatch: pytest.MonkeyPatch) -> None:
    these = case()
    these.to(Phase.SETTING)
    monkeypatch.setattr(these.world.org, "certificate", lambda _: None)
    these.world.org.is_down = True
    monkeypatch.setattr(these.world.keeper, "refresh", lambda *_, **__: None)
    for _ in range(4):
        these.advance()
        these.world.time += 120
    assert these.world.org.deployments == []
    assert these.rotation.standing(NAME).is_open
    these.world.org.is_down = False
    assert these.go_on().phase is Phase.FINISHED


@pytest.mark.parametrize("holds", ["the present key", "the key before", "an earlier one"])
def test_the_app_that_rests_may_hold_any_certificate_of_the_connections(case: MakeCase, holds: str) -> None:
    these = case("two apps")
    world = these.world
    world.keys.named.add(AN_OLDER)
    if holds == "the key before":
        world.secrets.store("version-1", {**world.secrets.fields(CURRENT), "private_key": f"{KEY_MARK}9"})
        world.org.apps["orders"] = FakeApp("3MVG9-one", certificate_of(f"{KEY_MARK}9"))
    elif holds == "an earlier one":
        world.org.apps["two"].certificate = AN_OLDER
    assert these.rotate().phase is Phase.FINISHED
    assert these.holds("two")


def test_a_name_alone_is_none_for_the_app_in_use(case: MakeCase) -> None:
    these = case()
    these.world.keys.named.add(AN_OLDER)
    these.world.org.apps["orders"].certificate = AN_OLDER
    assert these.rotate().phase is Phase.CANCELLED
