"""An application server's installation is a program, although its account may write there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.model import DataDirectory, Workload
from containerize.closure.application_directories import data_directories
from containerize.plan.volumes import data_of
from tests.containerize.closure.pretend_host import PretendHost, make_workload, process
from tests.support.assessments import process as seen_process


def _workload(*data: str, arguments: tuple[str, ...]) -> Workload:
    seen = seen_process(100, "/usr/bin/java", " ".join(("java", *arguments)), 997, 0, 1)
    directories = tuple(DataDirectory(path, 997, 997, 0o755, ()) for path in data)
    return replace(make_workload("tomcat9"), processes=(seen,), data=directories)


@pytest.mark.parametrize("path", ["/var/lib/tomcat9", "/var/lib/tomcat9/webapps", "/var/lib/tomcat9/conf"])
def test_what_tomcat_was_told_to_run_is_no_data(path: str) -> None:
    workload = _workload(path, "/var/lib/parts", arguments=("-Dcatalina.base=/var/lib/tomcat9",))
    assert [each.path for each in data_directories(workload) if each.path != "/var/lib/tomcat9/data"] == [
        "/var/lib/parts"
    ]


def test_wildfly_keeps_its_own_place_for_data() -> None:
    workload = _workload("/opt/wildfly/standalone", arguments=("-Djboss.server.base.dir=/opt/wildfly/standalone",))
    assert [each.path for each in data_directories(workload)] == ["/opt/wildfly/standalone/data"]


def test_data_of_other_services_stays_data() -> None:
    workload = _workload("/var/lib/tomcat9/webapps", arguments=("-Xmx1g", "-Dcatalina.base=relative"))
    assert [each.path for each in data_directories(workload)] == ["/var/lib/tomcat9/webapps"]


def test_the_web_applications_and_the_configuration_come() -> None:
    host = PretendHost()
    host.package("openjdk", "/usr/lib/jvm/java/bin/java")
    host.package("tomcat9", "/etc/tomcat9/server.xml", "/usr/share/tomcat9/bin/bootstrap.jar", "/var/lib/tomcat9/lib/")
    host.directory("/var/lib/tomcat9/webapps", uid=997)
    host.link("/var/lib/tomcat9/conf", "/etc/tomcat9")
    host.file("/etc/tomcat9/Catalina/localhost/shop.xml", "<Context/>")
    host.file("/var/lib/tomcat9/webapps/shop.war", b"PK\3\4", uid=997)
    host.file("/var/lib/tomcat9/webapps/shop/WEB-INF/lib/orders.jar", b"PK\3\4", uid=997)
    host.file("/var/lib/tomcat9/webapps/shop/index.jsp", "hello", uid=997)
    java = process("/usr/lib/jvm/java/bin/java", "java", "-Dcatalina.base=/var/lib/tomcat9", uid=997)
    workload = _workload("/var/lib/tomcat9/webapps", arguments=("-Dcatalina.base=/var/lib/tomcat9",))
    file_set = host.close(java, workload=workload, data=data_of([workload]))
    assert {
        "/var/lib/tomcat9/webapps/shop.war",
        "/var/lib/tomcat9/webapps/shop/WEB-INF/lib/orders.jar",
        "/var/lib/tomcat9/webapps/shop/index.jsp",
        "/var/lib/tomcat9/conf",
        "/etc/tomcat9/server.xml",
        "/etc/tomcat9/Catalina/localhost/shop.xml",
    } <= set(file_set.claims)
