"""Rules about Windows: what differs between Windows servers and Windows containers. WINDOWS_RULES lists them all."""

from __future__ import annotations

from assess.rule import Rule
from assess.rules.windows.account_of_this_server import account_of_this_server
from assess.rules.windows.called_by_rpc import called_by_rpc
from assess.rules.windows.certificate_with_key import certificate_with_key
from assess.rules.windows.com_plus_application import com_plus_application
from assess.rules.windows.com_server import com_server
from assess.rules.windows.distributed_transactions import distributed_transactions
from assess.rules.windows.domain_account import domain_account
from assess.rules.windows.domain_member import domain_member
from assess.rules.windows.driver_of_its_own import driver_of_its_own
from assess.rules.windows.event_log_of_its_own import event_log_of_its_own
from assess.rules.windows.foreign_windows_driver import foreign_windows_driver
from assess.rules.windows.idle_iis_site import idle_iis_site
from assess.rules.windows.iis_directory_on_share import iis_directory_on_share
from assess.rules.windows.iis_site import iis_site
from assess.rules.windows.interactive_program import interactive_program
from assess.rules.windows.mapped_drive import mapped_drive
from assess.rules.windows.message_queuing import message_queuing
from assess.rules.windows.net_framework_installed import net_framework_installed
from assess.rules.windows.part_that_images_lack import part_that_images_lack
from assess.rules.windows.pool_runtime import pool_runtime
from assess.rules.windows.port_in_dynamic_range import port_in_dynamic_range
from assess.rules.windows.port_reserved_for_it import port_reserved_for_it
from assess.rules.windows.port_shared_by_http_sys import port_shared_by_http_sys
from assess.rules.windows.rpc_ports_pinned import rpc_ports_pinned
from assess.rules.windows.runs_on_dotnet import runs_on_dotnet
from assess.rules.windows.serves_shares import serves_shares
from assess.rules.windows.settings_in_registry import settings_in_registry
from assess.rules.windows.sql_server_instance import sql_server_instance
from assess.rules.windows.thirty_two_bit_windows_program import thirty_two_bit_windows_program
from assess.rules.windows.unsupported_windows_product import unsupported_windows_product
from assess.rules.windows.windows_device import windows_device
from assess.rules.windows.windows_image_build import windows_image_build
from assess.rules.windows.windows_memory_options import windows_memory_options
from assess.rules.windows.windows_printing import windows_printing
from assess.rules.windows.windows_release_without_image import windows_release_without_image
from assess.rules.windows.windows_role import windows_role
from assess.rules.windows.windows_service_entry import windows_service_entry
from assess.rules.windows.windows_tasks import windows_tasks
from assess.rules.windows.windows_time_zone import windows_time_zone
from assess.rules.windows.workload_is_windows_role import workload_is_windows_role

WINDOWS_RULES: tuple[Rule, ...] = (
    windows_image_build,
    windows_release_without_image,
    windows_service_entry,
    interactive_program,
    windows_tasks,
    windows_time_zone,
    windows_role,
    workload_is_windows_role,
    unsupported_windows_product,
    domain_account,
    domain_member,
    account_of_this_server,
    message_queuing,
    distributed_transactions,
    com_plus_application,
    com_server,
    windows_printing,
    thirty_two_bit_windows_program,
    pool_runtime,
    net_framework_installed,
    runs_on_dotnet,
    iis_site,
    iis_directory_on_share,
    idle_iis_site,
    port_shared_by_http_sys,
    port_in_dynamic_range,
    port_reserved_for_it,
    rpc_ports_pinned,
    serves_shares,
    mapped_drive,
    sql_server_instance,
    event_log_of_its_own,
    settings_in_registry,
    certificate_with_key,
    part_that_images_lack,
    windows_device,
    windows_memory_options,
    driver_of_its_own,
    foreign_windows_driver,
    called_by_rpc,
)
