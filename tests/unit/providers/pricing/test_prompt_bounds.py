"""No prompt has more tokens than its bound, whatever it holds."""

import base64
import struct

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.messages import (
    ImagePart,
    JsonFormat,
    Message,
    Prompt,
    TextPart,
    Tool,
    ToolCall,
)
from providers.pricing.card import ModelCard
from providers.pricing.images import image_tokens_bound, pixels
from providers.pricing.prompts import PromptBound, input_tokens_bound

URL = ImagePart(url="https://example.org/ant.jpg")


def png(width, height):
    head = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", width, height)
    )
    return ImagePart(data=base64.b64encode(head).decode(), media_type="image/png")


def asking(*images):
    return Prompt((Message.of_parts("user", (TextPart("What is it?"), *images)),))


def bound(*models):
    return PromptBound({model: ModelCard(model, vendor) for vendor, model in models})


def nested(depth):
    return {"type": "object"} if depth == 0 else {"items": nested(depth - 1)}


GPT, CLAUDE, GEMINI = ("openai", "gpt-5"), ("anthropic", "claude-x"), ("google", "gemini-3-flash")
PANEL = (GPT, CLAUDE, GEMINI)
ASTRA, MISTRAL = ("openai", "gpt-6-astra"), ("mistral", "pixtral")


def test_images_add_what_the_vendors_scale_them_down_to():
    plain = bound(*PANEL)(asking())
    # gpt-5: 85 + 8 x 170; Claude: 4,784; Gemini 3: 2,240; the most of the three for each image
    assert bound(*PANEL)(asking(URL)) >= plain + 4_784
    assert bound(*PANEL)(asking(URL, URL)) >= plain + 2 * 4_784
    assert plain + 1_445 <= bound(GPT)(asking(URL)) < plain + 4_784


@pytest.mark.parametrize("shape", [{"maximum": 2**70}, nested(300)], ids=["a number", "depth"])
def test_a_schema_that_cannot_be_written_as_json_has_no_bound(shape):
    hi = (Message("user", "hi"),)
    assert bound(*PANEL)(Prompt(hi, tools=(Tool("f", parameters=shape),))) is None
    assert bound(*PANEL)(Prompt(hi, format=JsonFormat(shape))) is None


def test_an_image_of_unknown_size_has_no_bound_where_nothing_scales_it_down():
    assert bound(*PANEL, ASTRA)(asking(URL)) is None
    assert bound(*PANEL, MISTRAL)(asking(URL)) is None
    assert bound(*PANEL, MISTRAL)(asking()) is not None


def test_one_of_known_size_is_counted_in_patches():
    # 4,032 x 3,024 px: 126 x 95 patches of 32 px, 1.2 tokens each, as measured for gpt-6-astra
    assert image_tokens_bound(png(4032, 3024), *ASTRA) == 14_364
    # gpt-5.5 scales down to 10,000 patches; at high detail both to 2,500
    assert image_tokens_bound(png(9000, 9000), "openai", "gpt-5.5") == 12_000
    high = ImagePart(url="https://example.org/a.png", detail="high")
    assert image_tokens_bound(high, *ASTRA) == 3_000


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("gpt-4o", 1_445),
        ("gpt-4o-mini", 48_169),
        ("gpt-4.1-nano", 3_779),
        ("gpt-5-mini-2025-08-07", 3_779),
        ("o3", 1_445),
        ("o4-mini", 3_779),
        ("gpt-5.1", 1_445),
        ("gpt-5.4", 12_000),
        ("gpt-5.4-mini", 24_600),
        ("somebody-elses", None),
    ],
)
def test_each_family_of_openais_has_its_rule(model, tokens):
    assert image_tokens_bound(URL, "openai", model) == tokens


@pytest.mark.parametrize(
    "head",
    [
        b"GIF89a" + struct.pack("<HH", 640, 480),
        b"RIFF\0\0\0\0WEBPVP8X"
        + bytes(8)
        + (639).to_bytes(3, "little")
        + (479).to_bytes(3, "little"),
        b"RIFF\0\0\0\0WEBPVP8L"
        + bytes(4)
        + b"\x2f"
        + struct.pack("<I", 639 | 479 << 14)
        + bytes(5),
        b"RIFF\0\0\0\0WEBPVP8 " + bytes(10) + struct.pack("<HH", 640, 480),
        b"\xff\xd8\xff\xe0\0\x06ab\0\0\xff\xff\xc2\0\x0b\x08" + struct.pack(">HH", 480, 640),
    ],
    ids=["gif", "webp extended", "webp lossless", "webp lossy", "jpeg after other segments"],
)
def test_sizes_are_read_from_the_head(head):
    assert pixels(base64.b64encode(head).decode()) == (640, 480)


@given(st.binary(max_size=64), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8"]))
def test_a_head_that_is_none_has_no_size_and_breaks_nothing(rest, start):
    size = pixels(base64.b64encode(start + rest).decode())
    assert size is None or all(side >= 0 for side in size)


def test_text_that_is_no_base64_has_no_size():
    assert pixels("???") is None


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(words, words, st.dictionaries(words, words, max_size=3))
def test_tools_formats_calls_and_results_are_counted(name, text, schema):
    length = len(orjson.dumps(schema)) + len(name.encode()) + len(text.encode())
    plain = input_tokens_bound(Prompt.of("hi"))
    tool = Prompt((Message("user", "hi"),), tools=(Tool(name, text, schema),))
    assert input_tokens_bound(tool) >= plain + length + 804  # Anthropic's own words about tools
    form = Prompt((Message("user", "hi"),), format=JsonFormat(schema, name, text))
    assert input_tokens_bound(form) >= plain + length
    call = Message("assistant", "", tool_calls=(ToolCall("id", name, text, "signature"),))
    result = Message("tool", text, tool_call_id="id")
    both = input_tokens_bound(Prompt((Message("user", "hi"), call, result)))
    assert both >= plain + len(name.encode()) + 2 * len(text.encode()) + len("ididsignature")
