"""`wallbounce backtest`: what learning gains, on recorded answers and on the gateway's own past."""

import asyncio
import gzip
import json
import random
import signal
import time
from datetime import timedelta

import pytest
from rich.cells import cell_len

from gateway.storage.journal_tables import JournalTables
from gateway.storage.sql import Database
from learning.backtest.steering import running, walkers
from learning.records import Feedback
from tests.support.extras import extra
from tests.support.recordings import MODELS, answer, row
from tests.support.storage import NOON, record

PROMPT = "A farm has {n} hens and sells {m} of them. How many hens are left? Give a number."
QUICK = ("--entailment", "off", "--test", "20")


def hens(order, dice):
    """A sum that each model gets right more or less often."""
    n, m = dice.randint(20, 90), dice.randint(1, 19)
    answers = []
    for model, skill in zip(MODELS, (0.6, 0.9, 0.7), strict=True):
        right = dice.random() < skill
        said = n - m if right else n - m + dice.randint(1, 3)
        answers.append(answer(model, f"That leaves {said} hens.", right, str(said)))
    return row(order, *answers, prompt=PROMPT.format(n=n, m=m))


@pytest.fixture
def data(tmp_path):
    """Eighty sums, and a file that says who sits where."""
    folder = tmp_path / "data"
    folder.mkdir()
    dice = random.Random(1)
    lines = "\n".join(json.dumps(hens(order, dice)) for order in range(80))
    (folder / "eggs.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "roles.yaml").write_text("eggs: [m-gpt, m-claude, m-gemini]\n")
    return folder


@pytest.fixture
def backtest(call, monkeypatch):
    """The command, with no data and no tracker but what a test names."""
    for name in ("WALLBOUNCE_EVAL_DATA", "MLFLOW_TRACKING_URI", "WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: call("backtest", *map(str, arguments))


@pytest.fixture
def replay(backtest, data, tmp_path):
    """A replay of the sums."""
    given = ("--data", data, "--roles", tmp_path / "roles.yaml", *QUICK)
    return lambda *arguments: backtest(*given, *arguments)


def figures(path):
    return json.loads(path.read_text())


def test_tables_json_report_and_pictures_of_one_replay(replay, tmp_path):
    out, report = tmp_path / "out" / "figures.json", tmp_path / "told" / "report.md"
    done = replay("--json", out, "--report", report, "--plots", tmp_path / "plots")
    assert done.exit_code == 0, done.output
    for word in ("plain vote", "fewer calls", "Policies", "rank correlation", "shows none", "eggs"):
        assert word in done.output
    assert max(cell_len(line) for line in done.output.splitlines() if "/" not in line) <= 80
    found = figures(out)
    assert {"accuracy", "cost_ratio"} <= found["lift"].keys()
    assert {"calls_saved", "accuracy_change"} <= found["cheaper"].keys()
    assert all({"lift", "low", "high"} <= part.keys() for part in found["ablations"].values())
    assert found["policies"]["vote"]["calls"] == 3
    assert found["policies"]["vote"]["against_vote"]["lift"] == 0
    assert found["about"]["options"]["test"] == 20
    assert list(found["about"]["data"]) == ["eggs.jsonl.gz"]
    names = ["ablations", "accuracy-against-calls", "accuracy-over-time"]
    pictures = sorted((tmp_path / "plots").iterdir())
    assert [picture.stem for picture in pictures] == names
    assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in pictures)
    text = report.read_text()
    assert "| vote |" in text
    assert found["about"]["data"]["eggs.jsonl.gz"] in text
    assert all(f"(../plots/{name}.png)" in text for name in names)


def test_the_same_seed_gives_the_same_figures_and_pictures(replay, tmp_path):
    told = []
    for name in ("one", "other"):
        folder = tmp_path / name
        replay("--json", folder / "out.json", "--plots", folder, "--policies", "best single")
        told.append([path.read_bytes() for path in sorted(folder.iterdir())])
    assert told[0] == told[1]
    assert len(told[0]) == 4


def test_only_the_policies_named_are_walked_besides_those_the_gains_are_of(replay):
    found = json.loads(replay("--policies", "best single", "--json", "-").stdout)
    assert found["policies"].keys() == {*running.HEADLINE, "best single"}


def test_labels_later_than_the_stream_teach_nothing(replay):
    late = json.loads(replay("--delay", "80", "--json", "-", "--policies", "vote").stdout)
    assert late["lift"]["over_consensus"] == 0
    cold = late["policies"]["consensus"]["accuracy"]
    soon = json.loads(replay("--delay", "1", "--json", "-", "--policies", "vote").stdout)
    assert soon["policies"]["consensus"]["accuracy"] != cold


def test_a_replay_that_is_cut_short_is_gone_on_with_and_gives_the_same(
    replay, tmp_path, monkeypatch
):
    whole = replay("--json", "-", "--checkpoint", tmp_path / "whole")
    assert whole.exit_code == 0, whole.output
    walk, walked = walkers.walk, []

    def cut_short(cases, policy, options, advance):
        walked.append(policy)
        if len(walked) == 3:
            raise KeyboardInterrupt
        return walk(cases, policy, options, advance)

    monkeypatch.setattr(walkers, "walk", cut_short)
    kept = ("--json", "-", "--checkpoint", tmp_path / "kept")
    assert replay(*kept).exit_code == 1
    assert len(walked) == 3
    resumed = replay(*kept, "--resume")
    assert resumed.stdout == whole.stdout
    everything = json.loads(whole.stdout)["policies"]
    # The two that were done are found; all others are walked.
    assert len(walked) == 3 + len(everything) - 2
    again = replay(*kept, "--resume")
    assert again.stdout == whole.stdout
    assert len(walked) == 3 + len(everything) - 2


def test_a_cache_spares_reading_answers_again_and_changes_no_figure(replay, tmp_path, monkeypatch):
    plain = replay("--json", "-", "--policies", "vote").stdout
    cached = ("--json", "-", "--policies", "vote", "--cache", tmp_path / "cache")
    assert replay(*cached).stdout == plain
    monkeypatch.setattr(running.Reader, "polled", lambda *_: pytest.fail("read again"))
    assert replay(*cached).stdout == plain


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        pytest.param(["--step", "10"], 2, "judges requests twice", id="overlapping windows"),
        pytest.param(["--resume"], 2, "--checkpoint", id="nothing to go on with"),
        pytest.param(["--checkpoint", "none", "--resume"], 1, "no parts", id="no earlier run"),
        pytest.param(["--policies", "hindsight"], 1, "no policy is called hindsight", id="policy"),
        pytest.param(["--sets", "egs"], 1, "no row or set is called egs", id="typo"),
        pytest.param(["--plots", "data/eggs.jsonl.gz"], 2, "--plots", id="no folder"),
        pytest.param(["--entailment", "hearsay"], 1, "no entailment model hearsay", id="a model"),
        pytest.param(["--track", "paper"], 2, "--track", id="no such tracker"),
    ],
)
def test_what_cannot_be_replayed_is_told_in_a_line(replay, arguments, code, complaint):
    done = replay(*arguments)
    assert done.exit_code == code
    assert complaint in done.output
    assert "Traceback" not in done.output


