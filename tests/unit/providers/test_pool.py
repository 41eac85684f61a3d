"""The configured providers, by name and in order."""

import asyncio
import subprocess
import sys

import pytest
from pydantic import SecretStr

from providers.catalog import Catalog
from providers.http_client import open_client
from providers.pool import ProviderSpec, build_pool
from providers.resilience import RetryBudget, RetryPolicy

KEY = SecretStr("sk-abcdefghijklmnop")
SPECS = (
    ProviderSpec("gpt", "openai", "gpt-5"),
    ProviderSpec("claude", "anthropic", "claude-sonnet-4-6"),
    ProviderSpec("gemini", "google", "gemini-2.5-pro"),
)
OTHER = ProviderSpec("local", "ollama", "ollama/llama3", base_url="http://127.0.0.1:1")


@pytest.fixture
async def build():
    clients = []

    def build(*specs):
        clients.append(open_client())
        return build_pool(specs, clients[-1], Catalog({}), RetryPolicy(), RetryBudget())

    yield build
    for client in clients:
        await client.aclose()


async def test_providers_keep_their_order_names_vendors_and_models(build):
    pool = build(*SPECS, OTHER)
    assert pool.names == ("gpt", "claude", "gemini", "local") == tuple(pool)
    assert [pool[name].vendor for name in pool] == ["openai", "anthropic", "google", "ollama"]
    assert [pool[spec.name].model for spec in SPECS] == [s.model for s in SPECS]
    assert pool.card("gpt").model == "gpt-5"
    assert "gpt" in pool
    assert "nobody" not in pool


async def test_a_name_nobody_has_is_a_key_error(build):
    with pytest.raises(KeyError):
        build(*SPECS)["nobody"]


async def test_two_providers_of_one_name_are_refused(build):
    with pytest.raises(ValueError, match="gpt"):
        build(SPECS[0], SPECS[0])


async def test_litellms_way_of_writing_a_known_vendors_model_is_understood(build):
    assert build(ProviderSpec("mine", "openai", "openai/gpt-4o"))["mine"].model == "gpt-4o"


async def test_nothing_of_a_pool_or_a_spec_shows_a_key(build):
    spec = ProviderSpec("gpt", "openai", "gpt-5", KEY)
    pool = build(spec, ProviderSpec("m", "mistral", "large", KEY))
    shown = f"{spec!r} {pool!r} {[pool[name] for name in pool]!r} {[vars(pool[n]) for n in pool]!r}"
    assert KEY.get_secret_value() not in shown


async def test_closing_the_pool_closes_its_client():
    client = open_client()
    pool = build_pool(SPECS, client, Catalog({}), RetryPolicy(), RetryBudget())
    await pool.aclose()
    assert client.is_closed


def test_importing_and_building_a_pool_loads_nothing_heavy():
    code = (
        "import sys; from providers.pool import *; from providers.http_client import open_client;"
        "from providers.catalog import Catalog; from providers.resilience import *;"
        "specs = [ProviderSpec(v, v, 'm') for v in ('openai', 'anthropic', 'google', 'mistral')];"
        "build_pool(specs, open_client(), Catalog.load(), RetryPolicy(), RetryBudget());"
        "print(sorted({'litellm', 'torch', 'openai', 'numpy', 'fastapi'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_pool_is_crowded_while_half_of_an_accounts_places_are_taken_or_it_asks_to_wait(
    build,
):
    pool = build(*SPECS)
    gate = pool.endpoints[1].gate
    now = asyncio.get_running_loop().time()
    assert not pool.crowded()
    taken = gate.limiter.limit // 2 + 1
    for _ in range(taken):
        gate.enter_at_once(now)
    assert pool.crowded()
    for _ in range(taken):
        gate.leave()
    assert not pool.crowded()
    gate.limiter.paused_until = now + 60.0
    assert pool.crowded()
