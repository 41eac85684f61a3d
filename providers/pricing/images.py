"""How many tokens an image is billed as, at most, by the rules the vendors document.

OpenAI: platform.openai.com/docs/guides/images-vision, "Calculating costs". Anthropic:
platform.claude.com/docs/en/build-with-claude/vision. Google: ai.google.dev/gemini-api/docs/media-resolution.
Where no rule with an upper bound is documented for what is known of an image, the answer is None.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from math import ceil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from providers.messages import ImagePart

CLAUDE: Final = 4_784
"""Visual tokens of an image in Claude's high-resolution tier, to which larger ones are scaled down."""

GEMINI: Final = 2_240
"""Gemini 3 and later at the highest ``media_resolution``. Nobody asks for it: the default is 1,120."""

GEMINI_2: Final = 4_608
"""Gemini to 2.5: 256 and "about 2048" for its pan and scan, taken twice as the page says "about"."""

TILES: Final = 85 + 8 * 170
"""OpenAI's models that count tiles: 8 of 512 px cover 2048 by 768, to which an image is scaled down.
85 and 170 are the dearest figures of the table but for gpt-4o-mini's."""

TILES_4O_MINI: Final = 2_833 + 8 * 5_667

PATCH: Final = 32
"""Side in px of a patch, of OpenAI's models that count these."""

FEW_PATCHES: Final = 1_536
HIGH_PATCHES: Final = 2_500
"""What ``detail: high`` (and ``low``, which is less) scales down to, gpt-5.4 and later."""

MANY_PATCHES: Final = 10_000
"""What gpt-5.4 and gpt-5.5 scale down to where the detail is theirs to choose."""

SMALL_MODELS: Final = 2.46
"""Tokens a patch of the mini and nano models, at the dearest (gpt-4.1-nano, gpt-5-nano)."""

LARGE_MODELS: Final = 1.2
"""Tokens a patch of the others."""

_SMALL = re.compile(r"-(?:mini|nano)(?:-|$)|^gpt-[6-9][\d.]*-luna")
_TILED = re.compile(r"^(?:gpt-4|chatgpt-4o|o1|o3|gpt-5(?:-|$|\.1(?:-|$)))")
_SCALED = re.compile(r"^gpt-5\.[2-5](?:-|$)")
_GEMINI_2 = re.compile(r"gemini-[12](?:\.|-)")


def image_tokens_bound(image: ImagePart, vendor: str, model: str) -> int | None:
    """Tokens this image is billed as at most by a model; None if nobody documents a bound."""
    match vendor:
        case "anthropic":
            return CLAUDE
        case "google":
            return GEMINI_2 if _GEMINI_2.search(model) else GEMINI
        case "openai":
            return _by_openai(image, model)
        case _:
            return None


def _by_openai(image: ImagePart, model: str) -> int | None:
    small = _SMALL.search(model) is not None
    if model.startswith("gpt-4o-mini"):
        return TILES_4O_MINI
    if _TILED.match(model):
        return ceil(FEW_PATCHES * SMALL_MODELS) if small else TILES
    if not model.startswith("gpt-"):  # o4-mini is of the few; what else may come is unknown
        return ceil(FEW_PATCHES * SMALL_MODELS) if model.startswith("o4-mini") else None
    a_patch = SMALL_MODELS if small else LARGE_MODELS
    if image.detail in {"low", "high"}:
        return ceil(HIGH_PATCHES * a_patch)
    size = None if image.data is None else pixels(image.data)
    patches = None if size is None else ceil(size[0] / PATCH) * ceil(size[1] / PATCH)
    if _SCALED.match(model):
        patches = MANY_PATCHES if patches is None else min(patches, MANY_PATCHES)
    return None if patches is None else ceil(patches * a_patch)


_MARKER: Final = 0xFF
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Frame headers; the three are tables and an extension."""

HEAD: Final = 65_536
"""Bytes looked at for an image's size. A JPEG may have longer metadata before it: then it is unknown."""


def pixels(data: str) -> tuple[int, int] | None:
    """Width and height of an image in base64, from its head; None where they cannot be read.

    PNG: W3C PNG, 11.2.1. GIF: GIF89a, 18. WebP: RFC 9649, 2.5 to 2.7. JPEG: ITU-T T.81, B.2.2.
    """
    try:
        head = base64.b64decode(data[: HEAD // 3 * 4], validate=False)
    except (binascii.Error, ValueError):
        return None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _of(head, ">II", 16)
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _of(head, "<HH", 6)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    return _jpeg(head) if head.startswith(b"\xff\xd8") else None


def _of(head: bytes, layout: str, at: int) -> tuple[int, int] | None:
    """Two numbers as they lie in the head; None if it ends before."""
    if len(head) < at + struct.calcsize(layout):
        return None
    width, height = struct.unpack_from(layout, head, at)
    return width, height


def _webp(head: bytes) -> tuple[int, int] | None:
    match head[12:16]:
        case b"VP8X":
            low = _of(head, "<HI", 24)  # two numbers of 24 bits
            return low and (
                int.from_bytes(head[24:27], "little") + 1,
                int.from_bytes(head[27:30], "little") + 1,
            )
        case b"VP8L":
            bits = _of(head, "<IB", 21)
            return bits and ((bits[0] & 0x3FFF) + 1, (bits[0] >> 14 & 0x3FFF) + 1)
        case b"VP8 ":
            size = _of(head, "<HH", 26)
            return size and (size[0] & 0x3FFF, size[1] & 0x3FFF)
        case _:
            return None


def _jpeg(head: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(head) and head[at] == _MARKER:
        marker = head[at + 1]
        if marker in _FRAMES:
            size = _of(head, ">HH", at + 5)
            return size and (size[1], size[0])
        if marker == _MARKER:  # a fill byte
            at += 1
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None
