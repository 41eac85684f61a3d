"""Panels of answers for the tests of the decision, read and embedded by what ships."""

from collections.abc import Mapping

from consensus.answers import read_question
from consensus.ballot import TrustModel
from consensus.decision import decide
from consensus.embedding.embedder import Embedder
from consensus.embedding.static import StaticEmbedder
from consensus.transcript import Attempt, Failure, Transcript
from consensus.trust.model import LogitTrust
from consensus.trust.parameters import shipped_prior
from consensus.trust.topics import Topics
from consensus.verdict import Consensus, Floors

VENDORS = {"gpt": "openai", "claude": "anthropic", "gemini": "google"}
EMBEDDER = StaticEmbedder()


def attempt(provider: str, text: str | None, *, vendor: str | None = None) -> Attempt:
    """One provider's answer, or its time-out where ``text`` is None."""
    failure = Failure("timeout", "no reply in time", retryable=False) if text is None else None
    home = vendor or VENDORS.get(provider, provider)
    return Attempt(provider, home, f"{provider}-1", 1, 10.0, text=text, failure=failure)


def panel(*texts: str | None) -> tuple[Attempt, ...]:
    """Answers of gpt, claude and gemini, in this order; further ones of vendors of their own."""
    names = [*VENDORS, *(f"other{n}" for n in range(len(texts)))]
    return tuple(attempt(name, text) for name, text in zip(names, texts, strict=False))


def decide_on(
    question: str,
    attempts: tuple[Attempt, ...],
    *,
    weights: Mapping[str, float] | None = None,
    min_providers: int = 2,
    floors: Floors | None = None,
    embedder: Embedder | None = EMBEDDER,
    trust: TrustModel | None = None,
) -> Consensus:
    """Decide with everything that ships."""
    return decide(
        read_question(question),
        Transcript(attempts),
        weights=weights or {},
        floors=floors or Floors(),
        min_providers=min_providers,
        embedder=embedder,
        trust=trust or LogitTrust(shipped_prior()),
        topics=Topics(EMBEDDER),
    )
