"""What stands in the way of a workload: one rule a file, and RULES, the whole list.

Adding a rule is one file here and one line in the tuple; `python -m assess.export.reference_pages` writes its page. An
id is never given to another rule: those of rules that were taken out stay in RETIRED.
"""

from __future__ import annotations

from assess.rule import Rule
from assess.rules.coupling.account_of_a_directory import account_of_a_directory
from assess.rules.coupling.child_of_another import child_of_another
from assess.rules.coupling.needs_companion import needs_companion
from assess.rules.coupling.pid_file_of_another import pid_file_of_another
from assess.rules.coupling.shared_account import shared_account
from assess.rules.coupling.shared_files import shared_files
from assess.rules.identity.hardware_key import hardware_key
from assess.rules.identity.licence_bound_to_machine import licence_bound_to_machine
from assess.rules.identity.licensed_by_processors import licensed_by_processors
from assess.rules.identity.machine_number_read import machine_number_read
from assess.rules.identity.own_host_name import own_host_name
from assess.rules.kernel.boot_options import boot_options
from assess.rules.kernel.bound_to_processors import bound_to_processors
from assess.rules.kernel.bpf_or_perf import bpf_or_perf
from assess.rules.kernel.cgroup_v1_user import cgroup_v1_user
from assess.rules.kernel.claims_at_odds import claims_at_odds
from assess.rules.kernel.container_setting_wanted import container_setting_wanted
from assess.rules.kernel.cpu_level_missing import cpu_level_missing
from assess.rules.kernel.device_held_open import device_held_open
from assess.rules.kernel.foreign_kernel_module import foreign_kernel_module
from assess.rules.kernel.fuse_file_system import fuse_file_system
from assess.rules.kernel.host_setting_wanted import host_setting_wanted
from assess.rules.kernel.huge_pages import huge_pages
from assess.rules.kernel.jvm_without_limits import jvm_without_limits
from assess.rules.kernel.kernel_module_needed import kernel_module_needed
from assess.rules.kernel.kernel_nfs_server import kernel_nfs_server
from assess.rules.kernel.kernel_too_new import kernel_too_new
from assess.rules.kernel.kernel_too_old import kernel_too_old
from assess.rules.kernel.loads_kernel_modules import loads_kernel_modules
from assess.rules.kernel.locked_memory import locked_memory
from assess.rules.kernel.module_taken_on_target import module_taken_on_target
from assess.rules.kernel.netlink_socket import netlink_socket
from assess.rules.kernel.packet_socket import packet_socket
from assess.rules.kernel.posix_message_queue import posix_message_queue
from assess.rules.kernel.raised_priority import raised_priority
from assess.rules.kernel.rare_socket_family import rare_socket_family
from assess.rules.kernel.raw_socket import raw_socket
from assess.rules.kernel.real_time_scheduling import real_time_scheduling
from assess.rules.kernel.sctp_socket import sctp_socket
from assess.rules.kernel.setting_gone import setting_gone
from assess.rules.kernel.settings_fought_over import settings_fought_over
from assess.rules.kernel.shared_memory_size import shared_memory_size
from assess.rules.kernel.storage_or_cluster_stack import storage_or_cluster_stack
from assess.rules.kernel.swapped_out import swapped_out
from assess.rules.kernel.system_v_queues import system_v_queues
from assess.rules.kernel.system_v_shared_memory import system_v_shared_memory
from assess.rules.kernel.thirty_two_bit_program import thirty_two_bit_program
from assess.rules.kernel.udplite_socket import udplite_socket
from assess.rules.kernel.wrong_architecture import wrong_architecture
from assess.rules.lifecycle.end_of_life_distribution import end_of_life_distribution
from assess.rules.lifecycle.end_of_life_library import end_of_life_library
from assess.rules.lifecycle.end_of_life_product import end_of_life_product
from assess.rules.network.address_in_configuration import address_in_configuration
from assess.rules.network.bound_to_one_address import bound_to_one_address
from assess.rules.network.broadcast_server import broadcast_server
from assess.rules.network.client_address_used import client_address_used
from assess.rules.network.contested_identity import contested_identity
from assess.rules.network.ephemeral_range_clash import ephemeral_range_clash
from assess.rules.network.firewall_of_host import firewall_of_host
from assess.rules.network.ftp_data_connections import ftp_data_connections
from assess.rules.network.java_remote_ports import java_remote_ports
from assess.rules.network.kernel_load_balancer import kernel_load_balancer
from assess.rules.network.known_by_host_name import known_by_host_name
from assess.rules.network.layer_two_interface import layer_two_interface
from assess.rules.network.many_ports import many_ports
from assess.rules.network.multicast_group import multicast_group
from assess.rules.network.name_of_estate_host import name_of_estate_host
from assess.rules.network.port_fixed_in_code import port_fixed_in_code
from assess.rules.network.port_outside_node_ports import port_outside_node_ports
from assess.rules.network.port_wanted_by_several import port_wanted_by_several
from assess.rules.network.portmapper_ports import portmapper_ports
from assess.rules.network.privileged_port import privileged_port
from assess.rules.network.promiscuous_interface import promiscuous_interface
from assess.rules.network.reached_over_loopback import reached_over_loopback
from assess.rules.network.reaches_own_address import reaches_own_address
from assess.rules.network.reserved_client_ports import reserved_client_ports
from assess.rules.network.special_routing import special_routing
from assess.rules.network.swarm_takes_port_everywhere import swarm_takes_port_everywhere
from assess.rules.network.target_holds_port import target_holds_port
from assess.rules.network.tells_where_to_go_on import tells_where_to_go_on
from assess.rules.network.virtual_address import virtual_address
from assess.rules.network.voice_addresses import voice_addresses
from assess.rules.platform.linux_host_windows_target import linux_host_windows_target
from assess.rules.platform.other_unix_host import other_unix_host
from assess.rules.platform.windows_host_linux_target import windows_host_linux_target
from assess.rules.process.asynchronous_io import asynchronous_io
from assess.rules.process.closes_all_descriptors import closes_all_descriptors
from assess.rules.process.core_dump_handler import core_dump_handler
from assess.rules.process.debugger_attached import debugger_attached
from assess.rules.process.deleted_executable import deleted_executable
from assess.rules.process.drives_the_container_engine import drives_the_container_engine
from assess.rules.process.foreign_binary_format import foreign_binary_format
from assess.rules.process.forks_into_background import forks_into_background
from assess.rules.process.leaves_dead_children import leaves_dead_children
from assess.rules.process.limits_raised import limits_raised
from assess.rules.process.login_records import login_records
from assess.rules.process.many_watches import many_watches
from assess.rules.process.program_of_no_package import program_of_no_package
from assess.rules.process.runs_containers_already import runs_containers_already
from assess.rules.process.scheduled_jobs import scheduled_jobs
from assess.rules.process.several_services import several_services
from assess.rules.process.sizes_itself_by_machine import sizes_itself_by_machine
from assess.rules.process.started_by_connections import started_by_connections
from assess.rules.process.started_by_hand import started_by_hand
from assess.rules.process.uses_io_uring import uses_io_uring
from assess.rules.process.watches_file_accesses import watches_file_accesses
from assess.rules.security.capabilities_beyond_default import capabilities_beyond_default
from assess.rules.security.confined_by_its_unit import confined_by_its_unit
from assess.rules.security.confined_by_the_host import confined_by_the_host
from assess.rules.security.kernel_keyring import kernel_keyring
from assess.rules.security.runs_as_root import runs_as_root
from assess.rules.security.secret_in_file import secret_in_file
from assess.rules.security.secret_in_process import secret_in_process
from assess.rules.security.security_module_missing import security_module_missing
from assess.rules.security.setuid_program import setuid_program
from assess.rules.security.volumes_need_labels import volumes_need_labels
from assess.rules.state.logs_in_files import logs_in_files
from assess.rules.state.logs_to_syslog import logs_to_syslog
from assess.rules.state.mount_options_matter import mount_options_matter
from assess.rules.state.mounts_on_demand import mounts_on_demand
from assess.rules.state.on_network_file_system import on_network_file_system
from assess.rules.state.rewrites_its_configuration import rewrites_its_configuration
from assess.rules.state.state_in_volumes import state_in_volumes
from assess.rules.state.state_of_users import state_of_users
from assess.rules.state.state_outside_volumes import state_outside_volumes
from assess.rules.windows import WINDOWS_RULES

