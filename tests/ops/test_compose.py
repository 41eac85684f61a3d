"""docker-compose.yml: what it names exists, only the balancer is reachable, no secret has a default."""

from __future__ import annotations

import re

import pytest
import yaml

from gateway.settings import SECTIONS, Server
from tests.support.gateway_process import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
GATEWAYS = {name: s for name, s in SERVICES.items() if s["image"].startswith("wallbounce:")}
SETTINGS = {f.alias for section in SECTIONS.values() for f in section.model_fields.values()}

each_service = pytest.mark.parametrize("name", SERVICES)
each_gateway = pytest.mark.parametrize("name", GATEWAYS)


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


def test_two_gateways_run_under_their_own_instance_ids():
    ids = [service["environment"]["SRP_INSTANCE_ID"] for service in GATEWAYS.values()]
    assert ids == list(GATEWAYS) == ["gateway-1", "gateway-2"]


def test_the_stack_is_whole():
    assert set(SERVICES) - set(GATEWAYS) == {
        "load-balancer",
        "redis",
        "postgres",
        "prometheus",
        "grafana",
    }


def test_only_the_load_balancer_is_published_and_on_loopback_unless_told_otherwise():
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {
        "load-balancer": ["${WALLBOUNCE_BIND:-127.0.0.1}:${WALLBOUNCE_PORT:-4000}:8080"]
    }
    assert all("network_mode" not in service for service in SERVICES.values())


@each_service
def test_its_image_is_pinned_to_one_release(name):
    assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", SERVICES[name]["image"])


@each_service
def test_what_it_mounts_exists(name):
    for volume in SERVICES[name].get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("."):
            assert (ROOT / source).exists(), source
        else:
            assert source in COMPOSE["volumes"], source


def test_every_named_volume_and_network_is_used():
    mounted = {v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", [])}
    assert set(COMPOSE["volumes"]) <= mounted
    assert set(COMPOSE["networks"]) == {n for s in SERVICES.values() for n in s["networks"]}


@each_service
def test_it_restarts_has_limits_and_no_way_to_gain_privileges(name):
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@each_service
def test_its_health_is_checked(name):
    if name in GATEWAYS:
        assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()
    else:
        assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@each_service
def test_what_it_waits_for_exists(name):
    assert set(SERVICES[name].get("depends_on", {})) <= set(SERVICES)


@pytest.mark.parametrize("network", ["data", "watch"])
def test_the_stores_and_the_watchers_have_no_way_out(network):
    assert COMPOSE["networks"][network]["internal"] is True


@pytest.mark.parametrize("store", ["redis", "postgres"])
def test_a_store_is_reached_by_the_gateways_only(store):
    assert SERVICES[store]["networks"] == ["data"]
    assert {n for n, s in SERVICES.items() if "data" in s["networks"]} == {
        *GATEWAYS,
        "redis",
        "postgres",
    }


@each_gateway
def test_a_gateway_reads_every_variable_it_is_given(name):
    given = {k for k, v in SERVICES[name]["environment"].items() if v != ""}
    assert given <= SETTINGS


@each_gateway
def test_a_gateway_is_not_told_the_passwords_it_has_no_use_for(name):
    """``env_file`` would hand them all over."""
    environment = SERVICES[name]["environment"]
    asked_of_env_file = set(
        re.findall(r"\$\{(\w+_PASSWORD)\b", (ROOT / "docker-compose.yml").read_text())
    )
    assert {environment[variable] for variable in asked_of_env_file} == {""}


def test_no_password_has_a_default_or_a_literal():
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            if "PASSWORD" in variable and value:
                assert re.fullmatch(r"\$\{\w+:\?set \w+ in \.env\}", value), variable
    assert not re.search(
        r"\$\{\w*(PASSWORD|KEY|SECRET)\w*:?-", (ROOT / "docker-compose.yml").read_text()
    )


def test_the_gateways_share_the_folder_whose_env_file_holds_the_traffic_share():
    """And nothing else: a data folder is one gateway's own."""
    volumes = [set(service["volumes"]) for service in GATEWAYS.values()]
    assert set.intersection(*volumes) == {"rollout:/etc/wallbounce"}
    assert "WORKDIR /etc/wallbounce" in (ROOT / "Dockerfile").read_text()


@each_gateway
def test_a_gateway_has_more_time_to_stop_than_its_requests_have_to_finish(name):
    drain = Server.model_fields["drain"].default.total_seconds()
    assert seconds(SERVICES[name]["stop_grace_period"]) > drain
    assert seconds(SERVICES["load-balancer"]["stop_grace_period"]) > drain


def test_the_balancer_spreads_over_exactly_the_gateways():
    nginx = (ROOT / "ops/nginx/nginx.conf").read_text()
    assert re.findall(r"server (gateway-\d+):4000 ", nginx) == list(GATEWAYS)


def test_prometheus_scrapes_every_gateway():
    config = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text())
    jobs = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]
    }
    assert jobs["wallbounce"] == [f"{name}:4000" for name in GATEWAYS]
    assert all(
        "watch" in SERVICES[name]["networks"] for name in [*GATEWAYS, "prometheus", "grafana"]
    )


def test_grafana_finds_its_source_and_its_dashboards():
    provisioning = ROOT / "ops/grafana/provisioning"
    source = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())
    assert source["datasources"][0]["url"] == "http://prometheus:9090"
    provider = yaml.safe_load((provisioning / "dashboards/wallbounce.yml").read_text())
    folder = provider["providers"][0]["options"]["path"]
    assert f"./ops/grafana/dashboards:{folder}:ro" in SERVICES["grafana"]["volumes"]
