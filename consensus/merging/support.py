"""Whether what a merged text states is what at least one answer states.

A sentence is supported when it is a sentence of an answer, or when, as a whole or clause by clause:

- each number stands in a sentence of the answers near one of the words it stands near here, and not only
  words of the question; or no sentence that is nearer has another; or it follows from others beside it;
- each name stands in a sentence of the answers that shares another word, or to which one refers back;
- it negates where they negate, and only there;
- its words are those of one or two sentences of the answers (their neighbours and the question help: a
  pronoun there may be a name here); or its vector lies next to that of a sentence;

and when it does not contradict the answer that won, unless it says that the matter is contested.

Values in, values out. Checks against the source are what summarisation calls faithfulness; numbers,
names and negation are where models that merge err most (Maynez et al., "On Faithfulness and Factuality
in Abstractive Summarization", ACL 2020; Kryściński et al., "Evaluating the Factual Consistency of
Abstractive Text Summarization", EMNLP 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from consensus.merging.derivation import derives
from consensus.merging.names import spelled
from consensus.merging.relations import contradict, opposite, same_claim
from consensus.merging.sentences import MAX_SENTENCES, MAX_TEXT_CHARS, clause, sentences
from consensus.merging.sources import has_word, squeezed
from consensus.merging.wording import CONTEST
from consensus.polarity import leading_polarity
from consensus.statements import overlap

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from consensus.embedding.embedder import Embedder
    from consensus.entailment.judgement import Entailment
    from consensus.merging.sentences import Clause, Number, Sentence
    from consensus.merging.sources import Source, Sources

COVERAGE = 2 / 3
"""Part of a clause's content words that its sources must have: every third may be a synonym."""

COVERAGE_BY_VECTOR = 1 / 3
NEAR_COSINE = 0.8
"""From this part on a clause may also be covered by the vector of one source."""

SAME_MATTER = 0.5
"""Part of a clause's words, or Dice's coefficient, from which a source speaks of the same matter."""

MAX_NUMBERS = 24
"""Numbers of one clause that are looked at one by one; more are a table, whose words say little."""

NEAREST = 12
"""Sources whose words are tried to cover a clause, those that share most first."""

REACH = 2
"""Sentences after a name within which a pronoun may mean it."""

CONFLICT = 0.8
"""Probability of conflict from which the entailment model overrules the words."""


class Fault(StrEnum):
    """Why a sentence may not stand: the first that applies."""

    NUMBER = "number"
    NAME = "name"
    NEGATION = "negation"
    UNSAID = "unsaid"
    CONTESTED = "contested"


class Finding(NamedTuple):
    """A sentence of a merged text that the answers do not support, and why."""

    sentence: Sentence
    fault: Fault


