"""Rules about obstacles to a container: one rule per file, all listed in RULES.

Adding a rule is one file here and one line in the tuple; `python docs/generate.py` writes its page. An
id is never given to another rule: those of rules that were taken out stay in RETIRED.
"""

from __future__ import annotations

from assess.rule import Rule
from assess.rules.coupling.child_of_other_service import child_of_other_service
from assess.rules.coupling.directory_account import directory_account
from assess.rules.coupling.other_service_pid_file import other_service_pid_file
from assess.rules.coupling.required_companion import required_companion
from assess.rules.coupling.shared_account import shared_account
from assess.rules.coupling.shared_files import shared_files
from assess.rules.identity.hardware_key import hardware_key
from assess.rules.identity.machine_bound_licence import machine_bound_licence
from assess.rules.identity.machine_id_read import machine_id_read
from assess.rules.identity.own_host_name import own_host_name
from assess.rules.identity.processor_licence import processor_licence
from assess.rules.kernel.boot_options import boot_options
from assess.rules.kernel.bpf_or_perf import bpf_or_perf
from assess.rules.kernel.cgroup_v1_user import cgroup_v1_user
from assess.rules.kernel.conflicting_kernel_module import conflicting_kernel_module
from assess.rules.kernel.conflicting_requirements import conflicting_requirements
from assess.rules.kernel.conflicting_sysctl import conflicting_sysctl
from assess.rules.kernel.container_sysctl import container_sysctl
from assess.rules.kernel.fuse_file_system import fuse_file_system
from assess.rules.kernel.host_sysctl import host_sysctl
from assess.rules.kernel.huge_pages import huge_pages
from assess.rules.kernel.jvm_without_limits import jvm_without_limits
from assess.rules.kernel.kernel_module_loading import kernel_module_loading
from assess.rules.kernel.kernel_nfs_server import kernel_nfs_server
from assess.rules.kernel.kernel_too_new import kernel_too_new
from assess.rules.kernel.kernel_too_old import kernel_too_old
from assess.rules.kernel.locked_memory import locked_memory
from assess.rules.kernel.missing_cpu_level import missing_cpu_level
from assess.rules.kernel.netlink_socket import netlink_socket
from assess.rules.kernel.open_device import open_device
from assess.rules.kernel.packet_socket import packet_socket
from assess.rules.kernel.posix_message_queue import posix_message_queue
from assess.rules.kernel.processor_affinity import processor_affinity
from assess.rules.kernel.raised_priority import raised_priority
from assess.rules.kernel.rare_socket_family import rare_socket_family
from assess.rules.kernel.raw_socket import raw_socket
from assess.rules.kernel.real_time_scheduling import real_time_scheduling
from assess.rules.kernel.removed_sysctl import removed_sysctl
from assess.rules.kernel.required_kernel_module import required_kernel_module
from assess.rules.kernel.sctp_socket import sctp_socket
from assess.rules.kernel.shared_memory_size import shared_memory_size
from assess.rules.kernel.storage_or_cluster_stack import storage_or_cluster_stack
from assess.rules.kernel.swapped_memory import swapped_memory
from assess.rules.kernel.system_v_queues import system_v_queues
from assess.rules.kernel.system_v_shared_memory import system_v_shared_memory
from assess.rules.kernel.third_party_kernel_module import third_party_kernel_module
from assess.rules.kernel.thirty_two_bit_program import thirty_two_bit_program
from assess.rules.kernel.udplite_socket import udplite_socket
from assess.rules.kernel.wrong_architecture import wrong_architecture
from assess.rules.lifecycle.end_of_life_distribution import end_of_life_distribution
from assess.rules.lifecycle.end_of_life_library import end_of_life_library
from assess.rules.lifecycle.end_of_life_product import end_of_life_product
from assess.rules.network.address_in_configuration import address_in_configuration
from assess.rules.network.advertised_address import advertised_address
from assess.rules.network.broadcast_server import broadcast_server
from assess.rules.network.client_address_check import client_address_check
from assess.rules.network.contested_identity import contested_identity
from assess.rules.network.ephemeral_port_conflict import ephemeral_port_conflict
from assess.rules.network.estate_host_name import estate_host_name
from assess.rules.network.ftp_data_connections import ftp_data_connections
from assess.rules.network.hairpin_connection import hairpin_connection
from assess.rules.network.hard_coded_port import hard_coded_port
from assess.rules.network.host_firewall import host_firewall
from assess.rules.network.host_name_identity import host_name_identity
from assess.rules.network.java_remote_ports import java_remote_ports
from assess.rules.network.kernel_load_balancer import kernel_load_balancer
from assess.rules.network.layer_two_interface import layer_two_interface
from assess.rules.network.loopback_connection import loopback_connection
from assess.rules.network.many_ports import many_ports
from assess.rules.network.multicast_group import multicast_group
from assess.rules.network.occupied_target_port import occupied_target_port
from assess.rules.network.policy_routing import policy_routing
from assess.rules.network.port_outside_node_ports import port_outside_node_ports
from assess.rules.network.portmapper_ports import portmapper_ports
from assess.rules.network.privileged_port import privileged_port
from assess.rules.network.promiscuous_interface import promiscuous_interface
from assess.rules.network.reserved_client_ports import reserved_client_ports
from assess.rules.network.shared_port import shared_port
from assess.rules.network.single_listen_address import single_listen_address
from assess.rules.network.swarm_port_conflict import swarm_port_conflict
from assess.rules.network.virtual_address import virtual_address
from assess.rules.network.voice_addresses import voice_addresses
from assess.rules.platform.linux_host_windows_target import linux_host_windows_target
from assess.rules.platform.other_unix_host import other_unix_host
from assess.rules.platform.windows_host_linux_target import windows_host_linux_target
from assess.rules.process.asynchronous_io import asynchronous_io
from assess.rules.process.attached_debugger import attached_debugger
from assess.rules.process.background_fork import background_fork
from assess.rules.process.container_engine_control import container_engine_control
from assess.rules.process.core_dump_handler import core_dump_handler
from assess.rules.process.deleted_executable import deleted_executable
from assess.rules.process.descriptor_iteration import descriptor_iteration
from assess.rules.process.existing_containers import existing_containers
from assess.rules.process.file_access_monitoring import file_access_monitoring
from assess.rules.process.foreign_binary_format import foreign_binary_format
from assess.rules.process.inotify_watches import inotify_watches
from assess.rules.process.io_uring import io_uring
from assess.rules.process.login_records import login_records
from assess.rules.process.machine_based_sizing import machine_based_sizing
from assess.rules.process.manual_start import manual_start
from assess.rules.process.raised_limits import raised_limits
from assess.rules.process.scheduled_jobs import scheduled_jobs
from assess.rules.process.several_services import several_services
from assess.rules.process.socket_activation import socket_activation
from assess.rules.process.unpackaged_program import unpackaged_program
from assess.rules.process.zombie_processes import zombie_processes
from assess.rules.security.extra_capabilities import extra_capabilities
from assess.rules.security.host_selinux_policy import host_selinux_policy
from assess.rules.security.kernel_keyring import kernel_keyring
from assess.rules.security.missing_security_module import missing_security_module
from assess.rules.security.runs_as_root import runs_as_root
from assess.rules.security.secret_in_file import secret_in_file
from assess.rules.security.secret_in_process import secret_in_process
from assess.rules.security.setuid_program import setuid_program
from assess.rules.security.system_user_logins import system_user_logins
from assess.rules.security.unit_confinement import unit_confinement
from assess.rules.security.volume_labels import volume_labels
from assess.rules.state.log_files import log_files
from assess.rules.state.mount_options import mount_options
from assess.rules.state.network_file_system import network_file_system
from assess.rules.state.on_demand_mounts import on_demand_mounts
from assess.rules.state.self_written_configuration import self_written_configuration
from assess.rules.state.state_in_volumes import state_in_volumes
from assess.rules.state.state_outside_volumes import state_outside_volumes
from assess.rules.state.syslog_logging import syslog_logging
from assess.rules.state.user_state import user_state
from assess.rules.windows import WINDOWS_RULES

