"""WIN001, WIN002, WIN018, WIN019, WIN020, WIN021: which image, and what runs in it."""

import pytest

from assess.knowledge.windows_catalogue import windows_images
from assess.model import Severity
from assess.rules.windows.dotnet_runtime import dotnet_runtime
from assess.rules.windows.net_framework_versions import net_framework_versions
from assess.rules.windows.pool_runtime import pool_runtime
from assess.rules.windows.thirty_two_bit_windows_program import thirty_two_bit_windows_program
from assess.rules.windows.windows_image_build import windows_image_build
from assess.rules.windows.windows_release_without_image import windows_release_without_image
from inventory.model.packages import Package, Packages
from inventory.model.windows import Dotnet
from tests.support.judging import TARGET, judge, target
from tests.support.snapshots import HostBuilder, origin
from tests.support.windows_snapshots import WindowsHost, site


def windows(build: str, name: str = "win") -> object:
    return target(name=name, system="windows", kernel_release="", os_build=build)


def image(host: WindowsHost, build: str) -> tuple[Severity, str]:
    (finding,) = judge(windows_image_build, host.build(), targets=(windows(build),)).findings  # type: ignore[arg-type]
    return finding.severity, finding.message


class TestBuild:
    @pytest.mark.parametrize(
        ("build", "severity", "words"),
        [
            ("10.0.14393.2848", Severity.INFO, "windows/servercore:ltsc2016, in process isolation"),
            ("10.0.17763.5830", Severity.INFO, "windows/servercore:ltsc2019, in process isolation"),
            ("10.0.20348", Severity.INFO, "windows/servercore:ltsc2022, in process isolation"),
            ("10.0.25398", Severity.INFO, "windows/servercore:ltsc2022, in process isolation"),
            ("10.0.26100.1742", Severity.INFO, "windows/servercore:ltsc2025, in process isolation"),
            ("10.0.18363", Severity.MINOR, "windows/servercore:ltsc2019, in Hyper-V isolation"),
            ("6.3.9600", Severity.BLOCKER, "there is no base image"),
        ],
    )
    def test_the_target_s_build_decides(self, build: str, severity: Severity, words: str) -> None:
        host = WindowsHost()
        host.shop()

        said, message = image(host, build)

        assert said is severity
        assert words in message

    def test_a_target_of_which_the_build_is_not_known_is_undetermined(self) -> None:
        host = WindowsHost()
        host.shop()

        assert judge(windows_image_build, host.build(), targets=(windows(""),)).missing == {""}  # type: ignore[arg-type]

    def test_the_kernel_of_a_scanned_target_says_it_too(self) -> None:
        host = WindowsHost()
        host.shop()
        scanned = target(name="win", system="windows", kernel_release="10.0.20348.2402")

        assert "ltsc2022" in judge(windows_image_build, host.build(), targets=(scanned,)).messages[0]

    def test_linux_is_no_question_here(self) -> None:
        host = WindowsHost()
        host.shop()
        linux = HostBuilder()
        linux.process(50, "/opt/x/x")

        assert judge(windows_image_build, host.build(), targets=(TARGET,)).silent
        assert judge(windows_image_build, linux.build(), targets=(windows("10.0.20348"),)).silent  # type: ignore[arg-type]


class TestBase:
    def test_net_core_and_java_run_on_nanoserver(self) -> None:
        for program in ("C:\\Program Files\\dotnet\\dotnet.exe", "D:\\jdk\\bin\\java.exe"):
            host = WindowsHost()
            host.shop(program)
            assert "windows/nanoserver:ltsc2022" in image(host, "10.0.20348")[1]

    def test_there_is_no_nanoserver_of_2016(self) -> None:
        host = WindowsHost()
        host.shop("D:\\jdk\\bin\\java.exe")

        assert "windows/servercore:ltsc2016" in image(host, "10.0.14393")[1]

    def test_a_pool_runs_on_the_image_of_asp_net(self) -> None:
        host = WindowsHost()
        host.pool("Intranet", site("Intranet", "Intranet"))

        assert "dotnet/framework/aspnet:4.8-windowsservercore-ltsc2019" in image(host, "10.0.17763")[1]
        assert "dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022" in image(host, "10.0.20348")[1]

    def test_thirty_two_bits_are_not_for_nanoserver(self) -> None:
        host = WindowsHost()
        host.shop("C:\\Program Files (x86)\\Java\\bin\\java.exe")

        assert "nanoserver runs no 32-bit programs" in image(host, "10.0.20348")[1]

    def test_printing_needs_the_whole_api_if_it_is_the_service_that_prints(self) -> None:
        host = WindowsHost()
        host.shop()
        host.settings("printers", "HKLM\\...\\Printers\\Label printer")

        assert "(the full Windows image if it uses printing)" in image(host, "10.0.20348")[1]