def test_a_replay_with_other_options_is_not_gone_on_with(replay, tmp_path):
    kept = ("--checkpoint", tmp_path / "kept", "--policies", "vote")
    replay(*kept)
    for arguments, named in (
        ((*kept, "--resume", "--delay", "3"), "options.delay"),
        (kept, "resume"),
    ):
        done = replay(*arguments)
        assert done.exit_code == 1
        assert named in done.output


def test_without_data_the_variable_is_named(backtest):
    done = backtest()
    assert done.exit_code == 2
    assert "WALLBOUNCE_EVAL_DATA" in done.output


def test_its_help_names_the_commands(backtest):
    told = backtest("--help").output
    assert all(word in told for word in ("replay", "history", "search"))


def test_a_run_is_noted_with_the_tracker_named(replay, tmp_path):
    extra("mlflow", "pip install 'wallbounce[tracking]'")
    from mlflow.tracking import MlflowClient

    out = tmp_path / "out" / "figures.json"
    done = replay(
        "--json", out, "--policies", "vote", "--track", "mlflow", "--track-to", tmp_path / "runs"
    )
    assert done.exit_code == 0, done.output
    assert "tracked:" in done.output
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/runs/mlflow.db")
    (run,) = client.search_runs(["1"])
    assert run.info.status == "FINISHED"
    assert run.data.params["options/test"] == "20"
    assert run.data.params["rows/eggs"] == "eggs, m-gpt, m-claude, m-gemini"
    found = figures(out)
    assert run.data.metrics["lift/accuracy"] == found["lift"]["accuracy"]
    assert run.data.metrics["policies/vote/calls"] == 3
    course = client.get_metric_history(run.info.run_id, "course/vote")
    assert course[-1].step == 80
    assert course[-1].value == pytest.approx(found["policies"]["vote"]["accuracy"], abs=1e-6)
    assert [f.path for f in client.list_artifacts(run.info.run_id)] == ["figures.json"]


