"""Made-up recorded answers, as small as a test can say them."""

import json

from learning.backtest.records import parse

MODELS = ("m-gpt", "m-claude", "m-gemini")


def answer(model, text, correct, extracted=None, **more):
    """One answer; what is extracted from it is its text, where nothing else is said."""
    said = text if extracted is None else extracted
    return {"model": model, "text": text, "extracted": said, "correct": correct} | more


def row(order, *answers, prompt="How many eggs are left?", dataset="eggs", **more):
    """One record."""
    record = {"dataset": dataset, "id": f"{dataset}-{order}", "order": order, "prompt": prompt}
    return record | {"answers": list(answers)} | more


def panel(order, texts, gold, **more):
    """Three answers, each right where it is the gold."""
    answers = (answer(m, t, t == gold) for m, t in zip(MODELS, texts, strict=True))
    return row(order, *answers, **more)


def record(value):
    """As it is read from a file."""
    return parse(json.dumps(value))
