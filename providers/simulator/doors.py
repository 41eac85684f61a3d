"""Which place a request came to: the port of a place of its own, else the one all vendors share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.simulator.places import Place

if TYPE_CHECKING:
    from starlette.types import Scope

    from providers.simulator.controls import Controls, PlaceControls
    from providers.simulator.vendors import Vendor


class Doors:
    """The ports of places, filled once they are known."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.by_port: dict[int, Place] = {}

    def controls_at(self, scope: Scope, vendor: Vendor) -> PlaceControls | None:
        """The controls of the place a vendor was asked at; None at another vendor's port."""
        server = scope.get("server")
        place = self.by_port.get(server[1]) if server else None
        if place is None:
            return self._controls.of[Place(vendor)]
        return self._controls.of[place] if place.vendor is vendor else None
