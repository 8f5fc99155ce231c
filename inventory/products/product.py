"""The form of a product file: everything known about one server product, one table for each kind of knowledge.

``programs`` of a product are names of its executables (``*`` stands for any characters). A table that concerns other
programs than these has its own ``programs``. Patterns are regular expressions, written as text.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Port = Annotated[int, Meta(ge=1, le=65535)]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a product file. A key that it does not know is an error."""


class ProgramTable(Table, frozen=True, kw_only=True):
    """A table that concerns programs. ``programs`` is None where it concerns those of the product."""

    programs: tuple[str, ...] | None = None


class DatabaseTable(ProgramTable, frozen=True, kw_only=True):
    """Recognition of a database server, and where its data directory and port are set.

    All are patterns: ``packages`` match whole package names, ``main_class`` a Java class, ``files`` the whole path of a
    configuration file. ``directory_arguments`` come right before a directory on the command line,
    ``directory_settings`` name a setting. Where a file has another form, ``directory_pattern`` has the group ``path``
    and ``port_pattern`` the group ``port``. ``runs_in_data_directory``: the data directory is its working directory.
    ``version_in_path`` finds the version (group 1) in the path of an executable. ``kind`` is its name in documents, the
    product's if it is empty.
    """

    kind: str = ""
    packages: tuple[str, ...] = ()
    main_class: str = ""
    directory_arguments: tuple[str, ...] = ()
    files: str = ""
    directory_settings: tuple[str, ...] = ()
    directory_pattern: str = ""
    port_pattern: str = ""
    runs_in_data_directory: bool = False
    version_in_path: str = ""


class WebServerTable(ProgramTable, frozen=True, kw_only=True):
    """Recognition of a web server or reverse proxy whose configuration is read.

    ``reader`` names the function that reads it. ``usual`` matches the beginning of the usual directory,
    ``main_files`` are names of the first file, ``packages`` match whole package names. ``file_option`` and
    ``folder_option`` are the letters of the options that name the first file and the directory of relative paths.
    """

    reader: str
    usual: str
    main_files: tuple[str, ...]
    packages: tuple[str, ...]
    file_option: str
    folder_option: str = ""


class ApplicationServerTable(Table, frozen=True, kw_only=True):
    """Recognition of a Java application server.

    ``main_class`` matches its main class or archive. ``homes`` and ``bases`` are system properties, or variables in
    capitals, that name its installation and its instance; ``folders`` hold applications, below the base. ``packages``
    match whole package names, ``version_in_path`` finds the version (group 1) in a path. ``kind`` is its name in
    documents, the product's if it is empty.
    """

    kind: str = ""
    main_class: str
    homes: tuple[str, ...]
    bases: tuple[str, ...]
    folders: tuple[str, ...]
    packages: tuple[str, ...] = ()
    version_in_path: str


class ScriptServerTable(Table, frozen=True, kw_only=True):
    """Recognition of an application server of PHP, Python or Ruby.

    ``process`` matches the program, a script that an interpreter runs, or the title that a process gives itself.
    ``packages`` match whole package names, ``files`` the whole path of a configuration file. ``kind`` is its name in
    documents, the product's if it is empty.
    """

    kind: str = ""
    process: str
    packages: tuple[str, ...]
    files: str = ""


class InstallationTable(Table, frozen=True, kw_only=True):
    """An argument that names an installation whose account may write there, although it is the program.

    ``argument`` comes right before the path. ``program`` are names below it that belong in the image ("" is the
    directory itself), ``data`` those that stay data.
    """

    argument: str
    program: tuple[str, ...]
    data: tuple[str, ...]


class ConfigurationRootsTable(Table, frozen=True, kw_only=True):
    """Configuration directories that are not named after their packages. ``packages`` are prefixes of package names
    (``postgresql`` for postgresql-15).
    """

    packages: tuple[str, ...]
    roots: tuple[str, ...]


class DataPlacesTable(ProgramTable, frozen=True, kw_only=True):
    """Directories in which the product keeps data that must not be lost.

    ``arguments`` are options with the directory after them, after ``=`` or attached; ``keys`` settings that name it;
    ``default`` directories are used when nothing names one and they exist. ``unless_set`` are directories that are
    always used, each by the setting that moves it. ``clients`` are programs that work on the server: a cron job that
    runs one belongs to it.
    """

    arguments: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    default: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    unless_set: dict[str, str] = {}


