"""The shipped entailment model, int8, by onnxruntime: the one door to it.

It fails open: without the model or onnxruntime, or with its time spent, a pair is not judged, and
whoever asked decides by rules and says so.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from consensus.entailment.encoding import PairEncoder
from consensus.entailment.judgement import Judgement
from consensus.entailment.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consensus.entailment.encoding import Row

MODEL_FOLDER: Final = Path(__file__).parent / "model"
MODEL_FILE: Final = "model.onnx"
VOCABULARY_FILE: Final = "vocab.txt"

BUDGET_MS: Final = 40.0
"""Thread CPU of one decision, in milliseconds: three pairs of 30-word answers take half of it."""

_log = logging.getLogger(__name__)


class OnnxEntailment:
    """Implements `consensus.entailment.judgement.Entailment`; safe to call from several threads.

    The model and onnxruntime load at the first pair (a tenth of a second) or by `warm`; loading
    does not count as time of the decision. A pair is run only if, at the pace measured so far, it
    still fits into the budget of its call.

    Args:
        folder: Where ``model.onnx`` and ``vocab.txt`` are.
        budget_ms: Thread CPU that one call of `compare` may take, in milliseconds.
        clock: Seconds of CPU that the calling thread has used.
    """

    def __init__(
        self,
        folder: Path = MODEL_FOLDER,
        *,
        budget_ms: float = BUDGET_MS,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._folder = folder
        self._budget = budget_ms / 1000
        self._clock = clock
        self._pace = Pace()
        self._lock = Lock()
        self._loaded = False
        self._encoder: PairEncoder | None = None
        self._session: Any = None

    def warm(self) -> bool:
        """Load the model now and run it once; tell whether it can judge."""
        return self.compare("", [("a", "b")])[0] is not None

    def compare(
        self, question: str, pairs: Sequence[tuple[str, str]]
    ) -> Sequence[Judgement | None]:
        """See `consensus.entailment.judgement.Entailment`."""
        encoder = self._ready()
        if encoder is None:
            return [None] * len(pairs)
        end = self._clock() + self._budget
        read: dict[str, list[int]] = {}
        for text in (question, *(text for pair in pairs for text in pair)):
            if text not in read:
                read[text] = encoder.read(text)
        return [
            self._judge(encoder.row(read[question], read[first], read[second]), end)
            for first, second in pairs
        ]

    def _judge(self, row: Row, end: float) -> Judgement | None:
        began = self._clock()
        if began + self._pace.estimate(len(row.tokens)) > end:
            self._pace.refused()
            return None
        tokens = np.asarray([row.tokens], dtype=np.int64)
        segments = np.asarray([row.segments], dtype=np.int64)
        try:
            (shares,) = self._session.run(None, {"tokens": tokens, "segments": segments})
        except Exception:  # noqa: BLE001 - onnxruntime's own errors have no common base
            _log.exception("the entailment model failed on a pair")
            return None
        self._pace.measured(len(row.tokens), self._clock() - began)
        agree, neutral, conflict = (float(share) for share in shares[0])
        return Judgement(agree, neutral, conflict)

    def _ready(self) -> PairEncoder | None:
        if not self._loaded:
            with self._lock:
                if not self._loaded:
                    self._load()
                    self._loaded = True
        return self._encoder

    def _load(self) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 - loaded when first needed

            options = onnxruntime.SessionOptions()
            # Two vendors' answers are compared in one thread among many requests' threads.
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            tokens = (self._folder / VOCABULARY_FILE).read_text(encoding="utf-8").split("\n")
            self._session = onnxruntime.InferenceSession(
                self._folder / MODEL_FILE, options, providers=["CPUExecutionProvider"]
            )
            self._encoder = PairEncoder(tokens)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, answers go on without
            _log.warning("no entailment model, rules decide alone: %s", error)
