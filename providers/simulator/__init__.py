"""Simulated vendors: OpenAI, Anthropic and Gemini over their real wire protocols, for rehearsals.

Independent of the rest of the gateway: nothing here shares answers or parsing with it.
"""

from providers.simulator.app import create_app
from providers.simulator.controls import Latency, SimulatorConfig
from providers.simulator.faults import Fault, FaultRule, parse_fault
from providers.simulator.running import RunningSimulator, serve
from providers.simulator.vendors import Vendor

__all__ = [
    "Fault",
    "FaultRule",
    "Latency",
    "RunningSimulator",
    "SimulatorConfig",
    "Vendor",
    "create_app",
    "parse_fault",
    "serve",
]
