"""Application servers, their instances and what is deployed in them."""

from __future__ import annotations

from inventory.model.java import ApplicationServer
from inventory.observation import Absent, Found, value_or_none
from tests.support.estate_recordings import recorded_host
from tests.support.snapshots import HostBuilder

JAVA = "/usr/lib/jvm/java-11-openjdk-amd64/bin/java"


def only(host: HostBuilder) -> ApplicationServer:
    observation = host.build().application_servers
    assert isinstance(observation, Found)
    (server,) = observation.value
    return server


def names(server: ApplicationServer) -> list[str]:
    return [application.name for application in server.applications]


def test_tomcat_of_the_estate() -> None:
    observation = recorded_host("app01").application_servers
    assert isinstance(observation, Found)
    (server,) = observation.value
    java = {process.pid for process in value_or_none(recorded_host("app01").processes) or () if process.name == "java"}

    assert (server.kind, server.name, server.version) == ("tomcat", "tomcat9", "9.0.43")
    assert (server.home, server.base, {*server.pids}) == ("/usr/share/tomcat9", "/var/lib/tomcat9", java)
    assert names(server) == ["ROOT", "parts"]
    assert server.ports == ("8080",)
    assert {application.origin.section for application in server.applications} == {"directories"}


def test_apache_with_php_is_a_web_server_and_no_application_server() -> None:
    assert isinstance(recorded_host("web01").application_servers, Absent)


def test_a_tomcat_that_was_unpacked_by_hand() -> None:
    host = HostBuilder()
    home = "/opt/apache-tomcat-7.0.109"
    process = host.process(50, JAVA, f"-Dcatalina.home={home}", "org.apache.catalina.startup.Bootstrap", "start")
    host.open(process, f"{home}/webapps/shop.war")
    host.open(process, f"{home}/webapps/ROOT/WEB-INF/lib/a.jar")
    host.config(
        f"{home}/conf/server.xml",
        '<Connector port="8081" protocol="AJP/1.3" redirectPort="8443" />',
        '<Context path="/wiki" docBase="/srv/wiki" />',
    )
    server = only(host)

    assert (server.home, server.base, server.version) == (home, home, "7.0.109")
    assert names(server) == ["ROOT", "shop", "wiki"]
    assert server.ports == ("8081",)


def test_wildfly_with_options_behind_its_archive() -> None:
    host = HostBuilder()
    home = "/opt/wildfly-26.1.3.Final"
    host.process(
        50,
        JAVA,
        "-D[Standalone]",
        "-Xmx512m",
        "-jar",
        f"{home}/jboss-modules.jar",
        "-mp",
        f"{home}/modules",
        "org.jboss.as.standalone",
        f"-Djboss.home.dir={home}",
        f"-Djboss.server.base.dir={home}/standalone",
    )
    host.open(host.processes[0], f"{home}/standalone/deployments/shop.ear")
    host.config(
        f"{home}/standalone/configuration/standalone.xml",
        '<socket-binding name="http" port="${jboss.http.port:8080}"/>',
    )
    server = only(host)

    assert (server.kind, server.version, server.name) == ("jboss", "26.1.3.Final", "standalone")
    assert (server.home, server.base) == (home, f"{home}/standalone")
    assert (names(server), server.ports) == (["shop"], ("8080",))


def test_the_servers_of_a_domain_of_jboss_have_their_own_base() -> None:
    """Neither has the configuration "standalone"; the process controller serves nothing."""
    host = HostBuilder()
    home = "/opt/eap"
    jar = (f"-Djboss.home.dir={home}", "-jar", f"{home}/jboss-modules.jar", "-mp", f"{home}/modules")
    host.process(50, JAVA, "-D[Process Controller]", *jar, "org.jboss.as.process-controller", "-jboss-home", home)
    host.process(51, JAVA, "-D[Host Controller]", *jar, "org.jboss.as.host-controller")
    data = f"-Djboss.server.data.dir={home}/domain/servers/one/data"
    host.process(52, JAVA, "-D[Server:one]", data, *jar, "org.jboss.as.server")
    by_type = (f"-Djboss.server.data.dir={home}/hc/data/servers/two", f"-Djboss.domain.base.dir={home}/hc")
    host.process(53, JAVA, "-D[Server:two]", *by_type, *jar, "org.jboss.as.server")
    servers = host.build().application_servers
    assert isinstance(servers, Found)

    assert [(server.name, server.base, server.pids) for server in servers.value] == [
        ("domain", f"{home}/domain", (51,)),
        ("one", f"{home}/domain/servers/one", (52,)),
        ("two", f"{home}/hc/servers/two", (53,)),
    ]


