"""Chooses the embedder the settings name; nothing of it is imported before it is used."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from consensus.embedding.lazy import LazyEmbedder

if TYPE_CHECKING:
    from consensus.embedding.embedder import Embedder

WARM_UP = "ウォームアップ: which topic is this?"
"""Embedded once after the start, so that no caller waits for the files."""


WARM_UP_AFTER_S = 0.5
"""After the start, so that loading does not compete with the first look at readiness."""


async def warm_up(embedder: LazyEmbedder) -> None:
    """Load the embedder, in a thread as it reads files."""
    await asyncio.sleep(WARM_UP_AFTER_S)
    await asyncio.to_thread(embedder.embed, [WARM_UP])


def embedder_named(name: str) -> LazyEmbedder | None:
    """`off` is None, `static` the shipped model, anything else a sentence-transformers model."""
    match name:
        case "off":
            return None
        case "static":
            return LazyEmbedder(_static)
        case _:
            return LazyEmbedder(lambda: _transformers(name))


def _static() -> Embedder:
    from consensus.embedding.static import StaticEmbedder  # noqa: PLC0415 - numpy: 0.1 s of a start

    return StaticEmbedder()


def _transformers(name: str) -> Embedder:
    from consensus.embedding.transformers import TransformersEmbedder  # noqa: PLC0415 - torch: seconds

    return TransformersEmbedder(name)
