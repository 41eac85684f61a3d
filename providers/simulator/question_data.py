"""Reads and checks the questions of ``data/*.toml``.

A question that contradicts itself (evidence nobody gives, an answer that is none of its options)
stops the start with a ValueError that names it.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

from providers.simulator.questions import Answer, Library, Question, Voice
from providers.simulator.text import contains, words
from providers.simulator.vendors import Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = ("number", "choice", "yes_no", "phrase", "date", "code", "json", "open")
_STANCES = ("stubborn", "persuadable", "follows_majority", "follows_evidence")
# What an answer is said as when the data does not word it itself.
_STATES = {"en": "The answer is {key}.", "ja": "答えは{key}です。"}
_STATES_YES_NO = {"en": "The answer is {key}.", "ja": "答えは「{key}」です。"}
_STATES_CHOICE = {"en": "The answer is {key}) {option}.", "ja": "答えは{key}({option})です。"}
# How an answer is given where its text alone would be no sign of it: a letter, a yes.
_MARKS = (
    "answer is {0}",
    "final answer {0}",
    "option {0}",
    "答えは{0}",
    "正解は{0}",
    "選択肢{0}",
    "最終回答 {0}",
)
# Kinds whose answers are too long or too free to be recognised by a mark.
_UNMARKED = ("code", "json", "open")


def shipped() -> Library:
    """The questions that come with the package."""
    folder = resources.files("providers.simulator") / "data"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    tables = (t for f in files for t in tomllib.loads(f.read_text("utf-8"))["question"])
    return Library(read_question(t) for t in tables)


def read_question(table: Mapping[str, Any]) -> Question:
    """Read one ``[[question]]`` table; raises ValueError naming the question and what is wrong."""
    try:
        return _read(table)
    except (ValueError, KeyError) as error:
        raise ValueError(f"question {table.get('id')}: {error}") from error


def _read(table: Mapping[str, Any]) -> Question:
    if table["language"] not in _STATES or table["kind"] not in _KINDS:
        raise ValueError(f"language {table['language']!r} or kind {table['kind']!r} is unknown")
    voices = {vendor: _voice(table[vendor]) for vendor in Vendor}
    right = table.get("right")
    keys = {v.answer for v in voices.values() if not v.refuses} | ({right} if right else set())
    unused = set(table.get("answers", ())) - keys
    if unused:
        raise ValueError(f"nobody gives the answers {sorted(unused)}")
    evidence = tuple(map(words, table.get("evidence", ())))
    asked = tuple(map(words, table["ask"]))
    _check_evidence(evidence, asked, [words(v.says) for v in voices.values() if v.answer == right])
    return Question(
        id=table["id"],
        language=table["language"],
        kind=table["kind"],
        ask=tuple(table["ask"]),
        options=table.get("options", {}),
        right=right,
        evidence=evidence,
        answers={key: _answer(table, key) for key in sorted(keys)},
        voices=voices,
        asked=asked,
    )


def _voice(table: Mapping[str, Any]) -> Voice:
    stance = table.get("stance", "persuadable")
    if stance not in _STANCES:
        raise ValueError(f"no stance {stance!r}; there are {', '.join(_STANCES)}")
    refuses = table.get("refuses", False)
    answer = "" if refuses else table["answer"]
    return Voice(answer, table["says"], stance, table.get("concedes"), refuses)


def _check_evidence(evidence: tuple[str, ...], asked: tuple[str, ...], right: list[str]) -> None:
    for proof in evidence:
        if not any(contains(said, proof) for said in right):
            raise ValueError(f"nobody who is right says the evidence {proof!r}")
        if any(contains(ask, proof) for ask in asked):
            raise ValueError(f"the evidence {proof!r} is in the question itself")


def _answer(table: Mapping[str, Any], key: str) -> Answer:
    """One possible answer, worded and marked by default unless the data does it."""
    kind = table["kind"]
    written = table.get("answers", {}).get(key, {})
    if kind in _UNMARKED:
        return Answer(key, written["states"], ())
    marks: tuple[str, ...] = (key,)
    form, option = _STATES[table["language"]], ""
    if kind in {"choice", "yes_no"}:
        form = _STATES_YES_NO[table["language"]]
        marks = tuple(mark.format(key) for mark in _MARKS)
    if kind == "choice":
        form, option = _STATES_CHOICE[table["language"]], table["options"][key]
        marks += (option,)
    states = written.get("states") or form.format(key=key, option=option)
    return Answer(key, states, tuple(words(m) for m in (*marks, *written.get("marks", ()))))
