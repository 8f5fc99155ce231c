"""SEC008: programs that store keys in the kernel's keyrings."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.host_users import of_accounts
from assess.subjects.rule_subjects import HostSubject
from inventory.model.kernel import KernelKey
from inventory.observation import value_or_none

_KINDS = {
    "user": "a program's key",
    "logon": "a program's key",
    "big_key": "a program's key",
    "encrypted": "an encrypted key",
    "trusted": "a key sealed by the TPM",
    "rxrpc": "an AFS ticket",
    "ceph": "a Ceph key",
    "cifs.spnego": "an SMB file share ticket",
    "cifs.idmap": "an SMB account mapping",
    "id_resolver": "an NFS account mapping",
    "id_legacy": "an NFS account mapping",
    "ecryptfs": "an eCryptfs key",
}


@rule("SEC008", scope=Scope.HOST, needs=("kernel",))
def kernel_keyring(subject: HostSubject) -> RuleAnswer:
    """Kernel keyrings hold keys: Kerberos tickets, keys of encrypted directories or network file systems.

    Why:
        Keyrings belong to the kernel and not to a container, so engines deny the calls: keyctl and add_key fail with
        "Operation not permitted" whatever capabilities are granted. A Kerberos cache of type KEYRING: does not work.
    Remedy:
        Set default_ccache_name to a FILE: cache in krb5.conf, mount network and encrypted file systems on the container
        host, or use a seccomp profile that allows the calls.
    Source:
        /proc/keys, see keyrings(7); only keys that the scan may view. Docker's default seccomp profile; tested.
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
            f"Kernel keyrings hold {kinds}.",
            tuple(
                Evidence(
                    f"a key of type {key.kind} belongs to {subject.host.account(key.uid)}",
                    key.origin,
                    key.description,
                )
                for key, _ in found[:5]
            ),
            affects=of_accounts(subject.host, {key.uid for key, _ in found}),
        )

    elif not subject.host.snapshot.privileged:
        yield Undecided("kernel", "the kernel shows the keys of all users only to root")


def _meaning(key: KernelKey) -> str:
    if key.kind == "keyring":
        return "a Kerberos ticket cache" if key.description.startswith("_krb") else ""
    # systemd gives every service a key with its invocation id.
    if key.kind == "user" and key.description.startswith(("invocation_id", "krb_ccache:")):
        return "a Kerberos ticket cache" if key.description.startswith("krb") else ""
    return _KINDS.get(key.kind, "")
