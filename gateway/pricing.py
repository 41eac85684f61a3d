"""The model cards with the prices an operator wrote down, and what is wrong with either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.environment import SettingsError
from providers.catalog import Catalog
from providers.pricing.listed import PriceFileError, read_prices

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
    try:
        return Catalog.load(prices=settings.vendors.prices)
    except PriceFileError as error:
        raise _refused(error) from None


def check_prices(settings: Settings) -> None:
    """Read the file WALLBOUNCE_PRICES names, if any.

    Raises:
        SettingsError: It cannot be followed.
    """
    if settings.vendors.prices is not None:
        try:
            read_prices(settings.vendors.prices)
        except PriceFileError as error:
            raise _refused(error) from None


def unpriced(
    catalog: Catalog, specs: Iterable[ProviderSpec]
) -> Iterable[tuple[ProviderSpec, ModelCard, str]]:
    """The providers whose price nobody knows, each with the reason in words."""
    for spec in specs:
        card = catalog.card(spec.model, spec.vendor)
        why = card.unknown_because()
        if why is not None:
            yield spec, card, why


def _refused(error: PriceFileError) -> SettingsError:
    return SettingsError([f"WALLBOUNCE_PRICES: {line}" for line in error.lines])
