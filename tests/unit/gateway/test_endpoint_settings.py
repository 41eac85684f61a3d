"""Where vendors are asked, as the environment says it."""

import pytest

from gateway.configuration import resilience_of, specs_of
from gateway.environment import SettingsError, read_settings
from providers.pool import auth_of
from providers.resilience.terms import Terms


def settings(**variables):
    return read_settings(variables, None)


def places(**variables):
    (spec,) = specs_of(settings(**variables))
    return [
        (e.name, e.base_url, e.api_key and e.api_key.get_secret_value()) for e in spec.endpoints
    ]


def test_a_vendor_without_endpoints_has_the_one_place_its_provider_names():
    assert places(OPENAI_API_KEY="sk-1") == []
    assert places(OPENAI_BASE_URL="http://x/v1") == []


def test_endpoints_stand_in_place_of_the_usual_one_each_with_its_key_or_the_vendors():
    assert places(
        OPENAI_API_KEY="sk-1",
        OPENAI_ENDPOINTS="azure=https://x.openai.azure.com/openai/v1, eu=https://eu.api.openai.com/v1/",
        OPENAI_ENDPOINT_KEYS="azure=az=ure",
    ) == [
        ("azure", "https://x.openai.azure.com/openai/v1", "az=ure"),
        ("eu", "https://eu.api.openai.com/v1", None),
    ]


def test_a_model_may_be_called_otherwise_at_single_endpoints():
    (spec,) = specs_of(
        settings(
            OPENAI_ENDPOINTS="azure=https://x.openai.azure.com/openai/v1,eu=https://eu.api.openai.com/v1",
            OPENAI_ENDPOINT_DEPLOYMENTS="azure=our_gpt-5.prod",
        )
    )
    assert [(e.name, e.deployment) for e in spec.endpoints] == [
        ("azure", "our_gpt-5.prod"),
        ("eu", None),
    ]


@pytest.mark.parametrize("prefix", ["OPENAI", "ANTHROPIC", "GEMINI"])
def test_endpoints_alone_configure_a_vendor_and_stand_beside_its_base_url(prefix):
    endpoints = {f"{prefix}_ENDPOINTS": "eu=http://eu"}
    assert places(**endpoints) == [("eu", "http://eu", None)]
    assert places(**endpoints, **{f"{prefix}_BASE_URL": "http://us"}) == [
        ("default", "http://us", None),
        ("eu", "http://eu", None),
    ]


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        pytest.param({"OPENAI_ENDPOINTS": "https://x"}, "OPENAI_ENDPOINTS: expected name=URL", id="no name"),
        pytest.param({"OPENAI_ENDPOINTS": "a=ftp://x"}, "OPENAI_ENDPOINTS: expected name=URL", id="no web"),
        pytest.param({"OPENAI_ENDPOINTS": "a=http://x,a=http://y"}, "OPENAI_ENDPOINTS", id="twice"),
        pytest.param({"OPENAI_ENDPOINTS": "a="}, "OPENAI_ENDPOINTS", id="no URL"),
        pytest.param(
            {"GEMINI_ENDPOINTS": "default=http://x", "GEMINI_BASE_URL": "http://y"},
            "GEMINI_ENDPOINTS: expected names other than 'default'", id="the base URL's name",
        ),
        pytest.param(
            {"ANTHROPIC_ENDPOINT_KEYS": "eu=k"},
            "ANTHROPIC_ENDPOINT_KEYS: expected names among none, for ANTHROPIC_ENDPOINTS is not set, found 'eu'",
            id="a key for nobody",
        ),
        pytest.param(
            {"OPENAI_ENDPOINTS": "us=http://x", "OPENAI_ENDPOINT_KEYS": "eu=k"},
            "OPENAI_ENDPOINT_KEYS: expected names among us, found 'eu'", id="a key for another",
        ),
        pytest.param(
            {"OPENAI_ENDPOINTS": "us=http://x", "OPENAI_ENDPOINT_DEPLOYMENTS": "eu=gpt"},
            "OPENAI_ENDPOINT_DEPLOYMENTS: expected names among us, found 'eu'", id="a deployment elsewhere",
        ),
        pytest.param({"OPENAI_ENDPOINT_DEPLOYMENTS": "us=a b"}, "expected name=deployment pairs", id="a space"),
        pytest.param({"WALLBOUNCE_HEDGING_SHARE": "0.5"}, "expected a fraction from 0 to 0.2", id="hedging"),
        pytest.param({"WALLBOUNCE_VENDOR_CONCURRENCY": "0"}, "expected a whole number from 1", id="none at once"),
        pytest.param({"WALLBOUNCE_STALL_SECONDS": "-1"}, "expected seconds from 0", id="stall"),
        pytest.param({"WALLBOUNCE_CIRCUIT_BREAKERS": "maybe"}, "expected true or false", id="breakers"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name(variables, line):
    with pytest.raises(SettingsError) as refused:
        settings(**variables)
    assert any(line in said for said in refused.value.lines), refused.value.lines


def test_a_wrong_endpoint_key_is_never_shown():
    with pytest.raises(SettingsError) as refused:
        settings(OPENAI_ENDPOINT_KEYS="azure=se cret")
    assert "se cret" not in str(refused.value)
    right = settings(OPENAI_ENDPOINTS="a=http://x", OPENAI_ENDPOINT_KEYS="a=sk-5678")
    assert "sk-5678" not in repr(right)


def test_the_terms_of_resilience_follow_the_environment():
    assert resilience_of(settings()) == Terms()
    assert resilience_of(
        settings(
            WALLBOUNCE_CIRCUIT_BREAKERS="off",
            WALLBOUNCE_HEDGING_SHARE="0",
            WALLBOUNCE_VENDOR_CONCURRENCY="8",
            WALLBOUNCE_STALL_SECONDS="0",
        )
    ) == Terms(circuits=False, hedging_share=0.0, concurrency=8, stall_s=None)


@pytest.mark.parametrize(
    ("url", "auth"),
    [
        ("https://x.openai.azure.com/openai/v1", "api-key"),
        ("https://x.services.ai.azure.com/openai/v1", "api-key"),
        ("https://api.openai.com/v1", "bearer"),
        ("https://openai.azure.com.example.org/v1", "bearer"),
    ],
)
def test_azure_is_known_by_its_host(url, auth):
    assert auth_of(url) == auth
