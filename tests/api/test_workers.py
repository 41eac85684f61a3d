"""Several worker processes: what becomes of one that dies, and of all."""

import time

import httpx
import psutil
import pytest

SHARE = "SRP_TRAFFIC_PERCENTAGE"


def workers_of(gateway):
    """The processes that serve; multiprocessing's helper is none."""
    children = psutil.Process(gateway.pid).children()
    return [c for c in children if any("spawn_main" in part for part in c.cmdline())]


def until(found, within=30.0):
    give_up = time.monotonic() + within
    while not found():
        assert time.monotonic() < give_up, "it did not come to that"
        time.sleep(0.05)


def kill_all(gateway):
    gone = workers_of(gateway)
    for worker in gone:
        worker.kill()
    psutil.wait_procs(gone, timeout=10)


def stages(gateway):
    with httpx.Client(base_url=gateway.url, timeout=30, trust_env=False) as client:
        return client.get("/api/v1/rollout").json()["stage"]


def env_file(gateway_folder, text):
    (gateway_folder / ".env").write_text(text)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(f"{SHARE}=lots\n", id="a typing mistake"),
        pytest.param(f"{SHARE}=99\n", id="a share that no SIGHUP asked for"),
    ],
)
def test_a_worker_that_replaces_a_dead_one_does_as_the_others_do(start_gateway, tmp_path, typed):
    env_file(tmp_path, f"{SHARE}=35\n")
    gateway = start_gateway("--workers", "2")
    before = {worker.pid for worker in workers_of(gateway)}
    env_file(tmp_path, typed)
    gateway.sighup() if "lots" in typed else None
    kill_all(gateway)
    gateway.wait_ready(30)
    assert before.isdisjoint(worker.pid for worker in workers_of(gateway))
    assert stages(gateway) == "35"
    assert gateway.stop() == 0


def test_a_worker_that_replaces_a_dead_one_has_the_share_that_sighup_brought(
    start_gateway, tmp_path
):
    env_file(tmp_path, f"{SHARE}=35\n")
    gateway = start_gateway("--workers", "2")
    # Ready as soon as one is: the other might still be starting, and start anew when SIGHUP comes.
    until(lambda: gateway.log.count('"gateway_ready"') == 2)
    env_file(tmp_path, f"{SHARE}=10\n")
    gateway.sighup()
    until(lambda: gateway.log.count('"settings_applied"') == 2)
    env_file(tmp_path, f"{SHARE}=lots\n")
    kill_all(gateway)
    gateway.wait_ready(30)
    assert stages(gateway) == "10"


def test_where_no_worker_can_start_any_more_the_gateway_ends_and_says_so(start_gateway, tmp_path):
    gateway = start_gateway("--workers", "2")
    for file in (tmp_path / ".wallbounce").glob("wallbounce.sqlite3*"):
        file.unlink()
    (tmp_path / ".wallbounce" / "wallbounce.sqlite3").write_bytes(b"no database" * 1000)
    kill_all(gateway)
    assert gateway.wait(120) == 1
    assert "no worker can start" in gateway.log
