"""What every provider promises (`providers.provider.Provider`), over real sockets."""

import asyncio
import contextlib
import socket

import pytest

from providers import errors
from providers.messages import Completion, FinishReason, Prompt, TextDelta
from providers.provider import Deadline
from tests.contract.wires import KEY, TOKENS
from tests.support.upstream import Then, events, reply, silence

TEXT = "Yes – 「はい」 🦉\n\n  42  "
PIECES = ("Yes – 「", "はい」 🦉", "\n\n  ", "42  ")


def streamed(wire, *texts, finish="stop", **how):
    return events(*wire.opening(*texts), *wire.closing(finish), **how)


def answer(wire, way, text=TEXT, finish="stop"):
    """The same answer, whole or as a stream."""
    return (
        reply(wire.whole(text, finish))
        if way == "complete"
        else streamed(wire, text, finish=finish)
    )


async def test_a_whole_reply_keeps_its_text_model_reason_and_tokens(subject):
    subject.upstream.will(reply(subject.vendor.wire.whole(TEXT)))
    assert await subject.complete() == Completion(TEXT, "model-1-dated", FinishReason.STOP, TOKENS)


async def test_a_stream_yields_the_pieces_and_last_once_the_same_completion(subject):
    subject.upstream.will(streamed(subject.vendor.wire, *PIECES))
    *deltas, completion = await subject.stream()
    assert deltas == [TextDelta(piece) for piece in PIECES]
    assert completion == Completion(TEXT, completion.model, FinishReason.STOP, TOKENS)


async def test_a_stream_cut_anywhere_inside_its_characters_reads_the_same(subject):
    whole = b"".join((*subject.vendor.wire.opening(*PIECES), *subject.vendor.wire.closing()))
    pieces = [whole[i : i + 7] for i in range(0, len(whole), 7)]
    subject.upstream.will(events(*pieces))
    *deltas, completion = await subject.stream()
    assert [delta.text for delta in deltas] == list(PIECES)
    assert completion.text == TEXT


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, errors.RateLimitedError),
        (503, errors.OverloadedError),
        (529, errors.OverloadedError),
        (500, errors.ServerError),
        (502, errors.ServerError),
        (504, errors.ServerError),
        (401, errors.AuthenticationFailedError),
        (403, errors.AuthenticationFailedError),
        (400, errors.RejectedRequestError),
        (404, errors.RejectedRequestError),
        (413, errors.RejectedRequestError),
    ],
)
async def test_each_status_is_the_error_the_table_says(subject, way, status, kind):
    subject.upstream.will(reply(subject.vendor.wire.error("no"), status=status))
    with pytest.raises(errors.ProviderError) as caught:
        await subject.ask(way)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.provider == "p"


async def test_an_error_page_that_is_not_json_is_still_told_by_its_status(subject, way):
    page = reply(b"<html>Bad gateway \xff</html>", status=502, content_type="text/html")
    subject.upstream.will(page)
    with pytest.raises(errors.ServerError):
        await subject.ask(way)


async def test_the_wait_a_vendor_asks_for_is_kept_with_the_error(subject, way):
    slow = reply(subject.vendor.wire.error("slow"), status=429, headers=("retry-after: 7",))
    subject.upstream.will(slow)
    with pytest.raises(errors.RateLimitedError) as caught:
        await subject.ask(way)
    assert caught.value.retry_after_s == 7.0


async def test_an_error_never_shows_a_key_or_an_address(subject, way):
    said = f"Key {KEY.get_secret_value()} is bad, see https://vendor.test/?k=1 or sk-other12345"
    subject.upstream.will(reply(subject.vendor.wire.error(said), status=401))
    with pytest.raises(errors.AuthenticationFailedError) as caught:
        await subject.ask(way)
    shown = f"{caught.value} {caught.value.message} {caught.value!r}"
    assert KEY.get_secret_value() not in shown
    assert "sk-other12345" not in shown
    assert "://" not in shown
    assert "is bad" in shown


async def test_nothing_of_a_provider_shows_its_key(subject):
    assert KEY.get_secret_value() not in repr(subject.provider)
    assert KEY.get_secret_value() not in str(subject.provider)


async def test_a_reply_at_its_limit_of_tokens_is_truncated(subject, way):
    subject.upstream.will(answer(subject.vendor.wire, way, finish="length"))
    with pytest.raises(errors.TruncatedReplyError) as caught:
        await subject.ask(way)
    assert caught.value.usage == TOKENS


async def test_a_reply_the_vendors_filter_stopped_is_filtered(subject, way):
    text = "" if subject.vendor.id == "anthropic" else TEXT
    subject.upstream.will(answer(subject.vendor.wire, way, text, finish="filter"))
    with pytest.raises(errors.FilteredReplyError) as caught:
        await subject.ask(way)
    assert caught.value.usage == TOKENS


@pytest.mark.parametrize("text", ["", " \n"])
async def test_a_reply_without_text_is_empty(subject, way, text):
    subject.upstream.will(answer(subject.vendor.wire, way, text))
    with pytest.raises(errors.EmptyReplyError) as caught:
        await subject.ask(way)
    assert caught.value.usage == TOKENS