def test_releases_before_2016_have_no_image() -> None:
    said = judge(windows_release_without_image, WindowsHost(release="6.1.7601").build())

    assert said.about == [("win01", Severity.INFO)]
    assert judge(windows_release_without_image, WindowsHost().build()).silent


class TestThirtyTwoBits:
    def test_folders_and_pools_show_them(self) -> None:
        host = WindowsHost()
        host.shop("C:\\Program Files (x86)\\Shop\\shop.exe")
        host.pool("Old", bits32=True)

        assert judge(thirty_two_bit_windows_program, host.build()).about == [
            ("win01/shop", Severity.MINOR),
            ("win01/old", Severity.MINOR),
        ]

    def test_other_programs_pass(self) -> None:
        host = WindowsHost()
        host.shop()

        assert judge(thirty_two_bit_windows_program, host.build()).silent

    def test_a_process_without_a_path_is_no_pass(self) -> None:
        host = WindowsHost()
        host.service("Shop", 700)
        host.process(700, None, name="shop.exe", ppid=4, uid=-1, session=0)

        assert judge(thirty_two_bit_windows_program, host.build()).missing == {"processes"}


class TestPoolRuntime:
    @pytest.mark.parametrize(
        ("runtime", "severity"),
        [("v1.1", Severity.BLOCKER), ("v2.0", Severity.MINOR), ("v4.0", Severity.INFO)],
    )
    def test_the_version_decides(self, runtime: str, severity: Severity) -> None:
        host = WindowsHost()
        host.pool("Web", runtime=runtime)

        assert judge(pool_runtime, host.build()).about == [("win01/web", severity)]

    def test_a_pool_without_managed_code_and_a_service_pass(self) -> None:
        host = WindowsHost()
        host.pool("Web", runtime="")
        host.shop()

        assert judge(pool_runtime, host.build()).silent

    def test_a_pool_that_the_configuration_does_not_tell_is_no_pass(self) -> None:
        host = WindowsHost()
        host.run(800, "C:\\Windows\\System32\\inetsrv\\w3wp.exe", "-ap", "Web")

        assert judge(pool_runtime, host.build()).missing == {"iis"}


def test_old_frameworks_are_said() -> None:
    host = WindowsHost()
    host.found(
        "dotnet",
        tuple(
            Dotnet("framework", version, None, None, origin("dotnet")) for version in ("1.1.4322", "3.5.30729", "4.8")
        ),
    )

    assert judge(net_framework_versions, host.build()).about == [("win01", Severity.MAJOR), ("win01", Severity.INFO)]
    host.found("dotnet", (Dotnet("framework", "4.8", 528040, None, origin("dotnet")),))
    assert judge(net_framework_versions, host.build()).silent


def test_net_core_runs_on_linux_too() -> None:
    host = WindowsHost()
    host.shop("C:\\Program Files\\dotnet\\dotnet.exe")
    assert judge(dotnet_runtime, host.build()).about == [("win01/shop", Severity.INFO)]

    other = WindowsHost()
    other.shop()
    assert judge(dotnet_runtime, other.build()).silent


def test_what_is_installed_is_no_reason_for_the_whole_api_without_a_need() -> None:
    host = WindowsHost()
    host.shop()
    host.overrides["packages"] = type(host.overrides["iis"])(
        Packages("windows", (Package("7-Zip", "19", "", "7-Zip", "windows", False, 0, origin("packages")),), ())
    )

    assert "whole API" not in image(host, "10.0.20348")[1]


def test_process_isolation_is_what_microsoft_s_own_check_allows() -> None:
    """A host before Windows Server 2022 runs images of its own build alone; a later one those from the last long-term
    release before its own build on (hcsshim, osversion, CheckHostAndContainerCompat).
    """
    table = windows_images()
    builds = {release.tag: release.build for release in table.releases}
    stable = sorted(build for build in builds.values() if build >= 20348)
    for host, tags in table.process.items():
        oldest = max((build for build in stable if build < host), default=stable[0]) if host >= 20348 else host
        assert {builds[tag] for tag in tags} == {each for each in builds.values() if oldest <= each <= host}, host
