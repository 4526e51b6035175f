"""A client of the Metadata API by SOAP, as short as one can be."""

import base64
import io
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

from local.org_administrator import Administrator

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


def call(who: Administrator, body: str, *, version: str = "67.0", session: str | None = None) -> tuple[int, ET.Element]:
    """Send a call; the arguments are written without a prefix. Returns the status and what stands in the body."""
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<soapenv:Header><m:SessionHeader xmlns:m="{NAMESPACE}"><m:sessionId>{session or who.token}</m:sessionId>'
        f'</m:SessionHeader></soapenv:Header><soapenv:Body xmlns="{NAMESPACE}">{body}</soapenv:Body></soapenv:Envelope>'
    )
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""', "Authorization": ""}
    answer = who.call(f"/services/Soap/m/{version}", "POST", data=envelope, headers=headers)
    (inner,) = ET.fromstring(answer.content)[0]  # noqa: S314 - the org's own answer
    return answer.status_code, inner


def results(who: Administrator, body: str, **options: Any) -> list[ET.Element]:
    status, inner = call(who, body, **options)
    assert status == 200, ET.tostring(inner)
    return list(inner)


def fault(who: Administrator, body: str, **options: Any) -> tuple[str, str]:
    """Return code and words of a refusal."""
    status, inner = call(who, body, **options)
    assert status == 500, ET.tostring(inner)
    return inner.findtext("faultcode") or "", inner.findtext("faultstring") or ""


def read(who: Administrator, kind: str, *names: str, **options: Any) -> list[dict[str, str]]:
    """Return the elements of each record; empty where there is none."""
    asked = "".join(f"<fullNames>{name}</fullNames>" for name in names)
    (result,) = results(who, f"<readMetadata><type>{kind}</type>{asked}</readMetadata>", **options)
    return [{bare(child): child.text or "" for child in record} for record in result]


def retrieve(who: Administrator, **members: list[str]) -> tuple[ET.Element, dict[str, bytes]]:
    """Retrieve components by type, and return the last status and the files of the zip."""
    types = "".join(
        f"<types>{''.join(f'<members>{name}</members>' for name in names)}<name>{kind}</name></types>"
        for kind, names in members.items()
    )
    request = f"<apiVersion>67.0</apiVersion><unpackaged>{types}<version>67.0</version></unpackaged>"
    (begun,) = results(who, f"<retrieve><retrieveRequest>{request}</retrieveRequest></retrieve>")
    asked = f"<asyncProcessId>{text(begun, 'id')}</asyncProcessId><includeZip>true</includeZip>"
    (status,) = results(who, f"<checkRetrieveStatus>{asked}</checkRetrieveStatus>")
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(text(status, "zipFile"))))
    return status, {name: archive.read(name) for name in archive.namelist()}


def text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{{{NAMESPACE}}}{name}") or ""


def bare(element: ET.Element) -> str:
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")
