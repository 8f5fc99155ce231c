"""Dockerfiles for Windows: the right base for the target, IIS and services, and nothing of a host that is not plain."""

from __future__ import annotations

import dockerfile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.model import Target
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.data_tables import data_table
from containerize.rebuild.windows_dockerfile import NoWindowsImage, WindowsRecipe, windows_dockerfile
from tests.support.judging import target
from tests.support.windows_snapshots import WindowsHost, site

MICROSOFT = data_table("registries")["images"]["microsoft"]


def windows(build: str) -> Target:
    return target(name="win", system="windows", kernel_release="", os_build=build)


def made(host: WindowsHost, build: str = "10.0.20348", pid: int = 700) -> WindowsRecipe:
    snapshot = host.build()
    workloads = find_workloads(snapshot, {})
    (workload,) = [each for each in workloads if any(process.pid == pid for process in each.processes)]
    return windows_dockerfile(workload, HostFacts(snapshot, workloads), windows(build))


def told(recipe: WindowsRecipe) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.cmd, tuple(each.value)) for each in dockerfile.parse_string(recipe.text)]


@pytest.mark.parametrize(
    ("build", "image"),
    [
        ("10.0.14393", f"{MICROSOFT}/windows/servercore:ltsc2016"),
        ("10.0.17763.5830", f"{MICROSOFT}/windows/servercore:ltsc2019"),
        ("10.0.20348", f"{MICROSOFT}/windows/servercore:ltsc2022"),
        ("10.0.26100", f"{MICROSOFT}/windows/servercore:ltsc2025"),
    ],
)
def test_the_base_is_the_one_of_the_target_s_build(build: str, image: str) -> None:
    host = WindowsHost()
    host.shop()
    recipe = made(host, build)

    assert recipe.image == image
    assert told(recipe)[0] == ("FROM", (image,))
    assert recipe.text.startswith("# escape=`\n")
    assert "No test of this product builds an image for Windows" in recipe.text


def test_without_a_target_it_is_for_the_newest_release() -> None:
    host = WindowsHost()
    host.shop()
    snapshot = host.build()
    workloads = find_workloads(snapshot, {})
    recipe = windows_dockerfile(workloads[0], HostFacts(snapshot, workloads), None)

    assert recipe.image.endswith(":ltsc2025")
    assert "no target, so for Windows Server 2025" in recipe.text


def test_a_target_without_images_is_an_error_with_a_sentence() -> None:
    host = WindowsHost()
    host.shop()
    with pytest.raises(NoWindowsImage, match="build 9600"):
        made(host, "6.3.9600")


def test_a_program_starts_in_the_foreground_and_its_service_is_told_of() -> None:
    host = WindowsHost()
    host.port(host.shop(StartName="LocalSystem"), 8080)
    recipe = made(host)

    assert ("COPY", ("program/", "D:/Shop/")) in told(recipe)
    assert ("EXPOSE", ("8080/tcp",)) in told(recipe)
    assert told(recipe)[-1] == ("ENTRYPOINT", ("D:\\Shop\\ShopServer.exe",))
    assert "ServiceMonitor.exe Shop" in recipe.text
    assert recipe.folders == (("program", "the content of D:\\Shop of win01"),)


def test_java_runs_on_nanoserver() -> None:
    host = WindowsHost()
    host.run(700, "C:\\Java\\bin\\java.exe", "-jar", "C:\\Java\\shop.jar")
    recipe = made(host)

    assert recipe.image == f"{MICROSOFT}/windows/nanoserver:ltsc2022"
    assert told(recipe)[-1] == ("ENTRYPOINT", ("C:\\Java\\bin\\java.exe", "-jar", "C:\\Java\\shop.jar"))


def test_an_argument_with_a_secret_is_in_no_line() -> None:
    host = WindowsHost()
    host.run(700, "D:\\Shop\\shop.exe", "--password", "<redacted:abc>")
    recipe = made(host)

    assert not any(name == "ENTRYPOINT" for name, _ in told(recipe))
    assert "An argument holds a secret" in recipe.text
    assert "redacted" not in recipe.text


def test_a_site_of_iis_with_the_framework_has_its_image_and_its_pool() -> None:
    host = WindowsHost()
    host.pool("Shop", site("Shop", "Shop", "http *:80:shop.example", "https *:443:", path="D:\\Web\\Shop"), pid=800)
    recipe = made(host, pid=800)
    runs = [value[0] for name, value in told(recipe) if name == "RUN"]

    assert recipe.image == f"{MICROSOFT}/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022"
    assert any('add apppool /name:"Shop"' in run for run in runs)
    assert any('/managedRuntimeVersion:"v4.0" /enable32BitAppOnWin64:false' in run for run in runs)
    assert any('/bindings:"http/*:80:shop.example,https/*:443:" /physicalPath:"D:\\Web\\Shop"' in run for run in runs)
    assert ("COPY", ("site-1/", "D:/Web/Shop/")) in told(recipe)
    assert [value for name, value in told(recipe) if name == "EXPOSE"] == [("80",), ("443",)]
    assert told(recipe)[-1] == ("ENTRYPOINT", ("C:\\ServiceMonitor.exe", "w3svc"))
    assert "a key is not in an image" in recipe.text


def test_a_pool_without_the_framework_is_on_the_image_of_iis() -> None:
    host = WindowsHost()
    host.pool("Static", site("Static", "Static"), pid=800, runtime="")

    assert made(host, pid=800).image == f"{MICROSOFT}/windows/servercore/iis:windowsservercore-ltsc2022"


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.text(max_size=20), st.sampled_from(['x" & calc "', "a`\nRUN calc", "%PATH%", "a^b", "x\r\nUSER y"])),
    st.one_of(
        st.text(max_size=20), st.sampled_from(['D:\\a"&calc', "D:\\x\nRUN calc", "\\\\server\\share", "D:\\%x%"])
    ),
)
def test_no_name_of_a_host_makes_a_line_of_its_own(name: str, path: str) -> None:
    host = WindowsHost()
    host.pool("Shop", site(name, "Shop", path=path), pid=800)
    recipe = made(host, pid=800)

    assert {each for each, _ in told(recipe)} <= {"FROM", "RUN", "COPY", "EXPOSE", "ENTRYPOINT"}
    for command in (value[0] for each, value in told(recipe) if each == "RUN"):
        assert "calc" not in command.replace(name if name.isalnum() else "", "")
        assert not set(command) & set("%^`\n\r") - {"%"}
        assert command.count("%windir%") * 2 == command.count("%")
