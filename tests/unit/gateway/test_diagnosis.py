"""What the doctor finds, piece by piece."""

import pytest

from gateway.announcement import announced
from gateway.diagnosis import examine
from tests.support.ports import free_port


async def found(environ, env_file, *, connect=False):
    return {
        finding.subject: finding for finding in await examine(environ, env_file, connect=connect)
    }


@pytest.fixture
def env(tmp_path):
    return {"WALLBOUNCE_DATA_DIR": str(tmp_path / "data"), "GOOGLE_API_KEY": "k"}


async def test_settings_that_make_no_sense_are_named_one_by_one(tmp_path):
    bad = {"SRP_TRAFFIC_PERCENTAGE": "200", "OPENAI_BASE_URL": "x"}
    findings = await examine(bad, tmp_path / ".env", connect=False)
    wrong = [finding.found for finding in findings if finding.level == "fail"]
    assert {line.split(":")[0] for line in wrong} == set(bad)
    assert len(wrong) == 2
    assert any("'200'" in line for line in wrong)


async def test_one_vendor_is_no_panel(env, tmp_path):
    panel = (await found(env, tmp_path / ".env"))["panel"]
    assert panel.level == "warn"
    assert "second vendor" in panel.advice


async def test_two_vendors_are_a_panel_and_a_missing_one_is_a_warning(env, tmp_path):
    findings = await found(env | {"OPENAI_API_KEY": "k"}, tmp_path / ".env")
    assert "panel" not in findings
    assert findings["claude"].level == "warn"
    assert findings["claude"].advice == "set ANTHROPIC_API_KEY"


async def test_a_vendor_that_refuses_connections_fails_with_the_reason(env, tmp_path):
    address = f"http://127.0.0.1:{free_port()}"
    findings = await found(env | {"GEMINI_BASE_URL": address}, tmp_path / ".env", connect=True)
    assert findings["gemini"].level == "fail"
    assert findings["gemini"].found.endswith("Connection refused")


async def test_each_endpoint_is_looked_at_and_no_key_is_shown(env, tmp_path):
    address = f"http://127.0.0.1:{free_port()}"
    endpoints = {
        "GEMINI_ENDPOINTS": f"eu={address},us=http://us.example",
        "GEMINI_ENDPOINT_KEYS": "eu=secret-5678",
    }
    findings = await found(env | endpoints, tmp_path / ".env", connect=True)
    assert findings["gemini eu"].level == "fail"
    told = await found(env | endpoints, tmp_path / ".env")
    assert told["gemini eu"].found == "gemini-2.5-pro, a key of its own, not tried"
    assert told["gemini us"].found == "gemini-2.5-pro, not tried"
    assert "secret-5678" not in str([*findings.values(), *told.values()])


async def test_a_deployment_of_another_name_is_told(env, tmp_path):
    azure = {
        "OPENAI_ENDPOINTS": "azure=https://x.openai.azure.com/openai/v1",
        "OPENAI_ENDPOINT_DEPLOYMENTS": "azure=our-gpt",
        "OPENAI_ENDPOINT_KEYS": "azure=secret-5678",
    }
    told = await found(env | azure, tmp_path / ".env")
    assert told["gpt azure"].found == "gpt-5 as our-gpt, a key of its own, not tried"


async def test_a_name_that_can_be_no_host_fails_instead_of_raising(env, tmp_path):
    address = f"http://{'a' * 70}.example"
    findings = await found(env | {"GEMINI_BASE_URL": address}, tmp_path / ".env", connect=True)
    assert findings["gemini"].level == "fail"


async def test_a_price_nobody_knows_is_a_warning_with_what_to_do(env, tmp_path):
    assert (await found(env, tmp_path / ".env"))["prices"].level == "ok"
    findings = await found(env | {"GEMINI_MODEL": "gemini-house"}, tmp_path / ".env")
    assert findings["price of gemini"].level == "warn"
    assert "gemini-house" in findings["price of gemini"].found
    assert "WALLBOUNCE_PRICES" in findings["price of gemini"].advice


async def test_a_price_file_that_cannot_be_followed_fails_line_by_line(env, tmp_path):
    (tmp_path / "p.yaml").write_text("prices: 5")
    prices = {"WALLBOUNCE_PRICES": str(tmp_path / "p.yaml")}
    finding = (await found(env | prices, tmp_path / ".env"))["prices"]
    assert finding.level == "fail"
    assert "p.yaml: prices: Input should be" in finding.found


async def test_a_database_that_is_not_made_yet_is_not_made_by_looking(env, tmp_path):
    findings = await found(env, tmp_path / ".env")
    assert findings["database"].level == "ok"
    assert not (tmp_path / "data").exists()


async def test_a_file_that_is_no_database_fails(env, tmp_path):
    (tmp_path / "text.sqlite3").write_text("no database at all, " * 100)
    url = {"DATABASE_URL": f"sqlite:///{tmp_path / 'text.sqlite3'}"}
    assert (await found(env | url, tmp_path / ".env"))["database"].level == "fail"


async def test_a_data_folder_that_cannot_be_a_folder_fails(env, tmp_path):
    (tmp_path / "file").write_text("")
    inside = {"WALLBOUNCE_DATA_DIR": str(tmp_path / "file" / "inside")}
    assert (await found(env | inside, tmp_path / ".env"))["data folder"].level == "fail"


async def test_open_doors_are_warned_of_and_closed_ones_are_not_mentioned(env, tmp_path):
    findings = await found(env, tmp_path / ".env")
    assert {findings["callers"].level, findings["operators"].level} == {"warn"}
    keys = {"WALLBOUNCE_API_KEYS": "a", "WALLBOUNCE_OPERATOR_KEYS": "b"}
    assert {"callers", "operators"}.isdisjoint(await found(env | keys, tmp_path / ".env"))


async def test_the_gateways_that_run_here_are_listed(env, tmp_path):
    with announced(tmp_path / "data", "127.0.0.1", 4321, tmp_path / ".env"):
        assert (
            "http://127.0.0.1:4321" in (await found(env, tmp_path / ".env"))["running here"].found
        )
