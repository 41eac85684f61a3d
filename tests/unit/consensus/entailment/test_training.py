"""The training run learns, resumes and ships (extra ``train``)."""

import random

import numpy as np
import pytest

from consensus.entailment.encoding import PairEncoder, Row
from consensus.entailment.shipped import OnnxEntailment
from consensus.entailment.train.corpus import AGREE, CONFLICT, NEUTRAL, Example
from tests.support.extras import extra

pytestmark = pytest.mark.transformers


@pytest.fixture
def torch():
    extra("onnx", "pip install 'wallbounce[train]'")
    found = extra("torch", "pip install 'wallbounce[train]'")
    found.manual_seed(2)
    threads = found.get_num_threads()
    found.set_num_threads(1)  # where cores are shared, several threads mostly wait for each other
    yield found
    found.set_num_threads(threads)


def test_a_label_of_two_classes_asks_only_that_the_third_is_unlikely(torch):
    from consensus.entailment.train.loop import loss

    allowed = torch.tensor([[False, True, True]])
    neutral, conflict = torch.tensor([[-9.0, 9.0, 0.0]]), torch.tensor([[-9.0, 0.0, 9.0]])
    agree = torch.tensor([[9.0, 0.0, -9.0]])

    assert loss(neutral, allowed) == pytest.approx(loss(conflict, allowed))
    assert loss(agree, allowed) > loss(neutral, allowed) + 5


def test_the_rate_rises_then_falls_to_nothing(torch):
    from consensus.entailment.train.loop import Plan

    plan = Plan(tokens=100_000, batch_tokens=100, rate=1.0, seed=0, checks=1)

    rates = [plan.rate_at(step) for step in range(plan.steps + 1)]

    assert rates[0] == rates[-1] == 0
    assert max(rates) == pytest.approx(1.0, abs=0.03)
    assert rates.index(max(rates)) == pytest.approx(50, abs=1)


def small(torch, tokens):
    from consensus.entailment.train.network import CrossEncoder

    torch.manual_seed(3)
    network = CrossEncoder(known=4, added=tokens - 4, layers=1)
    for name, weights in network.named_parameters():
        if name.startswith(("added", "positions", "segments")):
            torch.nn.init.normal_(weights, std=0.3)
    return network


def pairs():
    """Same token twice: agree; two tokens of unlike parity: conflict; else neutral."""
    rng = random.Random(4)
    made = []
    for _ in range(400):
        one, other = rng.randint(4, 9), rng.randint(4, 9)
        label = AGREE if one == other else CONFLICT if (one + other) % 2 else NEUTRAL
        made.append(Example("a", Row([2, one, 3, other, 3], [0, 0, 0, 1, 1]), (label,)))
    return made


def test_a_run_learns_and_goes_on_from_its_checkpoint(torch, tmp_path):
    from consensus.entailment.train.loop import CHECKPOINT, Plan, Splits, train

    said = []
    splits = Splits(pairs(), pairs()[:100])
    plan = Plan(tokens=96_000, batch_tokens=500, rate=3e-3, seed=1, checks=2)
    train(small(torch, 10), splits, plan, tmp_path, said.append)
    longer = Plan(tokens=192_000, batch_tokens=500, rate=3e-3, seed=1, checks=2)

    train(small(torch, 10), splits, longer, tmp_path, said.append)

    assert "resumed at step 192" in said
    assert torch.load(tmp_path / CHECKPOINT)["step"] == 384
    losses = [float(line.split()[3]) for line in said if line.startswith("step")]
    assert len(losses) == 8
    assert losses[-1] < 0.6 * losses[0]


def test_the_shipped_file_says_what_the_network_says(torch, tmp_path):
    from consensus.entailment.train.export import ship

    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "yes", "no", "so", "か", "な", "の"]
    network = small(torch, len(tokens)).eval()
    ship(network, tokens, 1.5, tmp_path)
    encoder = PairEncoder(tokens)
    row = encoder.row(*map(encoder.read, ("so", "yes no", "no")))

    (judged,) = OnnxEntailment(tmp_path).compare("so", [("no", "yes no")])

    with torch.inference_mode():
        logits = network(torch.tensor([row.tokens]), torch.tensor([row.segments]))[0] / 1.5
    assert (judged.agree, judged.neutral, judged.conflict) == pytest.approx(
        logits.softmax(-1).tolist(), abs=0.03
    )


def test_the_temperature_undoes_what_scaled_the_logits(torch):
    from consensus.entailment.train.export import temperature

    rng = np.random.default_rng(6)
    logits = rng.normal(size=(3_000, 3))
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    drawn = [int(rng.choice(3, p=row)) for row in shares]
    labelled = [Example("a", Row([], []), (label,)) for label in drawn]

    assert temperature(3 * logits, labelled) == pytest.approx(3, rel=0.15)