def test_a_run_that_fails_is_noted_as_failed(replay, tmp_path):
    extra("mlflow", "pip install 'wallbounce[tracking]'")
    from mlflow.tracking import MlflowClient

    replay("--policies", "hindsight", "--track", "mlflow", "--track-to", tmp_path / "runs")
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/runs/mlflow.db")
    (run,) = client.search_runs(["1"])
    assert run.info.status == "FAILED"


@pytest.fixture
def search(backtest, data, tmp_path):
    extra("optuna", "pip install 'wallbounce[search]'")
    given = ("--data", data, "--roles", tmp_path / "roles.yaml", *QUICK)
    return lambda *arguments: backtest("search", *given, *arguments)


@pytest.mark.parametrize("goal", ["lift", "cheaper"])
def test_a_search_says_plainly_whether_what_it_found_is_better_where_it_did_not_look(
    search, tmp_path, goal
):
    out = tmp_path / "found.json"
    done = search("--trials", "3", "--goal", goal, "--json", out)
    assert done.exit_code == 0, done.output
    found = figures(out)
    assert found["requests"] == {"earlier": 48, "later": 32}
    assert [trial["number"] for trial in found["trials"]] == [1, 2, 3]
    assert found["trials"][0]["settings"] == found["in_force"]["settings"]
    assert found["in_force"]["later"]["requests"] == 32
    assert found["best"]["earlier"] == max(trial["score"] for trial in found["trials"])
    gain = found["best"]["later"]["score"] - found["in_force"]["later"]["score"]
    assert found["verdict"]["gain"] == pytest.approx(gain, abs=1e-5)
    assert found["verdict"]["better"] is (found["verdict"]["low"] > 0)
    shown = " ".join(done.output.split())
    assert found["verdict"]["words"] in shown
    assert found["verdict"]["better"] or "keep the settings in force" in shown


def test_a_search_is_gone_on_with_and_noted_trial_by_trial(search, tmp_path):
    extra("tensorboardX", "pip install 'wallbounce[tracking]'")
    from tests.support.event_files import tensorboard_events

    study = ("--study", tmp_path / "study.sqlite3", "--json", "-")
    first = json.loads(search("--trials", "2", *study).stdout)
    runs = tmp_path / "runs"
    tracked = ("--track", "tensorboard", "--track-to", runs)
    both = json.loads(search("--trials", "3", *study, *tracked).stdout)
    assert both["trials"][:2] == first["trials"]
    (run,) = runs.iterdir()
    scores = [
        (event.step, round(value.simple_value, 5))
        for event in tensorboard_events(run)
        for value in event.summary.value
        if value.tag == "trial/score"
    ]
    assert scores == [(t["number"], round(t["score"], 5)) for t in both["trials"]]
    other = search("--trials", "3", "--study", tmp_path / "study.sqlite3", "--delay", "3")
    assert other.exit_code == 1
    assert "other data, options" in other.output


def test_too_little_to_be_cut_in_two_is_told(search, data):
    (data / "eggs.jsonl.gz").write_bytes(
        gzip.compress(json.dumps(hens(0, random.Random(1))).encode())
    )
    done = search("--trials", "1")
    assert done.exit_code == 1
    assert "both parts need some" in done.output


RIGHT = {("claude", "gemini"): 0.9, ("gemini",): 0.5}


def advised(panel, propensity, *, explored):
    return {
        "panel": list(panel),
        "opening_in_force": 0,
        "taken": ["providers"],
        "propensity": propensity,
        "explored": explored,
    }


