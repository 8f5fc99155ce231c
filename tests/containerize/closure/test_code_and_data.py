"""An application's directory belongs to one account, and is code and data all the same."""

from __future__ import annotations

import time

import pytest

from containerize.closure.code_and_data import MOST_PARTS, DividedTree, divide
from containerize.host.file_tree import HostTree
from tests.containerize.closure.pretend_host import DEPLOYED, PretendHost

APP = "/srv/app"
UID = 1001
LATER = DEPLOYED + 86_400


@pytest.fixture
def host() -> PretendHost:
    """A Flask application with its environment, as ``chown -R app: /srv/app`` leaves it."""
    host = PretendHost()
    for directory in (APP, f"{APP}/venv", f"{APP}/templates"):
        host.directory(directory, uid=UID)
    for name in ("app.py", "wsgi.py", "templates/index.html", "venv/lib/python3.11/site-packages/flask/app.py"):
        host.file(f"{APP}/{name}", "code", uid=UID)
    host.file(f"{APP}/settings.ini", "x=1", uid=UID, mtime=LATER)
    host.file(f"{APP}/__pycache__/app.pyc", b"\0", uid=UID, mtime=LATER)
    return host


def divided(host: PretendHost, *opened: str, uid: int = UID) -> DividedTree:
    return divide(HostTree(host.entries), APP, opened, lambda entry: entry.uid == uid)


def test_an_application_that_wrote_nothing_is_code(host: PretendHost) -> None:
    assert divided(host) == DividedTree({})


def test_what_was_written_since_the_code_came_is_data(host: PretendHost) -> None:
    host.file(f"{APP}/pictures/2024/01/cat.jpg", b"x", uid=UID, mtime=LATER)
    host.file(f"{APP}/pictures/2024/02/dog.jpg", b"x", uid=UID, mtime=LATER + 99)
    for directory in ("pictures", "pictures/2024", "pictures/2024/01", "pictures/2024/02"):
        host.directory(f"{APP}/{directory}", uid=UID)
    found = divided(host)
    assert list(found.data) == [f"{APP}/pictures"]
    assert "was written after the code was deployed (1970-01-12 13:46 UTC)" in found.data[f"{APP}/pictures"]
    assert not found.mixed


def test_an_upload_that_keeps_its_old_time_is_told_by_the_name_of_its_directory(host: PretendHost) -> None:
    host.file(f"{APP}/uploads/old.jpg", b"x", uid=UID, mtime=5)
    host.directory(f"{APP}/uploads", uid=UID)
    assert list(divided(host).data) == [f"{APP}/uploads"]


def test_a_directory_that_the_service_may_not_write_is_code_whatever_its_name(host: PretendHost) -> None:
    host.file(f"{APP}/data/countries.csv", b"x", mtime=LATER)
    assert divided(host) == DividedTree({})


def test_a_database_beside_the_code_makes_a_volume_of_all_and_stays_out_of_the_image(host: PretendHost) -> None:
    host.file(f"{APP}/app.db", b"x", uid=UID)
    found = divided(host)
    assert found.mixed == {APP}
    assert list(found.outside) == [f"{APP}/app.db"]
    assert "holds the database /srv/app/app.db" in found.data[APP]


def test_a_file_that_is_open_is_data_whatever_its_time(host: PretendHost) -> None:
    host.file(f"{APP}/var/queue.bin", b"x", uid=UID)
    host.directory(f"{APP}/var", uid=UID)
    host.file(f"{APP}/counter/value", b"x", uid=UID)
    assert set(divided(host, f"{APP}/counter/value").data) == {f"{APP}/counter", f"{APP}/var"}


def test_migrations_in_a_directory_called_db_are_code_until_a_database_is_there(host: PretendHost) -> None:
    host.file(f"{APP}/db/schema.rb", b"x", uid=UID)
    host.directory(f"{APP}/db", uid=UID)
    assert divided(host) == DividedTree({})
    host.file(f"{APP}/db/production.sqlite3", b"x", uid=UID)
    found = divided(host)
    assert found.mixed == {f"{APP}/db"}
    assert list(found.outside) == [f"{APP}/db/production.sqlite3"]


def test_an_update_of_a_part_brings_pictures_that_are_code(host: PretendHost) -> None:
    host.file(f"{APP}/plugins/map/map.php", "code", uid=UID, mtime=LATER)
    host.file(f"{APP}/plugins/map/pin.png", b"x", uid=UID, mtime=LATER + 1)
    assert divided(host) == DividedTree({})


def test_archives_keep_the_times_of_their_files(host: PretendHost) -> None:
    """What is older than the newest code came with it, when the code was written over years."""
    for number in range(20):
        host.file(f"{APP}/core/part{number}.php", "code", uid=UID, mtime=DEPLOYED + (number + 2) * 1_000_000)
    host.file(f"{APP}/core/logo.gif", b"x", uid=UID, mtime=DEPLOYED + 8_500_000)
    assert divided(host) == DividedTree({})


def test_compiled_templates_in_a_cache_do_not_move_the_time_of_the_deployment(host: PretendHost) -> None:
    for number in range(30):
        host.file(f"{APP}/storage/views/{number}.php", "code", uid=UID, mtime=LATER + number)
    host.directory(f"{APP}/storage", uid=UID)
    host.file(f"{APP}/pictures/cat.jpg", b"x", uid=UID, mtime=LATER)
    host.directory(f"{APP}/pictures", uid=UID)
    found = divided(host)
    assert set(found.data) == {f"{APP}/storage", f"{APP}/pictures"}
    assert found.mixed == {f"{APP}/storage"}


def test_data_in_many_places_makes_one_volume(host: PretendHost) -> None:
    for number in range(MOST_PARTS + 1):
        host.file(f"{APP}/part{number}/state", b"x", uid=UID, mtime=LATER)
        host.file(f"{APP}/part{number}/part.py", b"x", uid=UID)
        host.directory(f"{APP}/part{number}", uid=UID)
    found = divided(host)
    assert list(found.data) == [APP]
    assert f"{APP}/part0/state" in found.outside


def test_a_directory_without_code_is_not_divided() -> None:
    host = PretendHost()
    host.directory(APP, uid=UID)
    host.file(f"{APP}/table.dat", b"x", uid=UID, mtime=LATER)
    assert divided(host) == DividedTree({})


def test_directories_nested_without_end_are_data(host: PretendHost) -> None:
    deep = f"{APP}{'/x' * 1500}"
    host.directory(deep, uid=UID)
    assert list(divided(host).data) == [f"{APP}/x"]


def test_many_parts_take_the_time_of_their_number(host: PretendHost) -> None:
    for number in range(8000):
        place = f"{APP}/users/{number}"
        host.entries[place] = host.entries[f"{place}/cache"] = host.entries[APP]
        host.entries[f"{place}/index.php"] = host.entries[f"{APP}/app.py"]
    host.entries[f"{APP}/users"] = host.entries[APP]
    began = time.process_time()
    assert list(divided(host).data) == [APP]
    assert time.process_time() - began < 5
