"""`wallbounce evaluate consensus`: the consensus measured on recorded answers."""

import gzip
import json
import random

import pytest
from rich.cells import cell_len

from learning.backtest.roles import default_roles
from tests.support.recordings import MODELS, answer, row

ROLES = "eggs: [m-gpt, m-claude, m-gemini]\n"
PROMPT = "A farm has {n} hens and sells {m} of them. How many hens are left? Give a number."


def hens(order, dice, dataset="eggs", models=MODELS):
    """A sum that each model gets right more or less often."""
    n, m = dice.randint(20, 90), dice.randint(1, 19)
    answers = []
    for model, skill in zip(models, (0.6, 0.9, 0.7), strict=True):
        right = dice.random() < skill
        said = n - m if right else n - m + dice.randint(1, 3)
        answers.append(answer(model, f"That leaves {said} hens.", right, str(said)))
    return row(order, *answers, prompt=PROMPT.format(n=n, m=m), dataset=dataset)


def pair(a, b, label):
    return {"dataset": "hen_pairs", "question": "How many hens?", "a": a, "b": b, "label": label}


PAIRS = [
    pair("There are 12 hens.", "The answer is 12.", "agree"),
    pair("There are 12 hens.", "The answer is 13.", "contradict"),
]


def write(path, rows):
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))


@pytest.fixture
def data(tmp_path):
    """Sixty sums and two pairs, and a file that says who sits where."""
    folder = tmp_path / "data"
    folder.mkdir()
    dice = random.Random(1)
    write(folder / "eggs.jsonl.gz", [hens(order, dice) for order in range(60)])
    write(folder / "hen_pairs.jsonl.gz", PAIRS)
    (tmp_path / "roles.yaml").write_text(ROLES)
    return folder


@pytest.fixture
def evaluate(call, monkeypatch):
    """The command, with no data but what a test names."""
    monkeypatch.delenv("WALLBOUNCE_EVAL_DATA", raising=False)
    return lambda *arguments: call("evaluate", "consensus", *map(str, arguments))


def test_tables_json_and_pictures_of_one_evaluation(evaluate, data, tmp_path):
    out = tmp_path / "out" / "figures.json"
    done = evaluate("--data", data, "--roles", tmp_path / "roles.yaml", "--json", out)
    assert done.exit_code == 0, done.output
    for word in ("Accuracy", "oracle", "AUROC", "Brier", "at 95 %", "hen_pairs", "p99"):
        assert word in done.output
    assert max(cell_len(line) for line in done.output.splitlines() if "/" not in line) <= 80
    found = json.loads(out.read_text())
    assert found.keys() >= {"mean", "worst", "cold", "extraction", "pairs", "latency_ms", "sets"}
    assert found["sets"]["eggs"]["n"] == 60
    assert found["extraction"] == {"eggs": 1.0}
    assert found["pairs"] == {"hen_pairs": 1.0}
    for name in ("reliability.png", "risk-coverage.png"):
        assert (out.parent / name).read_bytes().startswith(b"\x89PNG")


def test_two_runs_give_the_same_bytes_but_for_the_time_they_took(evaluate, data, tmp_path):
    told = []
    for name in ("one", "other"):
        out = tmp_path / name / "out.json"
        assert (
            evaluate("--data", data, "--roles", tmp_path / "roles.yaml", "--json", out).exit_code
            == 0
        )
        found = json.loads(out.read_text())
        for part in (found, *found["sets"].values()):
            del part["latency_ms"]
        told.append(
            [json.dumps(found), *(p.read_bytes() for p in sorted(out.parent.glob("*.png")))]
        )
    assert told[0] == told[1]
    assert len(told[0]) == 3


def test_json_may_go_to_stdout_alone(evaluate, data, tmp_path):
    done = evaluate("--data", data, "--roles", tmp_path / "roles.yaml", "--json", "-")
    assert json.loads(done.stdout)["about"]["delay"] == 20
    assert not list(tmp_path.glob("*.png"))


def test_what_came_of_each_request_can_be_had_without_prompts_and_answers(evaluate, data, tmp_path):
    path = tmp_path / "items.jsonl"
    evaluate("--data", data, "--roles", tmp_path / "roles.yaml", "--items", path)
    lines = path.read_text().splitlines()
    assert [json.loads(line)["order"] for line in lines] == list(range(60))
    assert "hens" not in path.read_text()


def test_the_rows_that_come_with_the_program_are_taken_as_far_as_there_is_data(evaluate, tmp_path):
    role = default_roles()[-1]
    dice = random.Random(2)
    rows = [hens(order, dice, role.dataset, role.models) for order in range(30)]
    write(tmp_path / "a.jsonl.gz", rows)
    found = json.loads(evaluate("--data", tmp_path / "a.jsonl.gz", "--json", "-").stdout)
    assert list(found["sets"]) == [role.name]
    assert found["about"]["left_out"] == [other.name for other in default_roles()[:-1]]


