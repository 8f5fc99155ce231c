"""EOL003."""

from datetime import UTC, datetime

from assess.model import Severity
from assess.rules.lifecycle.end_of_life_library import end_of_life_library
from inventory.model.language_packages import LanguagePackage, LanguagePackages
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin

NOW = datetime(2026, 11, 1, tzinfo=UTC).timestamp()


def using(name: str, version: str, path: str = "/opt/x/lib/it.jar", *, is_open: bool = False) -> HostBuilder:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/x/x")
    host.config("/opt/x/x.conf", "a = b")
    if is_open:
        host.open(process, path)
    found = LanguagePackage("java", name, version, "/opt/x/lib", path, is_open, origin("language_packages"))
    host.overrides["language_packages"] = Found(LanguagePackages((found,), None))
    return host


def test_an_old_library_of_the_application_is_found() -> None:
    said = judge(end_of_life_library, using("log4j", "1.2.17").build(), now=NOW)

    assert said.about == [("web01/x", Severity.MAJOR)]
    assert said.messages[0].startswith("Log4j 1.2.17 reached end of life")


def test_an_archive_that_it_holds_open_is_found_wherever_it_lies() -> None:
    host = using("struts2-core", "2.3.37", "/srv/apps/it.jar", is_open=True)

    assert len(judge(end_of_life_library, host.build(), now=NOW).findings) == 1


def test_another_applications_library_passes() -> None:
    assert judge(end_of_life_library, using("log4j", "1.2.17", "/srv/apps/it.jar").build(), now=NOW).silent


def test_a_maintained_or_unknown_library_passes() -> None:
    assert judge(end_of_life_library, using("log4j-core", "2.24.1").build(), now=NOW).silent
    assert judge(end_of_life_library, using("guava", "10.0").build(), now=NOW).silent


def test_packages_that_were_not_asked_for_are_no_pass() -> None:
    host = using("log4j", "1.2.17")
    host.unknown("language_packages")

    assert judge(end_of_life_library, host.build(), now=NOW).missing == {"language_packages"}
