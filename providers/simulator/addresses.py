"""Where simulated vendors are asked, as URLs and as the variables that send a gateway there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from providers.simulator.places import USUAL, Place
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLES = {Vendor.GPT: "OPENAI", Vendor.CLAUDE: "ANTHROPIC", Vendor.GEMINI: "GEMINI"}
_KEYS = {Vendor.GPT: "sk-simulated", Vendor.CLAUDE: "sk-ant-simulated", Vendor.GEMINI: "simulated"}
_PATHS = {Vendor.GPT: "/v1"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """``host`` as a URL has it, the ``port`` that all share, and the ports of places of their own."""

    host: str
    port: int
    ports: Mapping[Place, int]

    @staticmethod
    def seen_from_here(host: str, port: int, ports: Mapping[Place, int]) -> Addresses:
        """Those of what listens on ``host``, for clients on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
        return Addresses(f"[{host}]" if ":" in host else host, port, ports)

    @property
    def base(self) -> str:
        """``http://127.0.0.1:PORT``: the shared port, and the control endpoint's."""
        return f"http://{self.host}:{self.port}"

    def url(self, place: Place) -> str:
        """The base URL a client of the vendor is given."""
        port = self.ports.get(place, self.port)
        return f"http://{self.host}:{port}{_PATHS.get(place.vendor, '')}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that send a gateway here, with made-up keys."""
        found: dict[str, str] = {}
        for vendor, name in _VARIABLES.items():
            found[f"{name}_API_KEY"] = _KEYS[vendor]
            found[f"{name}_BASE_URL"] = self.url(Place(vendor))
            further = [p for p in self.ports if p.vendor is vendor and p.name != USUAL]
            if further:
                listed = ",".join(f"{place.name}={self.url(place)}" for place in further)
                found[f"{name}_ENDPOINTS"] = listed
        return found
