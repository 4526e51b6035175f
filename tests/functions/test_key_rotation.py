"""key_rotation's handler: whole rotations, and what is refused before anything is done."""



from functions.rotation_stack import RotationStack

TOKEN = {"action": "get_token"}


def test_a_person_uploads_the_certificate_and_the_key_is_rotated(rotation_stack: RotationStack) -> None:
    old = rotation_stack.secret()
    begun = rotation_stack.order("start")
    assert begun["phase"] == "waiting"
    certificate = rotation_stack.published()
    assert certificate is not None
    assert rotation_stack.secret()["private_key"] == old["private_key"]
    rotation_stack.upload(certificate)
    assert rotation_stack.order("finish")["phase"] == "testing"
    ticked = rotation_stack.invoke({"action": "tick"})
    assert [each["phase"] for each in ticked["rotations"]] == ["finished"]
    new = rotation_stack.secret()
    assert new["certificate"] == certificate
    assert new["private_key"] != old["private_key"]
    assert {name: new[name] for name in old if name != "private_key"} == {
        name: old[name] for name in old if name != "private_key"
    }
    assert rotation_stack.published() is None
    assert "access_token" in rotation_stack.broker.invoke(TOKEN)
