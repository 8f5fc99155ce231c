"""What a closure brings, and why: each case broke a known way of making images (research on real hosts)."""

from __future__ import annotations

from pathlib import Path

import pytest

from containerize.closure import file_contents
from containerize.closure.file_set import FileSet
from inventory.model.cron import CronJob
from tests.containerize.closure.pretend_host import HERE, PretendHost, make_workload, process, systemd, sysv


@pytest.fixture
def host() -> PretendHost:
    """A merged-/usr system with a C library, a shell and an awk behind an alternative."""
    host = PretendHost()
    for top in ("bin", "sbin", "lib", "lib64"):
        host.directory(f"/usr/{top}")
        host.link(f"/{top}", f"usr/{top}")
    for path in ("/etc", "/tmp", "/run", "/var/log", "/home/ops", "/var/lib"):
        host.directory(path)
    host.link("/var/run", "/run")
    host.package("libc6", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2")
    host.package("dash", "/bin/sh", depends="libc6", essential=True)
    host.package("base-files", "/etc/debian_version", depends="awk", essential=True)
    host.package("mawk", "/usr/bin/mawk", provides="awk", depends="libc6")
    host.link("/usr/bin/awk", "/etc/alternatives/awk")
    host.link("/etc/alternatives/awk", "/usr/bin/mawk")
    host.package("unrelated", "/usr/bin/unrelated", "/usr/lib/unrelated/x", conffiles={"/etc/unrelated/x.conf": ""})
    host.file("/etc/nsswitch.conf", "hosts: files dns systemd\npasswd: files extra\n")
    host.file("/etc/unowned.conf", "nobody names this")
    return host


def _reason(file_set: FileSet, path: str) -> str:
    return file_set.claims.get(path, "")


def test_every_program_has_the_essential_system_and_the_links_that_lead_to_it(host: PretendHost) -> None:
    host.program("/opt/app/server")
    found = host.close(process("/opt/app/server"))
    assert {"/bin", "/lib", "/lib64", "/usr/bin/sh", "/usr/lib/x86_64-linux-gnu/libc.so.6"} <= set(found.claims)
    assert _reason(found, "/usr/bin/sh") == "belongs to dash, which is essential: programs rely on it without saying so"
    assert _reason(found, "/usr/bin/mawk") == "belongs to mawk, which base-files depends on"
    assert {"/usr/bin/awk", "/etc/alternatives/awk"} <= set(found.claims)
    assert not any("unrelated" in path for path in found.claims)
    assert "/etc/unowned.conf" not in found.claims


def test_what_every_system_has_does_not_depend_on_what_else_is_installed(host: PretendHost) -> None:
    host.package("mawk", "/usr/bin/mawk", provides="awk", depends="libc6", required=True)
    host.package("gawk", "/usr/bin/gawk", provides="awk", depends="libc6")
    file_set = host.close(process("/usr/bin/mawk"))
    assert "mawk" in file_set.essential
    assert "gawk" not in file_set.essential
    assert "/usr/bin/gawk" in file_set.claims  # whichever of them is the awk that scripts call


def test_no_path_of_an_image_leads_through_a_link(host: PretendHost) -> None:
    """Packages name /lib/x where the host has /usr/lib/x; both in one image are two files, which no engine loads."""
    found = host.close(process("/usr/bin/mawk"))
    links = {path for path in found.claims if (entry := found.tree.get(path)) and entry.kind == "l"}
    assert not [path for path in found.claims for link in links if path.startswith(f"{link}/")]


def test_a_program_brings_its_package_with_all_it_depends_on(host: PretendHost) -> None:
    host.package("libapr1", "/usr/lib/x86_64-linux-gnu/libapr-1.so.0", depends="libc6")
    host.package("apache2-bin", "/usr/sbin/apache2", depends="libapr1, missing | libc6")
    found = host.close(process("/usr/sbin/apache2"))
    assert (
        _reason(found, "/usr/lib/x86_64-linux-gnu/libapr-1.so.0") == "belongs to libapr1, which apache2-bin depends on"
    )
    assert _reason(found, "/usr/sbin/apache2") == "is the program of the service"


def test_the_package_of_the_init_script_comes_and_so_do_its_settings(host: PretendHost) -> None:
    """apachectl is in apache2, the executable in apache2-bin; /etc/default/x is in no package at all."""
    host.package("apache2-bin", "/usr/sbin/apache2")
    host.package("apache2", "/usr/sbin/apachectl", conffiles={"/etc/init.d/web": "#!/bin/sh"})
    host.file("/etc/default/web", "X=1")
    workload = make_workload("web", service=sysv("web"))
    found = host.close(process("/usr/sbin/apache2"), workload=workload)
    assert "brings /etc/init.d/web, by which the service is started" in _reason(found, "/usr/sbin/apachectl")
    assert "/etc/default/web" in found.claims


def test_the_name_by_which_a_program_was_called_comes_with_its_links(host: PretendHost) -> None:
    host.package("python3.11", "/usr/bin/python3.11")
    host.package("python3", depends="python3.11")
    host.link("/usr/bin/python3", "python3.11")
    host.file("/opt/app/app.py", "print()")
    found = host.close(process("/usr/bin/python3.11", "python3", "/opt/app/app.py"))
    assert {"/usr/bin/python3", "/opt/app/app.py"} <= set(found.claims)


def test_java_found_through_alternatives_keeps_working_by_every_name(host: PretendHost) -> None:
    host.package("jre", "/usr/lib/jvm/java-11/bin/java", "/usr/lib/jvm/java-11/lib/modules")
    host.link("/usr/lib/jvm/default-java", "java-11")
    host.link("/usr/bin/java", "/etc/alternatives/java")
    host.link("/etc/alternatives/java", "/usr/lib/jvm/java-11/bin/java")
    found = host.close(process("/usr/lib/jvm/java-11/bin/java", "/usr/lib/jvm/default-java/bin/java"))
    assert {"/usr/lib/jvm/default-java", "/usr/bin/java", "/etc/alternatives/java"} <= set(found.claims)
    assert "/usr/lib/jvm/java-11/lib/modules" in found.claims


def test_jars_are_known_from_what_is_open(host: PretendHost) -> None:
    host.package("jre", "/usr/bin/java")
    host.package("libfoo-java", "/usr/share/java/foo.jar", "/usr/share/java/foo-1.jar")
    found = host.close(process("/usr/bin/java", opened=["/usr/share/java/foo.jar"]))
    assert "/usr/share/java/foo-1.jar" in found.claims


def test_what_no_package_owns_comes_from_private_directories_only(host: PretendHost) -> None:
    host.package("mariadb", "/usr/sbin/mariadbd", conffiles={"/etc/mysql/my.cnf": "!includedir /etc/mysql/conf.d/"})
    host.file("/etc/mysql/conf.d/90-shop.cnf", "[mysqld]")
    host.file("/etc/mysql/my.cnf.dpkg-old", "")
    host.file("/usr/bin/handmade", "")
    found = host.close(process("/usr/sbin/mariadbd"))
    assert "/etc/mysql/conf.d/90-shop.cnf" in found.claims
    assert "/etc/mysql/my.cnf.dpkg-old" not in found.claims
    assert "/usr/bin/handmade" not in found.claims


def test_an_application_comes_whole_with_what_its_code_runs_and_loads(host: PretendHost) -> None:
    host.package("python3", "/usr/bin/python3")
    host.package("python3-flask", "/usr/lib/python3/dist-packages/flask/__init__.py", depends="python3-jinja2")
    host.package("python3-jinja2", "/usr/lib/python3/dist-packages/jinja2/__init__.py")
    host.package("python3-pymysql", "/usr/lib/python3/dist-packages/pymysql/__init__.py")
    host.package("python3-other", "/usr/lib/python3/dist-packages/other.py")
    for tool in ("openssl", "convert", "pdftotext", "gs"):
        host.package(f"{tool}-tools", f"/usr/bin/{tool}")
    host.file(
        "/opt/app/app.py",
        "from flask import Flask\nimport os\nURL = 'mysql+pymysql://db01/shop'\n"
        "def a(): subprocess.run(['openssl', 'dgst'])\n"
        "def b(): os.system('LANG=C convert x.png y.png | /usr/bin/pdftotext -')\n"
        "# gs was used before\n",
    )
    host.file("/opt/app/templates/index.html", "<p>")
    host.file("/opt/app/server.log", "noise")
    found = host.close(process("/usr/bin/python3", "/usr/bin/python3", "app.py", cwd="/opt/app"))
    claims = set(found.claims)
    assert {"/opt/app/templates/index.html", "/usr/bin/openssl", "/usr/bin/convert", "/usr/bin/pdftotext"} <= claims
    assert "/usr/lib/python3/dist-packages/jinja2/__init__.py" in claims
    assert _reason(found, "/usr/lib/python3/dist-packages/pymysql/__init__.py").endswith(
        "is a module that /opt/app/app.py names"
    )
    assert not claims & {"/usr/lib/python3/dist-packages/other.py", "/usr/bin/gs", "/opt/app/server.log"}


def test_gems_come_from_where_each_distribution_and_person_puts_them(host: PretendHost) -> None:
    """Ruby reads a file when it is first asked for and closes it: nothing of it is ever mapped."""
    gems = "/usr/share/rubygems-integration/all"
    native = "/usr/lib/x86_64-linux-gnu/rubygems-integration/3.1.0"
    host.package("ruby3.1", "/usr/bin/ruby3.1")
    host.package("ruby-sinatra", f"{gems}/gems/sinatra-3.0.5/lib/sinatra/base.rb", depends="ruby-tilt")
    host.package("ruby-tilt", "/usr/lib/ruby/vendor_ruby/tilt.rb")
    host.package("ruby-nio4r", f"{native}/gems/nio4r-2.5/lib/nio.rb", f"{native}/specifications/nio4r-2.5.gemspec")
    host.package("ruby-builder", f"{gems}/gems/builder-3.2.4/lib/builder.rb")
    host.package("ruby-qr", "/usr/lib/ruby/vendor_ruby/qr/code.rb")
    host.package("ruby-markdown", "/usr/lib/ruby/vendor_ruby/md.rb", f"{gems}/specifications/mark-down-2.4.0.gemspec")
    host.package("ruby-other", f"{gems}/specifications/mark-down-extra-1.0.gemspec")
    host.file("/srv/app/app.rb", "require 'sinatra/base'\nautoload :Code, 'qr/code'\nget('/feed') { builder :feed }\n")
    host.file(
        "/srv/app/gems/specifications/card-1.3.0.gemspec",
        'Gem::Specification.new do |s|\n  s.add_runtime_dependency(%q<mark-down>.freeze, ["~> 2.3"])\n'
        '  s.add_dependency "nio4r"\nend\n',
    )
    host.file("/var/lib/gems/3.1.0/gems/house-1.0/lib/house.rb", "HOUSE = 1\n")
    found = host.close(process("/usr/bin/ruby3.1", cwd="/srv/app"))
    assert _reason(found, "/var/lib/gems/3.1.0/gems/house-1.0/lib/house.rb")
    packages = {"ruby-sinatra", "ruby-tilt", "ruby-nio4r", "ruby-builder", "ruby-qr", "ruby-markdown"}
    assert {name for name in found.packages if name.startswith("ruby-")} == packages


def test_scripts_are_followed_to_the_programs_of_the_scripts_they_run(host: PretendHost) -> None:
    host.package("qrencode", "/usr/bin/qrencode")
    host.program(
        "/usr/local/bin/badge", "#!/bin/sh\nset -e\nif true; then\n  qrencode -o - \"$1\" | awk '{print}'\nfi\n"
    )
    host.file("/var/www/app/index.php", "<?php exec('/usr/local/bin/badge ' . escapeshellarg($x), $lines);")
    host.package("php", "/usr/bin/php8.2")
    found = host.close(process("/usr/bin/php8.2", cwd="/var/www/app"))
    assert "is run by /usr/local/bin/badge" in _reason(found, "/usr/bin/qrencode")
    assert "is named in /var/www/app/index.php" in _reason(found, "/usr/local/bin/badge")


def test_php_brings_the_program_that_mail_runs_with_its_generated_settings_and_log_directory(host: PretendHost) -> None:
    host.package("libphp", "/usr/lib/apache2/modules/libphp8.2.so")
    host.package("apache2-bin", "/usr/sbin/apache2")
    host.package("exim4-daemon", "/usr/sbin/exim4", depends="exim4-config")
    host.link("/usr/sbin/sendmail", "exim4")
    host.package("exim4-config", "/var/lib/exim4/", conffiles={"/etc/exim4/exim4.conf.template": ""})
    host.file("/var/lib/exim4/config.autogenerated", "log_file_path = /var/log/exim4/%slog\n")
    host.directory("/var/log/exim4", uid=103)
    host.directory("/var/log/unrelated", uid=104)
    found = host.close(process("/usr/sbin/apache2", mapped=["/usr/lib/apache2/modules/libphp8.2.so"]))
    claims = set(found.claims)
    assert {"/usr/sbin/sendmail", "/usr/sbin/exim4", "/var/lib/exim4/config.autogenerated", "/var/log/exim4"} <= claims
    assert "/var/log/unrelated" not in claims


def test_a_hand_built_program_brings_the_libraries_that_its_file_names(host: PretendHost) -> None:
    host.program("/usr/local/sbin/daemon", Path("/bin/true").read_bytes())
    found = host.close(process("/usr/local/sbin/daemon"))
    assert "/usr/lib/x86_64-linux-gnu/libc.so.6" in found.claims
    assert "/usr/lib64/ld-linux-x86-64.so.2" in found.claims


def test_data_is_never_in_an_image_and_logs_are_empty_directories(host: PretendHost) -> None:
    host.package(
        "web",
        "/usr/sbin/web",
        conffiles={"/etc/web/web.conf": "uploads /srv/shop/uploads\nlog /var/log/web/access.log\n"},
    )
    host.file("/srv/shop/index.html", "")
    host.file("/srv/shop/uploads/cat.jpg", "", uid=33)
    host.file("/var/log/web/access.log", "", uid=33)
    found = host.close(
        process("/usr/sbin/web", cwd="/srv/shop", opened=["/var/log/web/access.log"]),
        data={"/srv/shop/uploads": "data of web01/web"},
    )
    claims = set(found.claims)
    assert {"/srv/shop/index.html", "/var/log/web"} <= claims
    assert not claims & {"/srv/shop/uploads/cat.jpg", "/var/log/web/access.log"}


def test_what_never_belongs_into_an_image_stays_out_and_is_listed(host: PretendHost) -> None:
    host.package(
        "web",
        "/usr/sbin/web",
        "/usr/share/doc/web/README",
        "/usr/share/man/man8/web.8.gz",
        depends="linux-image-amd64, systemd",
    )
    host.package("linux-image-amd64", "/boot/vmlinuz")
    host.package("systemd", "/lib/systemd/systemd")
    host.file("/etc/shadow", "root:$6$x:1::::::")
    host.file("/etc/ssh/ssh_host_rsa_key", "")
    host.file("/etc/machine-id", "0123")
    host.file("/.brownfield/services", "not ours")
    host.file(
        "/opt/app/run.sh",
        "#!/bin/sh\ncat /etc/shadow /etc/machine-id /etc/ssh/ssh_host_rsa_key /.brownfield/services\n",
    )
    found = host.close(process("/usr/sbin/web", cwd="/opt/app"))
    for path in (
        "/usr/share/doc/web/README",
        "/boot/vmlinuz",
        "/etc/shadow",
        "/etc/ssh/ssh_host_rsa_key",
        "/etc/machine-id",
        "/.brownfield/services",
    ):
        assert path not in found.claims
    assert {"/usr/share/doc", "/usr/share/man", "package linux-image-amd64", "package systemd"} <= set(found.left_out)


def test_name_services_come_unless_they_ask_the_hosts_init(host: PretendHost) -> None:
    host.package("libnss-extra", "/usr/lib/x86_64-linux-gnu/libnss_extra.so.2")
    host.package("libnss-systemd", "/usr/lib/x86_64-linux-gnu/libnss_systemd.so.2")
    found = host.close(process("/usr/bin/mawk"))
    assert "/usr/lib/x86_64-linux-gnu/libnss_extra.so.2" in found.claims
    assert "/usr/lib/x86_64-linux-gnu/libnss_systemd.so.2" not in found.claims


def test_run_time_paths_are_remembered_not_copied(host: PretendHost) -> None:
    host.directory("/run/web", uid=33)
    host.package("web", "/usr/sbin/web", conffiles={"/etc/web/web.conf": "pid /var/run/web/web.pid\n"})
    found = host.close(process("/usr/sbin/web"))
    assert "/run/web" in found.run_paths
    assert "/run/web" not in found.claims


def test_jobs_of_the_workload_bring_what_they_run(host: PretendHost) -> None:
    host.package("php", "/usr/bin/php")
    host.file("/srv/shop/heartbeat.php", "<?php")
    job = CronJob("/etc/cron.d/shop", "www-data", "* * * * *", "cd / && php /srv/shop/heartbeat.php >/dev/null", HERE)
    found = host.close(process("/usr/bin/mawk"), workload=make_workload(schedules=[job]))
    assert {"/usr/bin/php", "/srv/shop/heartbeat.php"} <= set(found.claims)


def test_accounts_logins_and_jobs_of_others_bring_nothing(host: PretendHost) -> None:
    host.package("strongswan", "/var/lib/strongswan/", "/usr/sbin/charon")
    host.package("cron", "/usr/sbin/cron", conffiles={"/etc/crontab": "5 3 * * * root /usr/local/bin/backup-all\n"})
    host.program("/usr/local/bin/backup-all", "#!/bin/sh\nunrelated\n")
    host.file("/etc/passwd", "vpn:x:103:103::/var/lib/strongswan:/usr/sbin/charon\n")
    host.file("/etc/profile", "PATH=/usr/local/bin:/usr/bin\n. /usr/lib/unrelated/x\n")
    host.file("/opt/app/settings", "users=/etc/passwd\n")
    host.program("/opt/app/server")
    file_set = host.close(process("/opt/app/server"), workload=make_workload(packages=["cron"]))

    assert {"/etc/passwd", "/etc/profile", "/etc/crontab"} <= set(file_set.claims)
    assert not {"strongswan", "unrelated"} & set(file_set.packages)
    assert "/usr/local/bin/backup-all" not in file_set.claims


def test_a_unit_written_by_hand_brings_what_it_names(host: PretendHost) -> None:
    host.program("/usr/local/lib/gateway/gateway", "#!/bin/sh\n")
    host.file("/usr/local/lib/gateway/table.json", "{}")
    host.program("/usr/local/bin/prepare", "#!/bin/sh\n")
    unit = systemd("gateway", ExecStart="/usr/local/lib/gateway/gateway", ExecStartPre="/usr/local/bin/prepare -x")
    found = host.close(
        process("/usr/bin/sh", "/bin/sh", "/usr/local/lib/gateway/gateway"), workload=make_workload(service=unit)
    )
    assert {"/usr/local/lib/gateway/table.json", "/usr/local/bin/prepare"} <= set(found.claims)


def test_a_loop_of_scripts_and_of_links_ends(host: PretendHost) -> None:
    host.program("/opt/a/run", "#!/bin/sh\n/opt/b/run\n")
    host.program("/opt/b/run", "#!/bin/sh\n/opt/a/run\n")
    host.link("/opt/a/loop", "loop")
    host.link("/opt/a/up", "..")
    found = host.close(process("/usr/bin/sh", "/bin/sh", "/opt/a/run"))
    assert {"/opt/a/run", "/opt/b/run", "/opt/a/loop", "/opt/a/up"} <= set(found.claims)


def test_how_many_files_are_read_at_once_changes_nothing(host: PretendHost, monkeypatch: pytest.MonkeyPatch) -> None:
    host.program("/opt/app/server")
    for number in range(8):
        host.file(f"/opt/app/{number}.sh", f"#!/bin/sh\n/opt/tools/{number % 3}\n/opt/tools/{number}\nunrelated\n")
        host.file(f"/opt/tools/{number}", f"#!/bin/sh\n. /srv/{number}/lib.sh\n")
        host.file(f"/srv/{number}/lib.sh", "true\n")
    whole = host.close(process("/opt/app/server")).claims
    monkeypatch.setattr(file_contents, "AT_ONCE", 1)
    assert host.close(process("/opt/app/server")).claims == whole
    assert "/srv/7/lib.sh" in whole
