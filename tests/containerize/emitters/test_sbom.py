"""The bill of materials is valid CycloneDX, the same each time, and lists what is inside."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import example, given
from packageurl import PackageURL

from containerize.emitters import sbom
from containerize.emitters.emission import Emission
from containerize.emitters.sbom import package_url
from containerize.image.package_lists import ImagePackage

from .cases import DIGEST, HOSTILE, emission, emitted, hostile_emission
from .texts import TEXTS


def text_of(given: Emission) -> str:
    return emitted(sbom.EMITTER, given)["sbom.cdx.json"]


@pytest.mark.parametrize("given", [emission(), hostile_emission()], ids=["plain", "hostile"])
def test_it_is_valid_by_the_schema(given: Emission) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text_of(given)) is None


def test_it_lists_packages_and_the_files_that_none_shipped() -> None:
    document = json.loads(text_of(emission()))
    assert {each["name"]: each.get("purl") for each in document["components"]} == {
        "/opt/app/run.py": None,
        "apache2": "pkg:deb/debian/apache2@2.4.62-1~deb12u2?arch=amd64&distro=debian-12",
        "libc6": "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12",
    }
    file = next(each for each in document["components"] if each["type"] == "file")
    assert file["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    image = document["metadata"]["component"]
    assert image["hashes"] == [{"alg": "SHA-256", "content": DIGEST.removeprefix("sha256:")}]
    assert document["metadata"]["timestamp"] == "2026-09-21T14:13:20+00:00"


def test_a_host_does_not_choose_how_long_the_bill_takes() -> None:
    """The library takes the square of the number of files."""
    given = emission()
    one = next(file for file in given.plan.files if file.path == "/opt/app/run.py")
    more = tuple(replace(one, path=f"/opt/app/{number:05}") for number in range(3000))
    document = json.loads(text_of(replace(given, plan=replace(given.plan, files=(*given.plan.files, *more)))))
    assert sum(each["type"] == "file" for each in document["components"]) == 2000
    properties = {each["name"]: each["value"] for each in document["metadata"]["component"]["properties"]}
    assert properties["brownfield:files-not-listed"] == "1001"


def test_names_of_packages_are_those_of_their_manager() -> None:
    rpm = ImagePackage("rpm", "zlib", "1:1.2.11-40.el9", "x86_64")
    assert package_url(rpm, ("rhel", "9.4")) == "pkg:rpm/rhel/zlib@1.2.11-40.el9?arch=x86_64&distro=rhel-9.4&epoch=1"
    apk = ImagePackage("apk", "musl", "1.2.4-r2", "x86_64")
    assert package_url(apk, ("alpine", "3.18.9")) == "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.18.9"
    deb = ImagePackage("dpkg", "zlib1g", "1:1.2.13", "amd64")
    assert package_url(deb, ("debian", "12")) == "pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64&distro=debian-12"


def test_it_is_the_same_each_time() -> None:
    assert text_of(emission()) == text_of(emission())


@given(TEXTS)
@example(HOSTILE)
@example("\r")
@example("/")
@example("a/../b@c?d#e")
def test_a_text_of_a_host_stays_what_it_is(text: str) -> None:
    document = json.loads(text_of(hostile_emission(text)))
    file = next(each for each in document["components"] if each["type"] == "file")
    assert (file["name"], file["properties"][0]["value"]) == (f"/opt/{text}", text)
    package = next(each for each in document["components"] if each["type"] == "library")
    assert PackageURL.from_string(package["purl"]).type == "deb"
