"""docs/secrets.md is what becomes of a key that is stored in each of the ways which people have."""

import secrets_page
import stored_forms


def test_the_page_is_what_the_code_makes_of_each_form() -> None:
    assert secrets_page.page() == secrets_page.PAGE.read_text(), "run: make docs"


def test_every_form_has_a_row() -> None:
    page = secrets_page.PAGE.read_text()
    forms = (stored_forms.WRAPPED, stored_forms.MISLABELLED, stored_forms.CERTIFICATES, stored_forms.NO_KEYS)
    whole = (stored_forms.SIGNERS, stored_forms.SECRETS)
    for name in (name for group in (*forms, stored_forms.NO_CERTIFICATES, *whole) for name in group):
        assert f"| {name} |" in page
