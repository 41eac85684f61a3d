"""Simulated vendors: OpenAI, Anthropic and Gemini over their real wire protocols, for rehearsals.

Independent of the rest of the gateway: nothing here shares answers or parsing with it.
"""

from providers.simulator.addresses import Addresses
from providers.simulator.app import create_app
from providers.simulator.config import SimulatorConfig
from providers.simulator.faults import Fault, FaultRule, parse_fault
from providers.simulator.latency import Latency, LongTail
from providers.simulator.places import Endpoint, Place, parse_endpoint
from providers.simulator.running import RunningSimulator
from providers.simulator.script import Script
from providers.simulator.script_file import ScriptError, load_script, parse_script
from providers.simulator.serving import serve
from providers.simulator.vendors import Vendor

__all__ = [
    "Addresses",
    "Endpoint",
    "Fault",
    "FaultRule",
    "Latency",
    "LongTail",
    "Place",
    "RunningSimulator",
    "Script",
    "ScriptError",
    "SimulatorConfig",
    "Vendor",
    "create_app",
    "load_script",
    "parse_endpoint",
    "parse_fault",
    "parse_script",
    "serve",
]