async def journal(url, count):
    """A past in which the pair was asked seven times of ten; most of it labelled, and other requests."""
    dice, database = random.Random(4), await Database.open(url)
    await database.migrate()
    tables, said = JournalTables(database), []
    records = [
        record("caller", advice=advised(["gpt"], 1.0, explored=False) | {"taken": []}),
        record("plain"),
    ]
    for n in range(count):
        drawn = dice.random() < 0.3
        panel = ("gemini",) if drawn else ("claude", "gemini")
        advice = advised(panel, 0.3 if drawn else 0.7, explored=drawn)
        records.append(record(f"r-{n}", after_s=n, advice=advice, cost_usd=0.01 * len(panel)))
        if dice.random() < 0.8:
            correct = dice.random() < RIGHT[panel]
            said.append(Feedback(f"r-{n}", NOON + timedelta(days=1), correct=correct))
    await tables.add(records)
    for feedback in said:
        await tables.add_feedback(feedback)
    await database.aclose()


@pytest.fixture
def past(tmp_path):
    url = f"sqlite:///{tmp_path}/journal.sqlite3"
    return lambda count: asyncio.run(journal(url, count)) or url


def test_the_gateways_own_past_tells_what_other_choices_were_worth(backtest, past, tmp_path):
    url = past(1200)
    done = backtest("history", "--database", url, "--json", tmp_path / "out.json")
    assert done.exit_code == 0, done.output
    for word in ("IPS", "SNIPS", "DR", "always claude+gemini", "without exploration"):
        assert word in done.output
    found = figures(tmp_path / "out.json")
    assert found["requests"] == 1200
    assert found["left_out"] == {"no advice": 1, "whom to ask was not the engine's choice": 1}
    for choice, truth, cost in (("claude+gemini", 0.9, 0.02), ("gemini", 0.5, 0.01)):
        judged = found["policies"][f"always {choice}"]
        for estimate in ("ips", "snips", "doubly_robust"):
            assert (
                judged["accuracy"][estimate]["low"] < truth < judged["accuracy"][estimate]["high"]
            )
        assert judged["cost_usd"]["snips"]["value"] == pytest.approx(cost)
    assert found["policies"]["without exploration"]["accuracy"]["minus_logged"]["low"] > 0


def test_a_past_too_short_is_refused_with_the_reason(backtest, past):
    done = backtest("history", "--database", past(40))
    assert done.exit_code == 0
    assert "below 30 an interval means nothing" in " ".join(done.output.split())


def test_a_past_without_choices_says_how_there_come_to_be_some(backtest, past):
    url = past(0)
    assert "LEARNING_EXPLORATION" in backtest("history", "--database", url).output
    found = json.loads(backtest("history", "--database", url, "--json", "-").stdout)
    assert (found["requests"], found["policies"]) == (0, {})


def test_where_there_is_no_database_it_says_so_and_makes_none(backtest, tmp_path):
    done = backtest("history", "--database", f"sqlite:///{tmp_path}/none.sqlite3")
    assert done.exit_code == 1
    assert "there is no database" in done.output
    assert not (tmp_path / "none.sqlite3").exists()


def test_a_database_of_a_kind_that_cannot_be_read_is_refused_in_one_line(backtest):
    done = backtest("history", "--database", "nonsense://x")
    assert done.exit_code == 1
    assert done.output.startswith("Error: DATABASE_URL: databases of the kind nonsense://")


GIVEN = ("--data", "data", "--roles", "roles.yaml", *QUICK, "--policies", "best single")


def parts(folder):
    """How many finished parts lie in a folder of checkpoints."""
    path = folder / "parts.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_a_killed_replay_is_gone_on_with_and_its_figures_are_those_of_one_that_was_not(
    alone, start, data, tmp_path
):
    whole = alone("backtest", *GIVEN, "--json", "-")
    assert whole.returncode == 0
    assert whole.stderr == "", "a log gets no progress bar"
    kept = (*GIVEN, "--json", "-", "--checkpoint", "kept")
    with start("backtest", *kept) as running:
        until(lambda: parts(tmp_path / "kept") >= 30)
        running.terminate(signal.SIGKILL)
    done = parts(tmp_path / "kept")
    assert 30 <= done < 85, "it was killed under way"
    resumed = alone("backtest", *kept, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    assert found_in(resumed) == found_in(whole)
    assert parts(tmp_path / "kept") == 85, "a part for each of 80 requests and of 5 policies"


def found_in(done):
    """The figures, whichever digest the program had at the moment."""
    found = json.loads(done.stdout)
    del found["about"]["program"]
    return found


def until(condition):
    """Poll for what another process does; fail when it does not."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
