"""The model cards with the prices an operator wrote down, and what is wrong with either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.environment import SettingsError
from providers.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.settings import Settings
    from providers.catalog import ModelCard
    from providers.pool import ProviderSpec


def catalog_of(settings: Settings) -> Catalog:
    """The catalog as the settings want it.

    Raises:
        SettingsError: the file WALLBOUNCE_PRICES names cannot be followed.
    """
    check_prices(settings)
    return Catalog.load(prices=settings.vendors.prices)


def check_prices(settings: Settings) -> None:
    """Read the file WALLBOUNCE_PRICES names, if any.

    Raises:
        SettingsError: It cannot be followed.
    """
    if settings.vendors.prices is None:
        return
    # Imported here: its many types are made anew at each start, and few gateways have such a file.
    from providers.pricing.price_file import PriceFileError, read_prices  # noqa: PLC0415 - as above

    try:
        read_prices(settings.vendors.prices)
    except PriceFileError as error:
        lines = [f"WALLBOUNCE_PRICES: {line}" for line in error.lines]
        raise SettingsError(lines) from None


def unpriced(
    catalog: Catalog, specs: Iterable[ProviderSpec]
) -> Iterable[tuple[ProviderSpec, ModelCard, str]]:
    """The providers whose price nobody knows, each with the reason in words."""
    for spec in specs:
        card = catalog.card(spec.model, spec.vendor)
        why = card.unknown_because()
        if why is not None:
            yield spec, card, why
