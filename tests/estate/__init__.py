"""Real legacy hosts for demos, tests and benchmarks, each in namespaces or in a virtual machine of its own."""

from tests.estate.errors import EstateError
from tests.estate.estate import Estate
from tests.estate.running_host import RunningHost

__all__ = ["Estate", "EstateError", "RunningHost"]