@dataclass(frozen=True, slots=True)
class Support:
    """Checks merged texts against the answers they are made of.

    Attributes:
        sources: the answers.
        embedder: aligns what shares few words; None leaves that to the words.
        entailment: finds contradictions that words do not show; None leaves that to the rules.
    """

    sources: Sources
    embedder: Embedder | None = None
    entailment: Entailment | None = None

    def check(self, text: str) -> tuple[Finding, ...]:
        """The sentences of ``text`` that no answer supports, in order.

        Raises:
            ValueError: The text is longer than `MAX_TEXT_CHARS`, or has more sentences than are read:
                what is not read is not supported.
        """
        if len(text) > MAX_TEXT_CHARS:
            raise ValueError(f"a text of {len(text)} characters is too long to be checked")
        read = sentences(text)
        if len(read) >= MAX_SENTENCES:
            raise ValueError(
                f"a text of {MAX_SENTENCES} sentences or more is too long to be checked"
            )
        return self.findings(read)

    def findings(self, read: Sequence[Sentence]) -> tuple[Finding, ...]:
        """Those of ``read`` that no answer supports, in order; each is judged by itself."""
        faults = {i: fault for i, s in enumerate(read) if (fault := self._fault(s)) is not None}
        sound = [(i, s) for i, s in enumerate(read) if i not in faults]
        faults |= dict.fromkeys(self._conflicting(sound), Fault.CONTESTED)
        return tuple(Finding(read[i], faults[i]) for i in sorted(faults))

    def _fault(self, sentence: Sentence) -> Fault | None:
        if not sentence.states:
            return self._bare_polarity(sentence)
        verbatim = self.sources.verbatim
        said = squeezed(sentence.text)
        if verbatim and said in verbatim[0]:
            return None
        if not any(said in of_answer for of_answer in verbatim):
            if sentence.code:
                return Fault.UNSAID
            fault = self._unsupported(sentence.whole)
            if fault is not None and not self._by_clauses(sentence):
                return fault
        return Fault.CONTESTED if self._against_winner(sentence) else None

    def _bare_polarity(self, sentence: Sentence) -> Fault | None:
        """A bare yes or no is somebody's."""
        said = leading_polarity(sentence.text)
        return None if said is None or said in self.sources.polarities else Fault.NEGATION

    def _by_clauses(self, sentence: Sentence) -> bool:
        return bool(sentence.clauses) and all(
            self._unsupported(part) is None for part in sentence.clauses
        )

    def _unsupported(self, said: Clause) -> Fault | None:
        sharing = self.sources.sharing(said.words)
        if not self._has_numbers(said):
            return Fault.NUMBER
        if not all(self._has_name(said, name) for name in said.names):
            return Fault.NAME
        if self._negates_anew(said, sharing) and not CONTEST.search(said.text):
            return Fault.NEGATION
        return None if self._covered(said, sharing) else Fault.UNSAID

    # Numbers

    def _has_numbers(self, said: Clause) -> bool:
        known = self.sources.values.keys() | self.sources.given.values
        if len(said.numbers) > MAX_NUMBERS:
            return said.values <= known
        operands = [value for value in said.values if value in known]
        return all(self._has_number(said, n, operands) for n in dict.fromkeys(said.numbers))

    def _has_number(self, said: Clause, number: Number, operands: Sequence[Hashable]) -> bool:
        sources = self.sources
        if number.value in sources.given.values:
            return True
        stated = sources.values.get(number.value, ())
        others = [value for value in operands if value != number.value]
        if derives(number.value, others) or any(self._same_thing(number, s) for s in stated):
            return True
        # Only the question's words are shared, or none: then no source that is nearer may have another.
        fresh = said.words - sources.given.words
        numbered = [(s, n) for s, n in sources.sharing(fresh) if s.clause.numbers]
        rivals = [s for s, n in numbered if n == numbered[0][1]] if numbered else stated
        return any(number.value in s.clause.values for s in rivals)

    def _same_thing(self, number: Number, source: Source) -> bool:
        """Whether the source has the number near a word that stands near it here, too."""
        near = number.near - self.sources.given.words
        return any(
            other.value == number.value and near & (other.near | source.clause.words)
            for other in source.clause.numbers
        )

    # Names

    def _has_name(self, said: Clause, name: str) -> bool:
        given = self.sources.given
        if name in given.names or has_word(spelled(self.sources.question), spelled(name)):
            return True
        rest = said.words - given.words - clause(name).words
        named = self.sources.naming(name)
        if any(not rest or not s.clause.words or rest & s.clause.words for s in named):
            return True
        # Or a sentence soon after refers back to one with the name, and says what is said here.
        places = {(s.answer, s.place + later) for s in named for later in range(1, REACH + 1)}
        return any(
            (s.answer, s.place) in places and s.refers_back for s, _ in self.sources.sharing(rest)
        )

    # Negation and words

    def _negates_anew(self, said: Clause, sharing: Sequence[tuple[Source, int]]) -> bool:
        if not said.words:
            return said.negative and not any(s.clause.negative for s in self.sources.all)
        agreeing = [(s, n) for s, n in sharing if not opposite(said, s.clause)]
        opposing = [s for s, _ in sharing if opposite(said, s.clause)]
        said_so = max((n for _, n in agreeing), default=0) / len(said.words)
        if said.negative and said_so < SAME_MATTER:
            # Said in the question's own words: then a bare no is enough.
            asked = len(said.words & self.sources.given.words) / len(said.words)
            return asked < SAME_MATTER or False not in self.sources.polarities
        against = max((overlap(said.words, s.clause.words) for s in opposing), default=0.0)
        alike = max((overlap(said.words, s.clause.words) for s, _ in agreeing), default=0.0)
        return against >= SAME_MATTER and against > alike

    def _covered(self, said: Clause, sharing: Sequence[tuple[Source, int]]) -> bool:
        told = clause(" ".join(found[0] for found in CONTEST.finditer(said.text)))
        words = said.words - self.sources.given.words - told.words
        if not words:
            return True
        best = [source for source, _ in sharing[:NEAREST]]
        if not best:
            return False
        windows = [self.sources.around(source) for source in best]
        first = max(windows, key=lambda window: len(words & window))
        second = max(windows, key=lambda window: len(words & (window | first)))
        # Names were found, perhaps in another spelling, before.
        named = frozenset().union(*(clause(name).words for name in said.names))
        part = len(words & (first | second | named)) / len(words)
        return part >= COVERAGE or (part >= COVERAGE_BY_VECTOR and self._near(said, best))

    def _near(self, said: Clause, sources: Sequence[Source]) -> bool:
        if self.embedder is None:
            return False
        vectors = self.embedder.embed([said.text, *(source.clause.text for source in sources)])
        return bool((vectors[1:] @ vectors[0]).max() >= NEAR_COSINE)

    # Against the winner

    def _against_winner(self, sentence: Sentence) -> bool:
        """Whether the winner says the opposite, or another number, and nowhere the same."""
        if CONTEST.search(sentence.text):
            return False
        for said in (sentence.whole, *sentence.clauses):
            near = self.sources.sharing(said.words, winner=True)
            against = any(contradict(said, source.clause) for source, _ in near)
            if against and not any(same_claim(said, source.clause) for source, _ in near):
                return True
        return False

    def _conflicting(self, sound: Sequence[tuple[int, Sentence]]) -> list[int]:
        """Which sentences the entailment model finds at odds with what the winner says."""
        if self.entailment is None or not self.sources.read or not self.sources.read[0]:
            return []
        places, pairs = [], []
        for i, sentence in sound:
            nearest = self._nearest_of_winner(sentence)
            open_to_doubt = sentence.states and not sentence.code
            if not open_to_doubt or CONTEST.search(sentence.text):
                continue
            if squeezed(nearest.text) != squeezed(sentence.text):
                places.append(i)
                pairs.append((sentence.text, nearest.text))
        judged = self.entailment.compare(self.sources.question, pairs) if pairs else ()
        return [
            i
            for i, judgement in zip(places, judged, strict=True)
            if judgement is not None and judgement.conflict >= CONFLICT
        ]

    def _nearest_of_winner(self, sentence: Sentence) -> Sentence:
        return max(self.sources.read[0], key=lambda s: overlap(s.whole.words, sentence.whole.words))
