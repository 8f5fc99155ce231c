"""The private names on a host, from its own facts."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.model.users import User
from inventory.observation import value_or_none
from inventory.privacy.anonymity.anonymizer import PrivateNames
from inventory.recording import Recording
from inventory.snapshot import Snapshot

_FIRST_PERSON = 1000
_FIRST_OF_OLD = 500
"""The first uid of people on Red Hat before 7; today programs have those, which log in nowhere."""

_NOBODY = (65534, 65535)

_WORDS = frozenset(
    """all any app bin boot build cache conf config core cpu daemon data debug default dev device disk dns email enable
    error etc eth exec exit false file files ftp group home host http https info init kernel lib list local lock log
    login mail main map media memory mnt mode module name net network nfs no node none null off on opt options part path
    pid port proc process prod proto public python read root rpc run script sec server service session shell sock
    socket srv start state static status stop sys system systemd tcp temp test time tmp true type udp unit unix unknown
    user users usr value var version virtual web work write www yes""".split()  # noqa: SIM905 - a list of words
)
"""Words that occur in the files of every host: as a name they reveal nothing, and replacing them would spoil all."""


def names_of(snapshot: Snapshot, recording: Recording, estate: Iterable[str] = ()) -> PrivateNames:
    """Hosts, people, and the words that programs need. ``estate`` are names and addresses of the inventory."""
    system, users = value_or_none(snapshot.system), value_or_none(snapshot.users)
    hosts = [recording.host, *estate]
    if system is not None and system.hostname:
        hosts += [system.hostname, system.hostname.partition(".")[0]]
    hosts += _of_hosts_file(snapshot)
    people = [each for each in users.users if is_person(each)] if users is not None else []
    accounts = {each.name for each in people}
    names = [*accounts, recording.user]
    if users is not None:
        names += [each.name for each in users.groups if each.gid >= _FIRST_PERSON and each.gid not in _NOBODY]
    comments = [piece.strip() for each in people for piece in each.comment.split(",")]
    return PrivateNames(tuple(hosts), tuple(sorted(set(names))), tuple(comments), _taken(snapshot), _packages(snapshot))


def _of_hosts_file(snapshot: Snapshot) -> list[str]:
    """Names of other hosts; those of this one's own loopback (``localhost``, ``ip6-allnodes``) are everywhere."""
    network = value_or_none(snapshot.network)
    entries = network.hosts if network is not None else ()
    own = ("127.0.0.", "::1", "ff", "fe", "0.")
    return [name for each in entries if not each.address.startswith(own) for name in each.names]


def is_person(user: User) -> bool:
    """Whether an account belongs to a person, or to something that the site made."""
    if _FIRST_OF_OLD <= user.uid < _FIRST_PERSON:
        return user.home.startswith("/home/") and not user.shell.endswith(("/nologin", "/false"))
    return user.uid >= _FIRST_PERSON and user.uid not in _NOBODY


def _packages(snapshot: Snapshot) -> frozenset[str]:
    packages = value_or_none(snapshot.packages)
    return frozenset(package.name.lower() for package in packages.packages) if packages is not None else frozenset()


def _taken(snapshot: Snapshot) -> frozenset[str]:
    """Names of packages, programs, services and system accounts."""
    words = {*_WORDS, *_packages(snapshot)}
    users = value_or_none(snapshot.users)
    if users is not None:
        words.update(user.name for user in users.users if not is_person(user))
        words.update(group.name for group in users.groups if group.gid < _FIRST_PERSON)
    for elf in value_or_none(snapshot.executables) or ():
        words.add(elf.path.rpartition("/")[2])
    for process in value_or_none(snapshot.processes) or ():
        words.add(process.name)
    return frozenset(word.lower() for word in words)