class StateTable(Table, frozen=True, kw_only=True):
    """Directories (patterns of fnmatch) whose state needs more than a volume. ``kind`` is one of state_kinds.toml."""

    kind: str
    paths: tuple[str, ...]


class PortsTable(Table, frozen=True, kw_only=True):
    """Default ports. ``set_by`` are patterns of the settings that set them. ``schemes`` are URL schemes, and
    ``settings`` first words of a line (lower case), with which others name such a server; each with the port that is
    meant when the line has none.
    """

    tcp: tuple[Port, ...] = ()
    udp: tuple[Port, ...] = ()
    set_by: tuple[str, ...] = ()
    schemes: dict[str, Port] = {}
    settings: dict[str, Port] = {}


class HostFunctionTable(ProgramTable, frozen=True, kw_only=True):
    """The product serves its host. ``function`` is one of host_functions.toml; a program with a slash is a path."""

    function: str


class PortProtocolTable(ProgramTable, frozen=True, kw_only=True):
    """The product speaks a protocol of port_protocols.toml, in which a port is more than a number.

    ``classes`` are Java main classes. ``sign`` is a pattern that an argument must match, for a server that speaks it
    only in some modes. ``settings`` (lower case) hold the address or port that clients are told. A protocol that only
    this product speaks is defined here, by ``family``, ``moving`` and ``remedy`` (see port_protocols.toml).
    """

    protocol: str
    family: str = ""
    moving: Literal["", "fixed", "dearer"] = ""
    remedy: str = ""
    tcp: tuple[Port, ...] = ()
    udp: tuple[Port, ...] = ()
    held_by: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    sign: str = ""
    settings: tuple[str, ...] = ()


class EndOfLifeTable(ProgramTable, frozen=True, kw_only=True):
    """When releases end. ``product`` is its name in products_end_of_life.csv. ``version`` finds the release (group 1)
    in the path of a program that no package owns or, where it has no programs, in any argument.
    """

    product: str
    version: str


class PlacementHintsTable(ProgramTable, frozen=True, kw_only=True):
    """``by_name``: clients say the server's name first, so that a reverse proxy can tell services apart.
    ``keeps_data_of_others``: it moves late, since other services depend on it.
    """

    by_name: bool = False
    keeps_data_of_others: bool = False


class ClosesDescriptorsTable(ProgramTable, frozen=True, kw_only=True):
    """Programs that iterate over every possible file descriptor. ``versions`` are beginnings of versions, () for all of
    them.
    """

    versions: tuple[str, ...] = ()


class SizedByMachineTable(ProgramTable, frozen=True, kw_only=True):
    """Programs that choose memory or threads by the size of the machine; ``remedy`` says how to limit them."""

    remedy: str


class KernelSettingsTable(ProgramTable, frozen=True, kw_only=True):
    """Kernel settings that are usually changed for the product."""

    settings: tuple[str, ...]


class ForegroundTable(ProgramTable, frozen=True, kw_only=True):
    """The foreground options of a daemon, its stop signal, and whether it reaps children.

    ``remove`` are runs of arguments that are taken out, ``optional`` options among them that may have an argument,
    which goes too; ``replace`` are pairs of arguments; ``add`` is put at the end. ``title`` matches the command line of
    a program that rewrites it: group 1 is what it was given. ``form`` names a function for what a table cannot say.
    ``user``: started as root although it was seen under another account, because the program changes over itself
    (``root``), or under the account that was seen (``process``). ``sets_umask``: the umask that was seen is the
    program's own. ``on_demand`` are programs that it starts when there is work and that end by themselves. ``syslog``:
    it logs to /dev/log, which a container lacks. ``shm_bytes`` is the shared memory that it needs.
    """

    reason: str
    form: str = ""
    title: str = ""
    remove: tuple[tuple[str, ...], ...] = ()
    optional: tuple[str, ...] = ()
    replace: tuple[tuple[str, str], ...] = ()
    add: tuple[str, ...] = ()
    stop_signal: str = "SIGTERM"
    user: Literal["", "root", "process"] = ""
    reaps: bool = False
    syslog: bool = False
    sets_umask: bool = False
    shm_bytes: int = 0
    on_demand: tuple[str, ...] = ()
    note: str = ""


