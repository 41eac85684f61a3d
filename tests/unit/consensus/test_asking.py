"""One provider asked once."""

import asyncio
import gc

import pytest

from consensus.asking import Panelist, Terms, ask
from consensus.streaming import ask_streaming
from providers.errors import EmptyReplyError
from providers.messages import Prompt
from providers.provider import Deadline
from tests.support.providers import raises

QUESTION = Prompt.of("What is 2 + 2?")


class Unmoved:
    """A reader that takes all and shows nothing."""

    failure = None
    shown = False

    def take(self, text):
        pass


def whole(panelist, terms, cut_at):
    return ask(panelist, QUESTION, terms, cut_at, on_crash=pytest.fail)


def streamed(panelist, terms, cut_at):
    return ask_streaming(
        panelist, QUESTION, terms, cut_at, cut_at, reader=Unmoved(), on_crash=pytest.fail
    )


async def left_as_it_fails(way):
    """Ask somebody who fails, and leave in the moment in which that is so."""
    cut_at = asyncio.get_running_loop().time() + 60
    error = EmptyReplyError("gpt", "the reply has no text")
    failing = Panelist(raises("gpt", error, after_s=0.01))
    asking = asyncio.create_task(way(failing, Terms(1, Deadline(cut_at)), cut_at))
    await asyncio.sleep(0)  # now it has asked
    call = next(task for task in asyncio.all_tasks() if task.get_name() == "ask gpt")
    call.add_done_callback(lambda _: asking.cancel())
    with pytest.raises(asyncio.CancelledError):
        await asking


@pytest.mark.parametrize("way", [whole, streamed])
def test_a_vendor_that_fails_as_its_caller_leaves_is_not_logged_as_our_mistake(way, caplog):
    asyncio.run(left_as_it_fails(way))
    gc.collect()
    assert caplog.messages == []
