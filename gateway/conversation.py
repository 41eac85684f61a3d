"""The turns of a conversation as a caller writes them: texts, or lists of texts and images.

A list is OpenAI's shape (Chat Completions, "content parts"). Images are named by `https` URL, which the
vendors fetch and we never do, or brought along as `data:` URI (RFC 2397). What no vendor takes is
refused here; what only some take is theirs to refuse.
"""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from providers.messages import ImagePart, Message, TextPart

if TYPE_CHECKING:
    from typing import Self

    from providers.messages import Part

PROMPT_CHARS_MAX = 200_000
"""Longest prompt, and longest conversation, in characters (API.md); data of images does not count."""

IMAGES_MAX = 100
"""Images a request; Anthropic, which takes the fewest, takes 100 (Vision, "Basics and limits")."""

PARTS_MAX = 1_000
"""Parts a turn."""

URL_CHARS_MAX = 8_192
"""Longest address of an image: what servers commonly take in a request line (RFC 9110, 4.1: 8,000)."""

_DATA = re.compile(r"data:(image/[a-z0-9][a-z0-9.+-]{0,63});base64,", re.IGNORECASE)
_MISNAMED = {"image/jpg": "image/jpeg"}
"""A name in wide use that is no registered media type, and that vendors refuse."""

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class TextPiece(BaseModel):
    """A text within a turn."""

    model_config = _STRICT

    type: Literal["text"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=PROMPT_CHARS_MAX)]

    def to_part(self) -> Part:
        """The same in the providers' words."""
        return TextPart(self.text)


class ImageUrl(BaseModel):
    """Where an image is, and how closely to look at it."""

    model_config = _STRICT

    url: Annotated[str, StringConstraints(min_length=1)] = Field(
        description="`https://…`, or `data:image/…;base64,…`."
    )
    detail: Literal["auto", "low", "high"] | None = None

    @field_validator("url")
    @classmethod
    def _is_one(cls, url: str) -> str:
        if url[:5].lower() == "data:":
            _check_data(url)
        else:
            _check_address(url)
        return url

    def to_part(self) -> Part:
        """The same in the providers' words."""
        data = _DATA.match(self.url)
        if data is None:
            return ImagePart(url=self.url, detail=self.detail)
        named = data[1].lower()
        return ImagePart(
            data=self.url[data.end() :],
            media_type=_MISNAMED.get(named, named),
            detail=self.detail,
        )


class ImagePiece(BaseModel):
    """An image within a turn."""

    model_config = _STRICT

    type: Literal["image_url"]
    image_url: ImageUrl

    def to_part(self) -> Part:
        """The same in the providers' words."""
        return self.image_url.to_part()


def _shape(content: Any) -> str | None:
    if isinstance(content, str):
        return "text"
    return "parts" if isinstance(content, list) else None


Text = Annotated[str, StringConstraints(min_length=1, max_length=PROMPT_CHARS_MAX)]
Pieces = Annotated[
    list[Annotated[TextPiece | ImagePiece, Field(discriminator="type")]],
    Field(min_length=1, max_length=PARTS_MAX),
]
Content = Annotated[
    Annotated[Text, Tag("text")] | Annotated[Pieces, Tag("parts")],
    Discriminator(
        _shape,
        custom_error_type="content",
        custom_error_message="must be a text or a list of parts",
    ),
]


class Turn(BaseModel):
    """One turn of a conversation; `content` is a text, or a list of texts and images."""

    model_config = _STRICT

    role: Literal["system", "user", "assistant"]
    content: Content

    @model_validator(mode="after")
    def _may_show(self) -> Self:
        if self.role != "user" and self.has_images:
            raise ValueError("images belong into turns of the user")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says, in order."""
        if isinstance(self.content, str):
            return (self.content,)
        return tuple(piece.text for piece in self.content if isinstance(piece, TextPiece))

    @property
    def images(self) -> tuple[str, ...]:
        """What it shows, in order: addresses and `data:` URIs."""
        if isinstance(self.content, str):
            return ()
        return tuple(p.image_url.url for p in self.content if isinstance(p, ImagePiece))

    @property
    def has_images(self) -> bool:
        """Whether it shows anything."""
        return bool(self.images)

    def to_message(self) -> Message:
        """The same in the providers' words."""
        if isinstance(self.content, str):
            return Message(self.role, self.content)
        return Message.of_parts(self.role, tuple(piece.to_part() for piece in self.content))


def check_conversation(turns: list[Turn]) -> None:
    """What a whole conversation has to be.

    Raises:
        ValueError: It says nothing, too much, or does not end with a question.
    """
    texts = [text for turn in turns for text in turn.texts]
    if any(not text.strip() for text in texts):
        raise ValueError("must not be blank")
    if sum(map(len, texts)) > PROMPT_CHARS_MAX:
        raise ValueError(f"must hold at most {PROMPT_CHARS_MAX} characters in all")
    if sum(len(turn.images) for turn in turns) > IMAGES_MAX:
        raise ValueError(f"must hold at most {IMAGES_MAX} images in all")
    if turns[-1].role != "user":
        raise ValueError("must end with a turn of the user")
    if not turns[-1].texts:
        # Answers are weighed by what was asked: without words nobody can say whether they meet it.
        raise ValueError("must end with a turn that asks something in words")


def _check_address(url: str) -> None:
    """Raises ValueError unless ``url`` is one that a vendor could fetch."""
    if len(url) > URL_CHARS_MAX:
        raise ValueError(f"an address may hold at most {URL_CHARS_MAX} characters")
    parts = urlsplit(url)
    if parts.scheme.lower() != "https":
        raise ValueError("must be an https address or a data: URI of an image")
    if not parts.hostname or any(ord(c) <= ord(" ") for c in url):
        raise ValueError("is no address of an image")


def _check_data(url: str) -> None:
    """Raises ValueError unless ``url`` brings an image along."""
    begin = _DATA.match(url)
    if begin is None:
        raise ValueError("a data: URI must be an image in base64: data:image/…;base64,…")
    try:
        empty = not binascii.a2b_base64(url[begin.end() :], strict_mode=True)
    except ValueError:
        raise ValueError("the image's data is not valid base64") from None
    if empty:
        raise ValueError("the image is empty")