class ImpliedTable(Table, frozen=True, kw_only=True):
    """Programs and packages that the product uses without naming them. ``uses`` matches the name of a program or
    library of the image; ``run`` (paths) and ``packages`` are included where the host has them.
    """

    uses: str
    run: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    reason: str


class HandedOverTable(Table, frozen=True, kw_only=True):
    """A ``program`` that hands work to the product through its data ``directory``: an image with the program shares
    that volume. ``port``: where the product listens, if it does.
    """

    program: str
    directory: str
    port: Port
    reason: str


class CompanionsTable(ProgramTable, frozen=True, kw_only=True):
    """``by_localhost``: for its clients ``localhost`` means its Unix socket, so that they need it on their own host.
    ``without_host``: so does a setting that names no host. ``runs_clients_files``: it executes files that its clients
    name (FastCGI), so that both need the same files.
    """

    by_localhost: bool = False
    without_host: bool = False
    runs_clients_files: bool = False


class ProtocolTable(ProgramTable, frozen=True, kw_only=True):
    """``name`` is one of the protocols in which a pilot can ask (``http``, or one of the conversations)."""

    name: str


class SeedTable(ProgramTable, frozen=True, kw_only=True):
    """The way a pilot fills the volumes; ``name`` is one of the seeds."""

    name: str


class HealthTable(ProgramTable, frozen=True, kw_only=True):
    """Commands that ask the server without a password and end with 0 when it works; the first that the image has."""

    commands: tuple[tuple[str, ...], ...]


class AccessLogTable(ProgramTable, frozen=True, kw_only=True):
    """Access logs (shell patterns of paths) in the common or combined form."""

    paths: tuple[str, ...]


class CompareTable(Table, frozen=True, kw_only=True):
    """The comparison between the live server and its copy: ``settings`` that the server reports about itself."""

    settings: tuple[str, ...]


class NeverTable(ProgramTable, frozen=True, kw_only=True):
    """Actions that harm the product. ``connect_silently`` is the reason why a connection without a login does harm."""

    connect_silently: str = ""


class Product(Table, frozen=True, kw_only=True):
    """A product file. ``title`` is its name for people; its identifier is the name of the file."""

    title: str
    programs: tuple[str, ...] = ()
    client_addresses: str = ""
    """A pattern for the beginning of a line that treats clients by their address."""
    licensed_by_processors: bool = False
    started_by_others: tuple[str, ...] = ()
    """Daemons that a program starts when it needs them, and that outlive it."""
    database: DatabaseTable | None = None
    web_server: WebServerTable | None = None
    application_server: ApplicationServerTable | None = None
    script_server: ScriptServerTable | None = None
    installation: tuple[InstallationTable, ...] = ()
    configuration: tuple[ConfigurationRootsTable, ...] = ()
    data: tuple[DataPlacesTable, ...] = ()
    state: tuple[StateTable, ...] = ()
    ports: PortsTable = PortsTable()
    host_function: HostFunctionTable | None = None
    port_protocol: tuple[PortProtocolTable, ...] = ()
    end_of_life: EndOfLifeTable | None = None
    placement: PlacementHintsTable | None = None
    closes_descriptors: ClosesDescriptorsTable | None = None
    sized_by_machine: SizedByMachineTable | None = None
    kernel_settings: tuple[KernelSettingsTable, ...] = ()
    foreground: tuple[ForegroundTable, ...] = ()
    implied: tuple[ImpliedTable, ...] = ()
    handed_over: tuple[HandedOverTable, ...] = ()
    companions: CompanionsTable | None = None
    protocol: ProtocolTable | None = None
    seed: SeedTable | None = None
    health: HealthTable | None = None
    access_log: tuple[AccessLogTable, ...] = ()
    compare: CompareTable | None = None
    never: NeverTable | None = None

    def programs_of(self, table: ProgramTable) -> tuple[str, ...]:
        """The programs that one of its tables concerns."""
        return self.programs if table.programs is None else table.programs