RULES: tuple[Rule, ...] = (
    wrong_architecture,
    kernel_too_old,
    kernel_too_new,
    cpu_level_missing,
    thirty_two_bit_program,
    raw_socket,
    device_held_open,
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
    bound_to_processors,
    boot_options,
    swapped_out,
    kernel_module_needed,
    foreign_kernel_module,
    loads_kernel_modules,
    bpf_or_perf,
    kernel_nfs_server,
    storage_or_cluster_stack,
    cgroup_v1_user,
    jvm_without_limits,
    host_setting_wanted,
    container_setting_wanted,
    setting_gone,
    settings_fought_over,
    claims_at_odds,
    module_taken_on_target,
    fuse_file_system,
    port_wanted_by_several,
    target_holds_port,
    port_fixed_in_code,
    address_in_configuration,
    name_of_estate_host,
    bound_to_one_address,
    multicast_group,
    broadcast_server,
    virtual_address,
    layer_two_interface,
    special_routing,
    kernel_load_balancer,
    firewall_of_host,
    promiscuous_interface,
    reached_over_loopback,
    ephemeral_range_clash,
    port_outside_node_ports,
    privileged_port,
    client_address_used,
    reaches_own_address,
    ftp_data_connections,
    voice_addresses,
    portmapper_ports,
    java_remote_ports,
    tells_where_to_go_on,
    reserved_client_ports,
    known_by_host_name,
    many_ports,
    swarm_takes_port_everywhere,
    state_outside_volumes,
    state_in_volumes,
    logs_in_files,
    end_of_life_distribution,
    windows_host_linux_target,
    linux_host_windows_target,
    other_unix_host,
    runs_as_root,
    secret_in_file,
    secret_in_process,
    started_by_hand,
    program_of_no_package,
    deleted_executable,
    scheduled_jobs,
    needs_companion,
    licence_bound_to_machine,
    hardware_key,
    machine_number_read,
    own_host_name,
    licensed_by_processors,
    forks_into_background,
    leaves_dead_children,
    started_by_connections,
    closes_all_descriptors,
    limits_raised,
    sizes_itself_by_machine,
    many_watches,
    asynchronous_io,
    uses_io_uring,
    watches_file_accesses,
    core_dump_handler,
    debugger_attached,
    drives_the_container_engine,
    runs_containers_already,
    several_services,
    foreign_binary_format,
    login_records,
    capabilities_beyond_default,
    setuid_program,
    confined_by_the_host,
    confined_by_its_unit,
    kernel_keyring,
    security_module_missing,
    volumes_need_labels,
    on_network_file_system,
    mounts_on_demand,
    mount_options_matter,
    state_of_users,
    rewrites_its_configuration,
    logs_to_syslog,
    shared_files,
    pid_file_of_another,
    shared_account,
    account_of_a_directory,
    child_of_another,
    end_of_life_product,
    end_of_life_library,
    contested_identity,
    *WINDOWS_RULES,
)

RETIRED: frozenset[str] = frozenset()
"""Ids of rules that are no more."""
