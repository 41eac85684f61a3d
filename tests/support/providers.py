"""Scripted providers: in-process doubles that answer, fail, wait or break on cue.

Waits are timers of the running loop, so on a `tests.support.virtual_time.VirtualTimeLoop` an hour
passes at once.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from providers.messages import Completion, FinishReason, Prompt, TextDelta, Usage
from providers.provider import Deadline

SOME_TOKENS = Usage(input_tokens=10, output_tokens=20)


@dataclass(frozen=True)
class Says:
    """Answer after a while. A callable text is computed from the prompt."""

    text: str | Callable[[Prompt], str]
    after_s: float = 0.0
    usage: Usage = SOME_TOKENS


@dataclass(frozen=True)
class Raises:
    """Fail after a while."""

    error: BaseException
    after_s: float = 0.0


@dataclass(frozen=True)
class Hangs:
    """Never answer; when cancelled, take ``closing_s`` to close, ignoring further cancels."""

    closing_s: float = 0.0


Step = Says | Raises | Hangs


@dataclass
class Asked:
    """One call a scripted provider got, and how it ended."""

    prompt: Prompt
    deadline: Deadline
    repeat_billed: bool
    at: float
    ended: str | None = None


@dataclass
class ScriptedProvider:
    """Plays its steps in order, one a call; the last one again and again."""

    name: str
    steps: tuple[Step, ...]
    vendor: str = "scripted"
    model: str = ""
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = self.model or f"{self.name}-1"

    @property
    def cancelled(self) -> bool:
        """Whether the last call was cancelled."""
        return self.asked[-1].ended == "cancelled"

    async def complete(
        self, prompt: Prompt, deadline: Deadline, *, repeat_billed: bool = True
    ) -> Completion:
        step = self.steps[min(len(self.asked), len(self.steps) - 1)]
        call = Asked(prompt, deadline, repeat_billed, asyncio.get_running_loop().time())
        self.asked.append(call)
        try:
            completion = await self._play(step, prompt)
        except asyncio.CancelledError:
            call.ended = "cancelled"
            raise
        except BaseException:
            call.ended = "failed"
            raise
        call.ended = "answered"
        return completion

    async def _play(self, step: Step, prompt: Prompt) -> Completion:
        match step:
            case Says(text, after_s, usage):
                await asyncio.sleep(after_s)
                said = text if isinstance(text, str) else text(prompt)
                return Completion(said, self.model, FinishReason.STOP, usage)
            case Raises(error, after_s):
                await asyncio.sleep(after_s)
                raise error
            case Hangs(closing_s):
                try:
                    await asyncio.Event().wait()
                finally:
                    await _stubbornly_sleep(closing_s)
        raise AssertionError("unreachable")

    async def stream(
        self, prompt: Prompt, deadline: Deadline, *, repeat_billed: bool = False
    ) -> AsyncGenerator[TextDelta | Completion, None]:
        completion = await self.complete(prompt, deadline, repeat_billed=repeat_billed)
        half = len(completion.text) // 2
        for piece in (completion.text[:half], completion.text[half:]):
            if piece:
                yield TextDelta(piece)
        yield completion


async def _stubbornly_sleep(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        try:
            await asyncio.sleep(left)
        except asyncio.CancelledError:
            continue


def says(
    name: str, *texts: str | Callable[[Prompt], str], after_s: float = 0.0
) -> ScriptedProvider:
    """A provider that gives these answers in turn, each after the same while."""
    return ScriptedProvider(name, tuple(Says(text, after_s) for text in texts))


def raises(name: str, error: BaseException, *, after_s: float = 0.0) -> ScriptedProvider:
    """A provider that always fails so."""
    return ScriptedProvider(name, (Raises(error, after_s),))


def hangs(name: str, *, closing_s: float = 0.0) -> ScriptedProvider:
    """A provider that never answers."""
    return ScriptedProvider(name, (Hangs(closing_s),))
