"""Runs noted with each library, read back from what it wrote."""

import json
import math
import sys

import pytest

from gateway.plotting import picture, save
from gateway.tracking.opening import KINDS, open_tracker
from gateway.tracking.tracker import TrackingError
from tests.support.event_files import tensorboard_events, wandb_records
from tests.support.extras import extra

INSTALL = "pip install 'wallbounce[tracking]'"
PARAMETERS = {"train": 0, "sets": "eggs, ham", "resumed": False, "roles": None}
FIGURES = {"accuracy/two, then third": 0.75, "calls": 2.25, "undefined": math.nan}


@pytest.fixture(autouse=True)
def nothing_of_the_environment(monkeypatch, tmp_path):
    """No server and no key of the developer's."""
    for name in ("MLFLOW_TRACKING_URI", "WANDB_MODE", "WANDB_API_KEY", "WANDB_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def noted(kind, place, *, failed=False):
    """A whole run; its artifacts are a picture and a document."""
    drawn = save(picture(1, 1), place.parent / "plot.png")
    report = place.parent / "report.md"
    report.write_text("# Found\nmore")
    tracker = open_tracker(kind, str(place), "first run")
    tracker.parameters(PARAMETERS)
    tracker.metrics(FIGURES)
    for step in range(1, 4):
        tracker.metrics({"trial": step / 10}, step)
    tracker.artifact(drawn)
    tracker.artifact(report)
    tracker.close(failed=failed)
    tracker.close()
    return tracker


@pytest.mark.parametrize(("failed", "status"), [(False, "FINISHED"), (True, "FAILED")])
def test_mlflow_keeps_the_run_in_a_file_of_the_folder(tmp_path, failed, status):
    extra("mlflow", INSTALL)
    from mlflow.tracking import MlflowClient

    tracker = noted("mlflow", tmp_path / "kept", failed=failed)
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/kept/mlflow.db")
    experiment = client.get_experiment_by_name("wallbounce")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.run_name == "first run"
    assert run.info.status == status
    assert run.info.run_id in tracker.address
    assert run.data.params == {name: str(value) for name, value in PARAMETERS.items()}
    assert run.data.metrics == {"accuracy/two_then_third": 0.75, "calls": 2.25, "trial": 0.3}
    assert [m.step for m in client.get_metric_history(run.info.run_id, "trial")] == [1, 2, 3]
    assert {f.path for f in client.list_artifacts(run.info.run_id)} == {"plot.png", "report.md"}
    assert len(list(tmp_path.glob("kept/artifacts/*/artifacts/plot.png"))) == 1


def test_mlflow_goes_where_its_own_variable_says_and_takes_more_than_one_call_may_have(
    tmp_path, monkeypatch
):
    extra("mlflow", INSTALL)
    from mlflow.tracking import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/theirs.db")
    tracker = open_tracker("mlflow", None, "many")
    tracker.parameters({f"p{n}": "x" * 9000 for n in range(150)})
    tracker.metrics({f"m{n}": n for n in range(150)})
    tracker.close()
    assert "theirs.db" in tracker.address
    client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/theirs.db")
    (run,) = client.search_runs(["1"])
    assert (len(run.data.params), len(run.data.metrics)) == (150, 150)


def test_an_mlflow_server_that_is_away_is_told_at_once(unused_port):
    extra("mlflow", INSTALL)
    with pytest.raises(TrackingError, match=f"127.0.0.1:{unused_port}"):
        open_tracker("mlflow", f"http://127.0.0.1:{unused_port}", "run")


@pytest.fixture
def unused_port(monkeypatch):
    """A port that nobody listens on; a server that is away is tried once here."""
    import socket

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_tensorboard_reads_figures_pictures_and_text(tmp_path):
    extra("tensorboardX", INSTALL)
    tracker = noted("tensorboard", tmp_path / "runs")
    values = [
        (value, event.step)
        for event in tensorboard_events(tmp_path / "runs" / "first_run")
        for value in event.summary.value
    ]
    scalars = [
        (v.tag, round(v.simple_value, 6), step)
        for v, step in values
        if not v.metadata.plugin_data.plugin_name and not v.image.width
    ]
    assert scalars == [
        ("accuracy/two_then_third", 0.75, 0),
        ("calls", 2.25, 0),
        ("trial", 0.1, 1),
        ("trial", 0.2, 2),
        ("trial", 0.3, 3),
    ]
    (image,) = [v for v, _ in values if v.image.width]
    assert (image.tag, image.image.width, image.image.height) == ("plot.png", 150, 150)
    assert image.image.encoded_image_string == (tmp_path / "plot.png").read_bytes()
    texts = {v.tag: v.tensor.string_val[0].decode() for v, _ in values if v.tensor.string_val}
    assert "|sets|eggs, ham|" in texts["parameters/text_summary"]
    assert "# Found" in texts["report.md/text_summary"]
    assert "--logdir" in tracker.address


def test_a_run_of_tensorboard_is_not_written_over(tmp_path):
    extra("tensorboardX", INSTALL)
    noted("tensorboard", tmp_path / "runs")
    with pytest.raises(TrackingError, match="first_run"):
        open_tracker("tensorboard", str(tmp_path / "runs"), "first run")


@pytest.mark.parametrize(("failed", "code"), [(False, 0), (True, 1)])
def test_weights_and_biases_keeps_the_run_offline_without_a_key(tmp_path, failed, code):
    extra("wandb", INSTALL)
    tracker = noted("wandb", tmp_path / "kept", failed=failed)
    records = list(wandb_records(tmp_path / "kept"))
    (run,) = [r.run for r in records if r.WhichOneof("record_type") == "run"]
    assert (run.project, run.display_name) == ("wallbounce", "first run")
    config = {
        item.key: json.loads(item.value_json)
        for r in records
        if r.WhichOneof("record_type") == "config"
        for item in r.config.update
    }
    assert {name: config[name] for name in PARAMETERS} == PARAMETERS
    history = [
        {(i.key or "/".join(i.nested_key)): json.loads(i.value_json) for i in r.history.item}
        for r in records
        if r.WhichOneof("record_type") == "history"
    ]
    assert [(h["_step"], h.get("calls"), h.get("trial")) for h in history] == [
        (0, 2.25, None),
        (1, None, 0.1),
        (2, None, 0.2),
        (3, None, 0.3),
    ]
    assert not any("undefined" in row for row in history)
    (ended,) = [r.exit.exit_code for r in records if r.WhichOneof("record_type") == "exit"]
    assert ended == code
    assert "offline" in tracker.address
    (files,) = (tmp_path / "kept").glob("wandb/offline-run-*/files")
    told_of_the_machine = {
        "requirements.txt",
        "wandb-metadata.json",
        "output.log",
        "conda-environment.yaml",
    }
    names = {path.name for path in files.iterdir()}
    assert {"report.md", "plot.png"} <= names
    assert not names & told_of_the_machine
    assert (files / "report.md").read_text() == "# Found\nmore"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
def test_a_library_that_is_missing_is_named_with_the_command_that_installs_it(kind, monkeypatch):
    for module in ("mlflow.tracking", "mlflow", "tensorboardX", "wandb"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(TrackingError, match=r"pip install 'wallbounce\[tracking\]'"):
        open_tracker(kind, None, "run")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
def test_a_place_that_cannot_be_written_is_told(kind, tmp_path):
    extra({"tensorboard": "tensorboardX"}.get(kind, kind), INSTALL)
    (tmp_path / "file").write_text("")
    with pytest.raises(TrackingError, match="file"):
        open_tracker(kind, str(tmp_path / "file" / "below"), "run")


def test_nothing_is_noted_where_nobody_asked_for_it(tmp_path):
    tracker = noted("none", tmp_path / "kept")
    assert tracker.address == ""
    assert not (tmp_path / "kept").exists()
