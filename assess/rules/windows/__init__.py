"""Rules about Windows: what differs between Windows servers and Windows containers. WINDOWS_RULES lists them all."""

from __future__ import annotations

from assess.rule import Rule
from assess.rules.windows.bundled_driver import bundled_driver
from assess.rules.windows.certificate_with_key import certificate_with_key
from assess.rules.windows.com_plus_application import com_plus_application
from assess.rules.windows.com_server import com_server
from assess.rules.windows.custom_event_log import custom_event_log
from assess.rules.windows.distributed_transactions import distributed_transactions
from assess.rules.windows.domain_account import domain_account
from assess.rules.windows.domain_member import domain_member
from assess.rules.windows.dotnet_runtime import dotnet_runtime
from assess.rules.windows.file_shares import file_shares
from assess.rules.windows.http_sys_shared_port import http_sys_shared_port
from assess.rules.windows.idle_iis_site import idle_iis_site
from assess.rules.windows.iis_directory_on_share import iis_directory_on_share
from assess.rules.windows.iis_site import iis_site
from assess.rules.windows.interactive_program import interactive_program
from assess.rules.windows.local_account import local_account
from assess.rules.windows.mapped_drive import mapped_drive
from assess.rules.windows.message_queuing import message_queuing
from assess.rules.windows.missing_image_component import missing_image_component
from assess.rules.windows.net_framework_versions import net_framework_versions
from assess.rules.windows.pinned_rpc_ports import pinned_rpc_ports
from assess.rules.windows.pool_runtime import pool_runtime
from assess.rules.windows.port_in_dynamic_range import port_in_dynamic_range
from assess.rules.windows.registry_settings import registry_settings
from assess.rules.windows.reserved_port import reserved_port
from assess.rules.windows.rpc_clients import rpc_clients
from assess.rules.windows.sql_server_instance import sql_server_instance
from assess.rules.windows.third_party_windows_driver import third_party_windows_driver
from assess.rules.windows.thirty_two_bit_windows_program import thirty_two_bit_windows_program
from assess.rules.windows.unsupported_windows_product import unsupported_windows_product
from assess.rules.windows.windows_device import windows_device
from assess.rules.windows.windows_image_build import windows_image_build
from assess.rules.windows.windows_memory_options import windows_memory_options
from assess.rules.windows.windows_printing import windows_printing
from assess.rules.windows.windows_release_without_image import windows_release_without_image
from assess.rules.windows.windows_role import windows_role
from assess.rules.windows.windows_role_workload import windows_role_workload
from assess.rules.windows.windows_service_entry import windows_service_entry
from assess.rules.windows.windows_tasks import windows_tasks
from assess.rules.windows.windows_time_zone import windows_time_zone

WINDOWS_RULES: tuple[Rule, ...] = (
    windows_image_build,
    windows_release_without_image,
    windows_service_entry,
    interactive_program,
    windows_tasks,
    windows_time_zone,
    windows_role,
    windows_role_workload,
    unsupported_windows_product,
    domain_account,
    domain_member,
    local_account,
    message_queuing,
    distributed_transactions,
    com_plus_application,
    com_server,
    windows_printing,
    thirty_two_bit_windows_program,
    pool_runtime,
    net_framework_versions,
    dotnet_runtime,
    iis_site,
    iis_directory_on_share,
    idle_iis_site,
    http_sys_shared_port,
    port_in_dynamic_range,
    reserved_port,
    pinned_rpc_ports,
    file_shares,
    mapped_drive,
    sql_server_instance,
    custom_event_log,
    registry_settings,
    certificate_with_key,
    missing_image_component,
    windows_device,
    windows_memory_options,
    bundled_driver,
    third_party_windows_driver,
    rpc_clients,
)
