"""Jobs of cron that belong to a workload."""

from assess.workloads import find_workloads
from inventory.observation import Found
from inventory.sections.supervision.services import SECTION as SERVICES
from tests.support.live import found
from tests.support.recordings import answer
from tests.support.snapshots import HostBuilder

TIMER = """\
Id=shop-tidy.service
MainPID=0
LoadState=loaded
ExecStart={ path=/opt/shop/serve ; argv[]=/opt/shop/serve --tidy ; ignore_errors=no ; start_time=[n/a] }

Id=shop-tidy.timer
LoadState=loaded
ActiveState=active
Triggers=shop-tidy.service
FragmentPath=/etc/systemd/system/shop-tidy.timer
TimersCalendar={ OnCalendar=daily ; next_elapse=n/a }
"""


def jobs(host: HostBuilder) -> list[str]:
    (workload,) = [each for each in find_workloads(host.build()) if each.kind == "service"]
    return [job.command for job in workload.schedules]


def shop() -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.user("shop", 900)
    host.process(50, "/usr/bin/python3", "/opt/shop/server.py", uid=900)
    host.config("/opt/shop/server.py", "PORT = 80", code=True)
    host.init_script("shop-app", "P=/opt/shop/server.py\npython3 $P\n")
    return host


def test_a_job_of_its_account_or_of_its_files_or_with_its_name_belongs_to_it() -> None:
    host = shop()
    host.job("/usr/bin/report", user="shop")
    host.job("cd / && /opt/shop/bin/clean --all")
    host.job("test -x x && y", place="/etc/cron.d/shop-app")
    host.job("/usr/sbin/logrotate /etc/logrotate.conf")
    host.job("/usr/bin/python3 /usr/local/bin/other.py")

    assert jobs(host) == ["/usr/bin/report", "cd / && /opt/shop/bin/clean --all", "test -x x && y"]


def test_the_jobs_of_root_are_not_those_of_every_service_of_root() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x")
    host.job("/usr/bin/backup", user="root")

    assert not jobs(host)


def test_the_dump_of_a_database_belongs_to_the_database() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/mariadbd", uid=101)
    host.job("mysqldump --single-transaction shop | gzip > /var/backups/shop.gz", user="root")
    host.job("echo mysqldumper", user="root")

    assert jobs(host) == ["mysqldump --single-transaction shop | gzip > /var/backups/shop.gz"]


def test_a_timer_whose_command_works_on_the_services_data_is_a_job_of_it() -> None:
    snapshot = found(SERVICES, answer("services", init=b"name=systemd\nsystemd=yes\n", units=TIMER.encode()))
    host = HostBuilder()
    host.init()
    host.listen(host.process(30, "/opt/shop/serve", unit="shop.service"), 8080)
    host.overrides["services"] = Found(snapshot)
    (shop,) = (workload for workload in find_workloads(host.build()) if workload.name == "shop")

    assert [(job.schedule, job.command) for job in shop.schedules] == [("OnCalendar=daily", "/opt/shop/serve --tidy")]