def test_jetty_weblogic_websphere_liberty_and_glassfish() -> None:
    host = HostBuilder()
    host.process(
        50, JAVA, "-Djetty.home=/opt/jetty-9.4.51", "-Djetty.base=/srv/shop", "-jar", "/opt/jetty-9.4.51/start.jar"
    )
    host.directory("/srv/shop/webapps/shop")
    host.process(
        51,
        JAVA,
        "-Dweblogic.Name=AdminServer",
        "-Dweblogic.home=/u01/wlserver_10.3/server",
        "weblogic.Server",
        working_directory="/u01/domains/shop",
    )
    host.process(
        52,
        "/opt/IBM/WebSphere/AppServer/java/bin/java",
        "-Dwas.install.root=/opt/IBM/WebSphere/AppServer",
        "-Duser.install.root=/opt/IBM/WebSphere/AppServer/profiles/AppSrv01",
        "com.ibm.wsspi.bootstrap.WSPreLauncher",
        "-nosplash",
        "com.ibm.ws.runtime.WsServer",
        "/cfg",
        "cell01",
        "node01",
        "server1",
    )
    host.process(53, JAVA, "-jar", "/opt/wlp/bin/tools/ws-server.jar", "defaultServer")
    host.process(
        54,
        JAVA,
        "-Dcom.sun.aas.installRoot=/opt/glassfish4/glassfish",
        "-Dcom.sun.aas.instanceRoot=/opt/glassfish4/glassfish/domains/domain1",
        "com.sun.enterprise.glassfish.bootstrap.ASMain",
    )
    host.process(55, JAVA, "-jar", "/opt/shop/shop.jar")
    observation = host.build().application_servers
    assert isinstance(observation, Found)

    assert [(each.kind, each.name, each.version) for each in observation.value] == [
        ("jetty", "shop", "9.4.51"),
        ("weblogic", "AdminServer", "10.3"),
        ("websphere", "server1", ""),
        ("liberty", "defaultServer", ""),
        ("glassfish", "domain1", "4"),
    ]
    assert [each.base for each in observation.value[:2]] == ["/srv/shop", "/u01/domains/shop"]
    assert names(observation.value[0]) == ["shop"]


def test_servers_of_php_python_and_ruby() -> None:
    host = HostBuilder()
    host.process(40, "/usr/sbin/php-fpm8.2", name="php-fpm8.2")
    host.process(41, "/usr/sbin/php-fpm8.2", ppid=40)
    host.config("/etc/php/8.2/fpm/pool.d/www.conf", "listen = /run/php/www.sock", "chdir = /srv/shop")
    host.package("php8.2-fpm", "/usr/sbin/php-fpm8.2", version="8.2.7-1~deb12u1")
    host.process(
        50, "/usr/bin/python3.11", "/usr/bin/gunicorn", "-b", "0.0.0.0:8000", "shop:app", working_directory="/srv/api"
    )
    host.process(60, "/usr/bin/ruby", arguments=("puma 5.6.5 (tcp://0.0.0.0:3000) [shop]",))
    observation = host.build().application_servers
    assert isinstance(observation, Found)
    php, python, ruby = observation.value

    assert (php.kind, php.version, php.pids, php.ports) == ("php-fpm", "8.2.7", (40, 41), ("/run/php/www.sock",))
    assert names(php) == ["shop"]
    assert (python.kind, python.base, python.ports) == ("gunicorn", "/srv/api", ("0.0.0.0:8000",))
    assert (ruby.kind, ruby.pids) == ("puma", (60,))
