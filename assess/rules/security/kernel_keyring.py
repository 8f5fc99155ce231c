"""SEC008."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.host_users import of_accounts
from assess.subjects.rule_subjects import HostSubject
from inventory.model.kernel import KernelKey
from inventory.observation import value_or_none

_KINDS = {
    "user": "a key of a program",
    "logon": "a key of a program",
    "big_key": "a key of a program",
    "encrypted": "an encrypted key",
    "trusted": "a key sealed by the TPM",
    "rxrpc": "a ticket of AFS",
    "ceph": "a key of Ceph",
    "cifs.spnego": "a ticket of Windows file shares",
    "cifs.idmap": "a mapping of accounts of Windows file shares",
    "id_resolver": "a mapping of accounts of NFS",
    "id_legacy": "a mapping of accounts of NFS",
    "ecryptfs": "a key of eCryptfs",
}


@rule("SEC008", scope=Scope.HOST, needs=("kernel",))
def kernel_keyring(subject: HostSubject) -> RuleAnswer:
    """Programs keep keys in the kernel's keyrings: Kerberos tickets, encrypted directories, network file systems.

    Why:
        Keyrings belong to the kernel and not to a container, so engines refuse the calls: keyctl and add_key answer
        "Operation not permitted" whatever capabilities are given. A Kerberos cache of the kind KEYRING: does not work.
    Remedy:
        Set default_ccache_name to a FILE: cache in krb5.conf, mount network and encrypted file systems on the container
        host, or run with a seccomp profile that allows the calls.
    Source:
        /proc/keys, see keyrings(7); only keys that we may view. The default seccomp profile of Docker; tested.
    """
    kernel = value_or_none(subject.host.snapshot.kernel)
    if kernel is None:
        return
    if kernel.keys is None:
        yield Undecided("kernel", "/proc/keys could not be read")
        return
    found = [(key, what) for key in kernel.keys if (what := _meaning(key))]
    if found:
        kinds = ", ".join(dict.fromkeys(what for _, what in found))
        yield Hit(
            Severity.MINOR,
            f"The kernel's keyrings hold {kinds}.",
            tuple(
                Evidence(
                    f"a key of the kind {key.kind} belongs to {subject.host.account(key.uid)}",
                    key.origin,
                    key.description,
                )
                for key, _ in found[:5]
            ),
            affects=of_accounts(subject.host, {key.uid for key, _ in found}),
        )

    elif not subject.host.snapshot.privileged:
        yield Undecided("kernel", "the kernel shows only root the keys of every user")


def _meaning(key: KernelKey) -> str:
    if key.kind == "keyring":
        return "a cache of Kerberos tickets" if key.description.startswith("_krb") else ""
    # systemd gives every service a key with the id of its start.
    if key.kind == "user" and key.description.startswith(("invocation_id", "krb_ccache:")):
        return "a cache of Kerberos tickets" if key.description.startswith("krb") else ""
    return _KINDS.get(key.kind, "")