def test_several_files_may_follow_the_option(evaluate, data, tmp_path):
    files = sorted(data.iterdir())
    done = evaluate("--data", *files, "--roles", tmp_path / "roles.yaml", "--json", "-")
    found = json.loads(done.stdout)
    assert sorted(found["about"]["data"]) == [file.name for file in files]


def test_without_data_the_variable_names_it(evaluate, data, tmp_path, monkeypatch):
    monkeypatch.setenv("WALLBOUNCE_EVAL_DATA", str(data))
    assert evaluate("--roles", tmp_path / "roles.yaml").exit_code == 0


def test_one_set_can_be_had_alone(evaluate, data, tmp_path):
    done = evaluate(
        "--data", data, "--roles", tmp_path / "roles.yaml", "--sets", "eggs", "--json", "-"
    )
    found = json.loads(done.stdout)
    assert (list(found["sets"]), found["pairs"]) == (["eggs"], {})


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        pytest.param([], 2, "WALLBOUNCE_EVAL_DATA", id="no data named"),
        pytest.param(["--data", "nowhere"], 1, "nowhere: no such file", id="a path of nothing"),
        pytest.param(["--data", "data", "--delay", "0"], 2, "--delay", id="labels before answers"),
        pytest.param(["--data", "data", "--roles", "none.yaml"], 2, "--roles", id="no such roles"),
        pytest.param(
            ["--data", "data", "--sets", "egs"], 1, "no row or set is called egs", id="typo"
        ),
        pytest.param(["--data", "data/eggs.jsonl.gz"], 1, "see --roles", id="no row for the data"),
    ],
)
@pytest.mark.usefixtures("data")
def test_what_cannot_be_evaluated_is_told_in_a_line(evaluate, arguments, code, complaint):
    done = evaluate(*arguments)
    assert done.exit_code == code
    assert complaint in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("roles", "complaint"),
    [
        pytest.param("eggs: [m-gpt, m-claude]", "3 different models", id="two models"),
        pytest.param("eggs: [m-gpt, m-claude, m-nobody]", "m-nobody is in no record", id="unknown"),
        pytest.param("ham: [a, b, c]", "no recorded answers of ham; there are eggs", id="no set"),
    ],
)
def test_rows_that_do_not_fit_the_data_are_told(evaluate, data, tmp_path, roles, complaint):
    (tmp_path / "roles.yaml").write_text(roles)
    done = evaluate("--data", data, "--roles", tmp_path / "roles.yaml")
    assert done.exit_code == 1
    assert complaint in done.output


def test_a_folder_that_cannot_be_written_is_told_before_the_work(evaluate, data, tmp_path):
    (tmp_path / "file").write_text("")
    done = evaluate("--data", "nowhere", "--json", tmp_path / "file" / "out.json")
    assert done.exit_code == 1
    assert "cannot write to" in done.output


def test_an_interrupt_ends_it_and_leaves_no_half_written_figures(
    evaluate, data, tmp_path, monkeypatch
):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("gateway.cli.evaluate_running.report", interrupted)
    out = tmp_path / "out" / "figures.json"
    done = evaluate("--data", data, "--roles", tmp_path / "roles.yaml", "--json", out)
    assert done.exit_code == 1
    assert "Aborted" in done.output
    assert list(out.parent.iterdir()) == []


def test_pairs_alone_can_be_scored(evaluate, data):
    done = evaluate("--data", data / "hen_pairs.jsonl.gz")
    assert done.exit_code == 0
    assert "hen_pairs" in done.output


def test_one_vendor_asked_three_times_is_shown_where_samples_exist(evaluate, data, tmp_path):
    rows = [hens(order, random.Random(order)) for order in range(3)]
    for record in rows:
        first = record["answers"][0]
        first["samples"] = [{k: first[k] for k in ("text", "extracted", "correct")}] * 2
    write(data / "eggs.jsonl.gz", rows)
    done = evaluate("--data", data, "--roles", tmp_path / "roles.yaml")
    assert "gpt asked three times" in done.output


def test_without_an_entailment_model_the_figures_say_so(evaluate, data, tmp_path):
    arguments = ("--data", data, "--roles", tmp_path / "roles.yaml", "--entailment", "off")
    assert "rules decide alone" in evaluate(*arguments).output
    found = json.loads(evaluate(*arguments, "--json", "-").stdout)
    assert found["about"]["entailment"] is None


def test_a_log_gets_no_progress_bar(alone, data):
    arguments = ("--data", "data", "--roles", "roles.yaml", "--json", "-", "--entailment", "off")
    done = alone("evaluate", "consensus", *arguments)
    assert done.returncode == 0
    assert done.stderr == ""
