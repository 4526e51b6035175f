"""The upload of a certificate as clicks of Setup, for a rotation in which a person does it.

Source: Salesforce Help, "Configure the External Client App OAuth Settings"; of a Connected App, "Edit, Reconfigure, or Delete a
Connected App".
"""


def to_upload(app: str, certificate: str) -> list[str]:
    """Return the clicks that put a certificate in place of the app's present one.

    Args:
        app: its API name.
        certificate: the file to upload.
    """
    return [
        (
            f"An External Client App: Setup, External Client App Manager, {app}, Settings, Edit, OAuth Settings, Flow"
            f" Enablement, JWT Bearer Flow: upload {certificate} in place of the certificate there. Save."
        ),
        f"A Connected App: Setup, App Manager, {app}, Edit, Use digital signatures: upload {certificate}. Save.",
        "Change nothing else there: an app holds one certificate, and all its callers go on with the tokens that they have.",
    ]