RULES: tuple[Rule, ...] = (
    wrong_architecture,
    kernel_too_old,
    kernel_too_new,
    missing_cpu_level,
    thirty_two_bit_program,
    raw_socket,
    open_device,
    packet_socket,
    netlink_socket,
    sctp_socket,
    rare_socket_family,
    udplite_socket,
    system_v_shared_memory,
    system_v_queues,
    posix_message_queue,
    shared_memory_size,
    huge_pages,
    locked_memory,
    real_time_scheduling,
    raised_priority,
    processor_affinity,
    boot_options,
    swapped_memory,
    required_kernel_module,
    third_party_kernel_module,
    kernel_module_loading,
    bpf_or_perf,
    kernel_nfs_server,
    storage_or_cluster_stack,
    cgroup_v1_user,
    jvm_without_limits,
    host_sysctl,
    container_sysctl,
    removed_sysctl,
    conflicting_sysctl,
    conflicting_requirements,
    conflicting_kernel_module,
    fuse_file_system,
    shared_port,
    occupied_target_port,
    hard_coded_port,
    address_in_configuration,
    estate_host_name,
    single_listen_address,
    multicast_group,
    broadcast_server,
    virtual_address,
    layer_two_interface,
    policy_routing,
    kernel_load_balancer,
    host_firewall,
    promiscuous_interface,
    loopback_connection,
    ephemeral_port_conflict,
    port_outside_node_ports,
    privileged_port,
    client_address_check,
    hairpin_connection,
    ftp_data_connections,
    voice_addresses,
    portmapper_ports,
    java_remote_ports,
    advertised_address,
    reserved_client_ports,
    host_name_identity,
    many_ports,
    swarm_port_conflict,
    state_outside_volumes,
    state_in_volumes,
    log_files,
    end_of_life_distribution,
    windows_host_linux_target,
    linux_host_windows_target,
    other_unix_host,
    runs_as_root,
    secret_in_file,
    secret_in_process,
    manual_start,
    unpackaged_program,
    deleted_executable,
    scheduled_jobs,
    required_companion,
    machine_bound_licence,
    hardware_key,
    machine_id_read,
    own_host_name,
    processor_licence,
    background_fork,
    zombie_processes,
    socket_activation,
    descriptor_iteration,
    raised_limits,
    machine_based_sizing,
    inotify_watches,
    asynchronous_io,
    io_uring,
    file_access_monitoring,
    core_dump_handler,
    attached_debugger,
    container_engine_control,
    existing_containers,
    several_services,
    foreign_binary_format,
    login_records,
    extra_capabilities,
    setuid_program,
    system_user_logins,
    host_selinux_policy,
    unit_confinement,
    kernel_keyring,
    missing_security_module,
    volume_labels,
    network_file_system,
    on_demand_mounts,
    mount_options,
    user_state,
    self_written_configuration,
    syslog_logging,
    shared_files,
    other_service_pid_file,
    shared_account,
    directory_account,
    child_of_other_service,
    end_of_life_product,
    end_of_life_library,
    contested_identity,
    *WINDOWS_RULES,
)

RETIRED: frozenset[str] = frozenset()
"""Ids of rules that are no more."""
