"""Fine-tune and ship the entailment model: ``python -m consensus.entailment.train --data FOLDER``."""

from __future__ import annotations

import argparse
import os
import pickle
import random
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file
from torch import distributed, multiprocessing

from consensus.entailment.encoding import PairEncoder
from consensus.entailment.train import corpus, network, vocabulary
from consensus.entailment.train.export import ship, temperature
from consensus.entailment.train.loop import AVERAGED, Plan, Splits, train
from consensus.entailment.train.measure import logits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consensus.entailment.train.corpus import Example

LAYERS = 6
DEV_ROWS = 100


def some(pairs: Sequence[Example], rows: int) -> list[Example]:
    """Keep at most ``rows`` pairs of each source, the same ones every time."""
    by_source: dict[str, list[Example]] = defaultdict(list)
    for pair in pairs:
        by_source[pair.source].append(pair)
    rng = random.Random(0)
    return [
        pair
        for _, group in sorted(by_source.items())
        for pair in (group if len(group) <= rows else rng.sample(group, rows))
    ]


def encoded(data: Path, tokens: list[str], file: Path) -> Splits:
    """Encode the pairs, or read them from ``file``, which an earlier leg of this run wrote."""
    if file.exists():
        kept: Splits = pickle.loads(file.read_bytes())  # noqa: S301 - our own run's folder
        return kept
    encoder = PairEncoder(tokens)
    splits = Splits(
        corpus.examples(data, "train", encoder),
        some(corpus.examples(data, "dev", encoder, long_rows=True), DEV_ROWS),
    )
    aside = file.with_suffix(f".{os.getpid()}")
    aside.write_bytes(pickle.dumps(splits))
    aside.replace(file)
    return splits


def prepare(
    base: Path, data: Path, run: Path, seed: int, layers: int
) -> tuple[list[str], network.CrossEncoder]:
    """Build (or read back) the vocabulary and the network to start from."""
    base_tokens = (base / "vocab.txt").read_text(encoding="utf-8").splitlines()
    if (run / "vocab.txt").exists():
        tokens = (run / "vocab.txt").read_text(encoding="utf-8").split("\n")
    else:
        japanese: dict[str, list[str]] = defaultdict(list)
        for record in corpus.read(data, "train"):
            if record["language"] == "ja" and record["source"] not in corpus.LEARNED_FROM_DEV:
                japanese[record["source"]] += [record["premise"], record["hypothesis"]]
        tokens = vocabulary.build(base_tokens, japanese)
        (run / "vocab.txt").write_text("\n".join(tokens), encoding="utf-8")
    known = len(set(tokens).intersection(base_tokens))
    weights = load_file(base / "model.safetensors")
    rows = network.first_rows(
        tokens, base_tokens, weights["embeddings.word_embeddings.weight"], known=known, seed=seed
    )
    torch.manual_seed(seed)
    made = network.CrossEncoder(known, len(tokens) - known, layers)
    network.load_bert(made, weights, rows)
    return tokens, made


def work(worker: int, options: argparse.Namespace) -> None:
    """Train as one of ``options.workers``."""
    torch.set_num_threads(1 if options.workers > 1 else options.threads)
    if options.workers > 1:
        store = f"file://{options.run.resolve()}/meeting"
        distributed.init_process_group(
            "gloo", init_method=store, rank=worker, world_size=options.workers
        )
    tokens, made = prepare(options.base, options.data, options.run, options.seed, LAYERS)
    splits = encoded(options.data, tokens, options.run / "encoded.pickle")
    say = print if worker == 0 else _silent
    say(f"{len(tokens)} tokens in the vocabulary", flush=True)
    say(f"{len(splits.train)} pairs to learn from, {len(splits.dev)} to measure", flush=True)
    plan = Plan(
        options.tokens,
        options.batch_tokens,
        options.rate,
        options.seed,
        options.checks,
        worker,
        options.workers,
    )
    train(made, splits, plan, options.run, partial(say, flush=True))
    if worker == 0 and options.ship is not None:
        made.load_state_dict(torch.load(options.run / AVERAGED, weights_only=True))
        made.cpu()
        by = temperature(logits(made, splits.dev, torch.device("cpu")), splits.dev)
        ship(made, tokens, by, options.ship)
        say(f"shipped to {options.ship}, temperature {by:.3f}", flush=True)


def _silent(*_lines: str, flush: bool) -> None:
    """Say nothing: one worker speaks for all."""


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Fine-tune the entailment model.")
    parser.add_argument("--data", type=Path, required=True, help="folder of {train,dev}.jsonl.gz")
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--ship", type=Path, help="folder for the int8 model; a finished run ships")
    parser.add_argument("--tokens", type=int, default=12_000_000, help="tokens to train on")
    parser.add_argument("--batch-tokens", type=int, default=2560, help="of one worker")
    parser.add_argument("--rate", type=float, default=1e-4, help="peak learning rate")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--checks", type=int, default=5, help="checkpoints, measured on dev")
    parser.add_argument("--workers", type=int, default=1, help="processes of one thread each")
    parser.add_argument("--worker", type=int, help="be this one of the workers, each started apart")
    parser.add_argument("--threads", type=int, default=2, help="threads of a single process")
    options = parser.parse_args()
    options.run.mkdir(parents=True, exist_ok=True)
    if options.worker is not None:
        work(options.worker, options)
    elif options.workers > 1:
        (options.run / "meeting").unlink(missing_ok=True)
        multiprocessing.spawn(work, (options,), nprocs=options.workers)
    else:
        work(0, options)
