"""Follows the policy in force, in every process: what it holds goes into service, what it froze stands still.

Nothing here holds up a request. While the database is away, or the policy in force cannot be read, what
was in service stays (fail open): it is logged once a cause, counted, and tried again. A document that
was found wanting is not, until it reads otherwise: trying one takes a processor for half a second.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import structlog

from learning.policy.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from consensus.ballot import TrustModel
    from gateway.storage.policy_store import KeptPolicy
    from learning.policy.document import PolicyDocument
    from learning.policy.moves import Standing

_log = structlog.get_logger(__name__)

POLL_INTERVAL_S = 2.0
"""Between two looks at which policy is in force: one small read."""

PATIENCE_S = 10.0
"""How long reading may take before it is given up and begun anew. Trying a policy is not reckoned in: no
thread can be given up, and a second one beside it would make both slower."""


class PolicySource(Protocol):
    """Where policies are read: `gateway.storage.policy_store.SqlPolicyStore`."""

    async def standing(self) -> Standing:
        """What is in force."""
        ...

    async def get(self, version: int) -> KeptPolicy | None:
        """One policy."""
        ...


class PolicyDesk:
    """The policy one process follows. For one event loop.

    Args:
        store: Where policies are read.
        serve: Puts a model of trust in service.
        model: The one in service now.
        on_version: Told which version is followed; 0 for none. Must not raise.
        on_failure: Told of each look that failed. Must not raise.
    """

    def __init__(
        self,
        store: PolicySource,
        *,
        serve: Callable[[TrustModel], None],
        model: TrustModel,
        on_version: Callable[[int], None],
        on_failure: Callable[[], None],
    ) -> None:
        self._store = store
        self._serve = serve
        self._learned = model
        self._on_version = on_version
        self._on_failure = on_failure
        self._document: PolicyDocument | None = None
        self._readers: list[Callable[[PolicyDocument], None]] = []
        self._last_failure: str | None = None
        self._refused: tuple[KeptPolicy, Exception] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def document(self) -> PolicyDocument | None:
        """The policy followed; None for none."""
        return self._document

    @property
    def version(self) -> int:
        """Its version; 0 for none."""
        return 0 if self._document is None else self._document.version

    @property
    def frozen(self) -> bool:
        """Whether what is learned from labels is kept out of service."""
        return self._document is not None and self._document.calibration.frozen

    def subscribe(self, take: Callable[[PolicyDocument], None]) -> None:
        """Tell ``take`` of each policy that comes into force here, after its model; may raise."""
        self._readers.append(take)
        if self._document is not None:
            self._tell(take, self._document)

    def learned(self, model: TrustModel) -> None:
        """Take in what was fitted to the labels: in service now, or once no frozen policy stands."""
        self._learned = model
        if not self.frozen:
            self._serve(model)

    async def start(self) -> None:
        """Begin to follow. Waits for nothing: before the first look no policy is followed."""
        self._task = asyncio.create_task(self._follow(), name="policy-follow")

    async def aclose(self) -> None:
        """Stop following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def look(self) -> None:
        """Look once which policy is in force, and follow it. Never raises."""
        try:
            await self._catch_up()
        except Exception as failure:  # noqa: BLE001 - following must outlive any failure
            self._on_failure()
            cause = f"{type(failure).__name__}: {failure}"
            if cause != self._last_failure:
                _log.warning("policy_not_followed", error=cause, in_service=self.version)
            self._last_failure = cause
        else:
            self._last_failure = None

    async def _catch_up(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            standing = await self._store.standing()
            if standing.version == self.version:
                return
            kept = await self._store.get(standing.version)
        if kept is None:
            raise LookupError(f"policy {standing.version} is in force and not there")
        if self._refused is not None and self._refused[0] == kept:
            raise self._refused[1].with_traceback(None)  # each raise would make it longer
        try:
            document, model = await asyncio.to_thread(_tried, kept)
        except (PolicyError, ArithmeticError) as failure:
            self._refused = (kept, failure)
            raise
        self._document = document
        self._serve(model if document.calibration.frozen else self._learned)
        self._on_version(document.version)
        _log.info("policy_in_force", version=document.version, frozen=document.calibration.frozen)
        for take in self._readers:
            self._tell(take, document)

    def _tell(self, take: Callable[[PolicyDocument], None], document: PolicyDocument) -> None:
        try:
            take(document)
        except Exception as failure:  # noqa: BLE001 - one reader's trouble is not the others'
            self._on_failure()
            _log.error("policy_not_taken", version=document.version, exc_info=failure)

    async def _follow(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(POLL_INTERVAL_S)


def _tried(kept: KeptPolicy) -> tuple[PolicyDocument, TrustModel]:
    """On a thread: the document and its model, which gives probabilities.

    Raises:
        learning.policy.errors.UnreadablePolicyError: It cannot be read.
        ArithmeticError: Its model judges nonsense.
    """
    from learning.policy.checking import faults_of  # noqa: PLC0415 - numpy must not delay the start
    from learning.policy.models import model_of  # noqa: PLC0415 - as above

    document = kept.read()
    # Whoever promoted it has tried it; this program may be another version than theirs.
    if faults := faults_of(document):
        raise ArithmeticError(faults[0])
    return document, model_of(document.calibration.model)
