"""A whole pipeline over scripted vendors, without a socket, a database or a model."""

import asyncio
from dataclasses import dataclass, field

from consensus.asking import Panelist
from consensus.synthesis import Synthesizer
from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from consensus.verdict import Floors
from consensus.wall_bounce import WallBounce
from gateway.guard.admission import Admission
from gateway.legacy_path import LegacyPath
from gateway.pipeline import Pipeline
from gateway.problem_types import status_of
from gateway.requests import GenerateRequest
from gateway.rollout.plan import ArmPolicy
from gateway.rollout.status import Assignment, Standing
from gateway.shadow.runner import Shadow
from gateway.shadow.terms import ShadowLimits
from gateway.wall_bounce_path import WallBouncePath
from tests.support.providers import ScriptedProvider, says
from tests.support.records import NOON, VENDORS

QUESTION = "What is 17 + 25?"
OPEN = Standing(0.0, "0", 0.0, enabled=True, known=True, trip=None, delivered=True)


@dataclass(frozen=True)
class Cent:
    """A call costs a cent, whatever it says; at worst the 8,192nd part of a dollar a token."""

    max_output_tokens = 4_096

    def worst_case_usd(self, input_tokens, max_tokens):
        return max_tokens / 8_192

    def cost_usd(self, usage):
        return 0.01


@dataclass
class Everybody:
    """Picks each request there is a share for."""

    asked: list = field(default_factory=list)

    def picks(self, caller_id, share):
        self.asked.append((caller_id, share))
        return share > 0


@dataclass
class OneArm:
    """A rollout that sends everybody one way."""

    arm: str
    policy: ArmPolicy | None = None
    share: float = 0.25
    assigned: int = 0

    def assign(self, caller_id):
        self.assigned += 1
        place = 0.75 if self.arm == "legacy" else 0.125
        return Assignment(self.arm, place, self.share, "25", self.policy)


class World:
    """``providers`` by name; ``records`` as they were appended; ``skipped`` shadows, counted;
    ``crowded``: whether vendors have not much room left."""

    def __init__(
        self,
        *providers: ScriptedProvider,
        arm="legacy",
        policy=None,
        shadow=None,
        standing=OPEN,
        weights=None,
        steering=None,
    ):
        for provider in providers:
            provider.vendor = VENDORS.get(provider.name, provider.name)
        panel = {p.name: Panelist(p, Cent()) for p in providers}
        names = tuple(panel)
        self.providers = {p.name: p for p in providers}
        self.records = []
        self.skipped = 0
        self.crowded = False
        self.standing = standing
        self.sampling = Everybody()
        self.rollout = OneArm(arm, policy)
        self.admission = Admission(4)
        new = WallBouncePath(
            WallBounce(panel, lambda prompt: 100, _fail, patience_s=None),
            Synthesizer(panel, lambda prompt: 100, _fail),
            weights=weights or {},
            floors=Floors(0.7, 0.6, 0.8, 0.9),
            embedder=None,
            trust=LogitTrust(shipped_prior()),
            entailment=None,
        )
        self.shadow = Shadow(
            path=new,
            available=names,
            append=self.records.append,
            status_of=status_of,
            sampling=self.sampling,
            standing=lambda: self.standing,
            limits=shadow or ShadowLimits(0.0),
            clock=lambda: NOON,
            on_skip=self._skip,
            steering=steering,
            crowded=lambda: self.crowded,
        )
        self.pipeline = Pipeline(
            admission=self.admission,
            rollout=self.rollout,
            paths={
                "wall_bounce": new,
                "legacy": LegacyPath(panel, names, lambda prompt: 100, _fail),
            },
            available=names,
            append=self.records.append,
            status_of=status_of,
            instance="i",
            caller_salt="salt",
            shadow=self.shadow,
            steering=steering,
        )

    async def ask(self, request_id="r-1", **body):
        return await self.pipeline.answer(
            GenerateRequest(**{"prompt": QUESTION, **body}), request_id
        )

    async def shadows_over(self):
        """Wait until no shadow runs, and give their records."""
        while self.shadow.in_flight:  # noqa: ASYNC110 - in virtual time
            await asyncio.sleep(0.01)
        return [record for record in self.records if record.arm == "shadow"]

    def _skip(self):
        self.skipped += 1


def three(*answers, after_s=0.0):
    """Gemini, GPT and Claude, each giving one answer again and again."""
    texts = answers or ("42", "42", "42")
    return [
        says(name, text, after_s=after_s)
        for name, text in zip(("gemini", "gpt", "claude"), texts, strict=True)
    ]


def _fail(provider, crash):
    raise AssertionError(f"{provider} crashed") from crash
