"""The simulated vendors, running, for the tests of their protocols and faults."""

from tests.support.simulator import caller, simulator, simulator_server

__all__ = ["caller", "simulator", "simulator_server"]
