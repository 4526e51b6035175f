"""`sfmint doctor` as a whole: all well, what it stops for, and what it leaves as it is."""

from cli.patient import Patient, patient, with_salesforce

__all__ = ["patient", "with_salesforce"]


def test_a_connection_that_is_well_is_told_so(patient: Patient) -> None:
    examined = patient.examined()
    assert examined.wrong == []
    assert examined.not_checked == []
    assert examined.ended.code == 0
