"""Logging in over SSH: keys from files, keys of the agent, a password, in ssh's order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import paramiko

from inventory.ansible.host_variables import PASSPHRASE
from inventory.errors import LoginRefused
from inventory.host import Host
from inventory.transports import ssh_keys
from inventory.transports.printable_text import printable
from inventory.transports.ssh_settings import SshSettings

_DEFAULT_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
_State = tuple[int, int] | None


@dataclass
class _Attempts:
    """The methods that were tried, in words, and those that the server accepts."""

    tried: list[str] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    offered: tuple[str, ...] = ()


def log_in(transport: paramiko.Transport, host: Host, settings: SshSettings) -> None:
    """Log in as ``settings.user``; raises LoginRefused with what was tried.

    A server that asks for a key and then a password gets both.
    """
    attempts = _Attempts()
    user = settings.user
    try:
        remaining: tuple[str, ...] | None = None
        for name, key in _keys(host, settings, attempts):
            attempts.tried.append(name)
            try:
                remaining = tuple(transport.auth_publickey(user, key))
            except paramiko.BadAuthenticationType as error:
                attempts.offered = tuple(error.allowed_types)
                break
            except paramiko.AuthenticationException as error:
                if not transport.is_active():
                    raise
                attempts.offered = _offered(error) or attempts.offered
                continue
            if not remaining:
                return
            break
        if host.password is not None:
            attempts.tried.append("the password of the inventory")
            if not transport.auth_password(user, host.password):
                return
        elif remaining:
            attempts.offered = remaining
        elif not attempts.offered:
            attempts.offered = _ask(transport, user)
            if transport.is_authenticated():
                return
    except paramiko.BadAuthenticationType as error:
        attempts.offered = tuple(error.allowed_types)
    except (paramiko.SSHException, EOFError, OSError) as error:
        if not transport.is_active():
            raise LoginRefused(_ended(host, settings, attempts, error)) from error
    raise LoginRefused(_refused(host, settings, attempts))


def _offered(error: paramiko.AuthenticationException) -> tuple[str, ...]:
    return tuple(getattr(error, "allowed_types", ()))


def _ask(transport: paramiko.Transport, user: str) -> tuple[str, ...]:
    """The methods that the server accepts, by the request that every client begins with (RFC 4252, 5.2)."""
    try:
        transport.auth_none(user)
    except paramiko.BadAuthenticationType as error:
        return tuple(error.allowed_types)
    except paramiko.SSHException:
        pass
    return ()


def _keys(host: Host, settings: SshSettings, attempts: _Attempts) -> Iterator[tuple[str, paramiko.PKey]]:
    """Keys with their names for the user. A key that the inventory names must be usable; others are passed over."""
    agent_keys = _agent_keys(settings)
    given = [] if host.private_key_file is None else [Path(host.private_key_file)]
    named = [*given, *(file for file in settings.identity_files if file not in given)]
    passphrase = next((str(host.variables[name]) for name in PASSPHRASE if name in host.variables), None)
    sent: set[bytes] = set()
    for file in named or [Path.home() / ".ssh" / name for name in _DEFAULT_KEYS]:
        if not named and not file.is_file():
            continue
        held = _held_by_agent(file, agent_keys)
        try:
            key = held if held is not None else load_key(file, passphrase)
        except LoginRefused as error:
            if file in given:
                raise LoginRefused(f"{host.name}: {error}") from error
            attempts.unusable.append(str(error))
            continue
        sent.add(key.asbytes())
        yield f"key {file}", key
    if settings.identities_only:
        return
    for key in agent_keys:
        if key.asbytes() not in sent:
            yield "a key of the agent", key


def _agent_keys(settings: SshSettings) -> tuple[paramiko.PKey, ...]:
    if not settings.use_agent:
        return ()
    try:
        # The keys keep the agent's connection as long as they live.
        return tuple(paramiko.Agent().get_keys())
    except (paramiko.SSHException, OSError):
        return ()


def _held_by_agent(file: Path, agent_keys: tuple[paramiko.PKey, ...]) -> paramiko.PKey | None:
    """The agent's key for a file, found by the public half next to it: so no passphrase is needed."""
    if not agent_keys:
        return None
    try:
        fields = Path(f"{file}.pub").read_text("ascii").split()
    except (OSError, ValueError):
        return None
    return next((key for key in agent_keys if len(fields) > 1 and key.get_base64() == fields[1]), None)