@pytest.mark.parametrize(
    "body",
    [b"<html>welcome</html>", b"", b"{", b"[1]", b"null", b'"text"', b"{}", b'{"a": NaN}'],
)
async def test_a_reply_of_another_shape_is_malformed(subject, body):
    subject.upstream.will(reply(body))
    with pytest.raises(errors.MalformedReplyError):
        await subject.complete()


async def test_a_reply_that_is_not_utf_8_is_malformed(subject):
    subject.upstream.will(reply(subject.vendor.wire.whole("ÿ").replace("ÿ".encode(), b"\xff")))
    with pytest.raises(errors.MalformedReplyError):
        await subject.complete()


async def test_a_stream_without_its_end_marker_is_cut(subject):
    subject.upstream.will(events(*subject.vendor.wire.opening(*PIECES)))
    with pytest.raises(errors.CutReplyError):
        await subject.stream()


async def collect(subject, into):
    async for item in subject.provider.stream(Prompt.of("?"), patient()):
        into.append(item)


async def test_a_stream_that_breaks_is_cut_after_the_pieces_that_came(subject):
    subject.upstream.will(events(*subject.vendor.wire.opening(*PIECES), end=False))
    came = []
    with pytest.raises(errors.CutReplyError):
        await collect(subject, came)
    assert came == [TextDelta(piece) for piece in PIECES]


async def test_a_stream_that_is_reset_is_cut(subject):
    opening = subject.vendor.wire.opening(*PIECES)
    subject.upstream.will(events(*opening, end=False, then=Then.RESET))
    with pytest.raises((errors.CutReplyError, errors.ConnectionLostError)):
        await subject.stream()  # lost, if the reset overtakes the head of the reply


async def test_an_error_inside_a_stream_is_raised_after_the_pieces_before_it(subject):
    wire = subject.vendor.wire
    subject.upstream.will(events(*wire.opening(*PIECES), wire.stream_error("boom")))
    came = []
    with pytest.raises(errors.ServerError):
        await collect(subject, came)
    assert came == [TextDelta(piece) for piece in PIECES]


async def test_nobody_listening_is_a_failed_connection(subject, way, client):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refuses, and nobody else gets it
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        subject.provider = subject.vendor.build(client, url, KEY)
        with pytest.raises(errors.ConnectionFailedError):
            await subject.ask(way)


@pytest.mark.parametrize("then", [Then.CLOSE, Then.RESET])
async def test_a_connection_closed_without_a_reply_is_lost(subject, way, then):
    subject.upstream.will(silence(then))
    with pytest.raises(errors.ConnectionLostError):
        await subject.ask(way)


async def test_a_body_shorter_than_promised_is_a_lost_connection(subject):
    body = subject.vendor.wire.whole(TEXT)
    subject.upstream.will(reply(body, length=len(body) + 1))
    with pytest.raises(errors.ConnectionLostError):
        await subject.complete()


async def test_a_reply_that_broke_off_in_its_middle_was_billed_and_is_not_worth_another_call(
    subject,
):
    body = subject.vendor.wire.whole(TEXT)
    subject.upstream.will(reply(body[: len(body) // 2], then=Then.RESET, length=len(body)))
    with pytest.raises(errors.ConnectionLostError) as raised:
        await subject.complete()
    assert raised.value.billable
    assert not raised.value.retryable


async def test_a_silent_vendor_is_left_at_the_deadline(subject, way):
    subject.upstream.will(silence())
    with pytest.raises(errors.TimedOutError):
        await subject.ask(way, seconds=0.3)
    async with asyncio.timeout(10):
        await subject.upstream.left.wait()


async def test_a_stream_that_stalls_is_left_at_the_deadline(subject):
    opening = subject.vendor.wire.opening(*PIECES)
    subject.upstream.will(events(*opening, end=False, then=Then.HANG))
    with pytest.raises(errors.TimedOutError):
        await subject.stream(seconds=0.3)
    async with asyncio.timeout(10):
        await subject.upstream.left.wait()


async def test_a_deadline_that_is_over_asks_nobody(subject, way):
    subject.upstream.will(answer(subject.vendor.wire, way))
    with pytest.raises(errors.TimedOutError):
        await subject.ask(way, seconds=-1)
    assert subject.upstream.received == []


async def test_cancelling_closes_the_upstream_connection(subject, way):
    subject.upstream.will(silence())
    asking = asyncio.create_task(subject.ask(way))
    async with asyncio.timeout(10):
        await subject.upstream.asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await subject.upstream.left.wait()


async def test_cancelling_in_the_middle_of_a_stream_closes_the_connection(subject):
    opening = subject.vendor.wire.opening(*PIECES)
    subject.upstream.will(events(*opening, end=False, then=Then.HANG))
    asking = asyncio.create_task(subject.stream())
    async with asyncio.timeout(10):
        await subject.upstream.asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await subject.upstream.left.wait()


async def test_leaving_a_stream_closes_the_connection(subject):
    opening = subject.vendor.wire.opening(*PIECES)
    subject.upstream.will(events(*opening, end=False, then=Then.HANG))
    async with asyncio.timeout(10):
        async with contextlib.aclosing(subject.provider.stream(Prompt.of("?"), patient())) as items:
            assert await anext(items) == TextDelta(PIECES[0])
        await subject.upstream.left.wait()


def patient() -> Deadline:
    return Deadline(asyncio.get_running_loop().time() + 30)
