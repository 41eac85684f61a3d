"""The k6 load test runs against a real gateway and simulated vendors, and judges what it measures."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web

from providers.simulator import RunningSimulator
from tests.support.gateway_process import ROOT, RunningGateway
from tests.support.ports import free_port
from tests.support.programs import real_program

SCRIPT = ROOT / "ops" / "k6" / "generate.js"
KEY = "k6-caller"
# k6's exit status when a threshold was crossed.
THRESHOLDS_MISSED = 99


@pytest.fixture
def gateway(tmp_path):
    with RunningSimulator() as vendors:
        env = {
            "OPENAI_API_KEY": "simulated",
            "OPENAI_BASE_URL": vendors.openai_url,
            "ANTHROPIC_API_KEY": "simulated",
            "ANTHROPIC_BASE_URL": vendors.anthropic_url,
            "GOOGLE_API_KEY": "simulated",
            "GEMINI_BASE_URL": vendors.gemini_url,
            "USE_SRP_WALL_BOUNCE": "true",
            "SRP_TRAFFIC_PERCENTAGE": "100",
            "WALLBOUNCE_API_KEYS": KEY,
        }
        with RunningGateway(env, tmp_path) as running:
            yield running


async def run_k6(url, tmp_path, *, vus=3, duration="3s", key=KEY):
    """Run the script briefly; its exit status, summary and what it said."""
    summary = tmp_path / "k6.json"
    environment = {
        "BASE_URL": url,
        "API_KEY": key,
        "VUS": str(vus),
        "DURATION": duration,
        "SUMMARY": str(summary),
        "HOME": str(tmp_path),
    }
    command = [
        real_program("k6"),
        "run",
        "--quiet",
        "--no-usage-report",
        "--address",
        "",
        str(SCRIPT),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    assert summary.exists(), said.decode()
    return process.returncode, json.loads(summary.read_text()), said.decode()


async def test_a_healthy_gateway_meets_every_bar(gateway, tmp_path):
    status, summary, said = await run_k6(gateway.url, tmp_path)
    assert status == 0, said
    assert summary["thresholds_missed"] == []
    assert summary["p95_ms"] < 10_000
    assert summary["error_rate"] < 0.01
    assert summary["confidence_mean"] > 0.7
    assert summary["confidence_count"] > 0
    assert summary["srp_share"] == 1.0


async def serve(handler):
    """A stand-in gateway on a free port, for what a healthy one does not do."""
    app = web.Application()
    app.router.add_post("/api/v1/generate", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner, f"http://127.0.0.1:{port}"


def answering(*, confidence=0.9, status=200):
    async def handle(_request):
        await asyncio.sleep(0.02)
        body = {
            "request_id": "r",
            "content": "408",
            "srp_processed": True,
            "overhead_ms": 1.0,
            "consensus": {"confidence": confidence},
        }
        return web.json_response(body, status=status)

    return handle


@pytest.mark.parametrize(
    ("handler", "missed"),
    [
        pytest.param(answering(confidence=0.6), ["consensus_confidence: avg>0.7"], id="unsure"),
        pytest.param(
            answering(status=503),
            [
                "checks: rate>0.99",
                "consensus_confidence: avg>0.7",
                "consensuses: count>0",
                "errors: rate<0.01",
            ],
            id="failing",
        ),
    ],
)
async def test_a_bad_gateway_misses_its_bars(handler, missed, tmp_path):
    runner, url = await serve(handler)
    try:
        status, summary, said = await run_k6(url, tmp_path, vus=2, duration="1s")
    finally:
        await runner.cleanup()
    assert status == THRESHOLDS_MISSED, said
    assert sorted(summary["thresholds_missed"]) == missed


async def test_the_load_is_mixed_and_bears_the_key(tmp_path):
    seen = []

    async def handle(request):
        seen.append((await request.json(), request.headers["Authorization"]))
        return await answering()(request)

    runner, url = await serve(handle)
    try:
        status, _, said = await run_k6(url, tmp_path, vus=3, duration="2s")
    finally:
        await runner.cleanup()
    assert status == 0, said
    prompts = {body["prompt"] for body, _ in seen}
    assert {True, False} == {prompt.isascii() for prompt in prompts}
    assert {body["task_type"] for body, _ in seen} == {"basic", "premium", "critical"}
    assert {key for _, key in seen} == {f"Bearer {KEY}"}