def load_key(file: Path, passphrase: str | None = None) -> paramiko.PKey:
    """The private key in ``file``, with its certificate if there is one; raises LoginRefused."""
    if passphrase and not _is_encrypted(file):
        passphrase = None  # one passphrase may be given for all hosts, and paramiko rejects one that is not needed
    try:
        return _read_key(file, passphrase, (_state(file), _state(Path(f"{file}-cert.pub"))))
    except FileNotFoundError:
        raise LoginRefused(f"the key file {file} does not exist; correct ansible_ssh_private_key_file") from None
    except OSError as error:
        raise LoginRefused(f"the key file {file} cannot be read: {error.strerror}") from None
    except (paramiko.PasswordRequiredException, TypeError):
        raise LoginRefused(
            f"the key file {file} needs a passphrase; add it to the agent with ssh-add {file}, "
            "or use --ask-key-passphrase"
        ) from None
    except (paramiko.SSHException, ValueError, paramiko.pkey.UnknownKeyType) as error:
        if passphrase:
            raise LoginRefused(f"the passphrase that was given does not open the key file {file}") from None
        raise LoginRefused(
            f"the key file {file} does not hold a usable private key: {printable(str(error), 100)}"
        ) from None


@lru_cache(maxsize=64)
def _read_key(file: Path, passphrase: str | None, _states: tuple[_State, _State]) -> paramiko.PKey:
    """Load a key. That takes a millisecond, and most hosts of an inventory have the same one.

    ``_states`` are those of the file and of the certificate next to it, which are read together.
    """
    # By position, since paramiko 5 renamed the parameter; as bytes, since cryptography takes no text.
    secret: Any = passphrase.encode() if passphrase else None
    return paramiko.PKey.from_path(file, secret)


def _state(file: Path) -> _State:
    """The time when a file was changed, and its size; None where they are not known."""
    try:
        state = file.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


def _is_encrypted(file: Path) -> bool:
    """Whether a key file needs a passphrase. OpenSSH names the cipher first (PROTOCOL.key); so does PEM."""
    try:
        content = file.read_bytes()[:65536]
    except OSError:
        return True
    if b"OPENSSH PRIVATE KEY" in content:
        return ssh_keys.cipher(content) != "none"
    return b"ENCRYPTED" in content


def _refused(host: Host, settings: SshSettings, attempts: _Attempts) -> str:
    tried = _counted(attempts.tried) or "nothing, since no key and no password is at hand"
    offers = ", ".join(printable(one, 40) for one in attempts.offered[:6])
    words = f"{host.name} denied the login of {settings.user}: tried {tried}"
    if offers:
        words += f"; it accepts {offers}"
    if attempts.unusable:
        words += f"; {attempts.unusable[0]}"
    return words + "; correct ansible_user or ansible_ssh_private_key_file"


def _ended(host: Host, settings: SshSettings, attempts: _Attempts, error: BaseException) -> str:
    tried = _counted(attempts.tried) or "nothing yet"
    why = printable(str(error), 120) or type(error).__name__
    return f"{host.name} ended the login of {settings.user} (tried {tried}): {why}"


def _counted(tried: list[str]) -> str:
    names = list(dict.fromkeys(tried))
    counted = [f"{tried.count(name)} agent keys" if tried.count(name) > 1 else name for name in names]
    return ", ".join(counted)
