"""The files with which Clarion is deployed name only what there is: metrics, commands, settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import typer
import yaml
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

import clarion
from clarion.api.app import make_app
from clarion.cli.main import app as commands
from clarion.tracking.metrics.exposition import Exposition
from clarion.tracking.metrics.figures import Backlog, Figures, LaneFigures, Unsettled
from clarion.tracking.metrics.watch import Seen
from clarion.wiring.heartbeats import Heartbeats
from clarion.wiring.process_metrics import process_registry
from clarion.wiring.settings import Settings
from clarion.wiring.worker_health import Loops
from support.promql import asked

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

#: What Prometheus itself adds to whatever it reads.
OF_PROMETHEUS = {"job", "instance"}

#: Programs that are not Clarion's read these.
NOT_OURS = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


# --- what there is


def setting_names(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield prefix + name.upper()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from setting_names(field.annotation, f"{prefix}{name.upper()}__")


SETTINGS = set(setting_names())


def seen() -> Seen:
    """A Clarion of which everything can be told."""
    lane = LaneFigures(
        id=UUID(int=1),
        channel="sms",
        provider="twilio",
        tier=1,
        pace=10,
        share=1,
        booked=0,
        handed_over=7,
        backlog=Backlog(waiting=3, due=2, oldest_due_at=NOW - timedelta(seconds=9)),
    )
    figures = Figures(
        read_at=NOW,
        lanes=[lane],
        waiting_of_workspaces={UUID(int=2): 3},
        messages={("sms", "sent"): 1},
        unsettled={("sms", "uncertain"): Unsettled(messages=1, oldest_at=NOW)},
        errors={("sms", "30007"): 1},
        jobs={"due": 1},
        tasks={("queue.run", "waiting"): 1},
        broadcasts={("paused", "failure_rate"): 1},
        workers={1: NOW},
    )
    return Seen(figures=figures, rates={lane.id: 1.0})


def exposed() -> dict[str, set[str]]:
    """The labels of every metric that some process of Clarion tells."""
    heartbeats = Heartbeats()
    heartbeats.of("tracking.apply")
    registries = [process_registry(), CollectorRegistry(), CollectorRegistry()]
    registries[1].register(Exposition(seen()))
    registries[2].register(Loops(heartbeats))
    return {
        sample.name: set(sample.labels)
        for registry in registries
        for family in registry.collect()
        for sample in family.samples
    }


EXPOSED = exposed()
OUR_METRICS = {name for name in EXPOSED if name.startswith("clarion_")}


def command_names() -> dict[str, set[str]]:
    """Each command of `clarion` with its options."""
    group = typer.main.get_command(commands)
    return {
        name: {option for parameter in command.params for option in parameter.opts}
        for name, command in group.commands.items()  # type: ignore[attr-defined]
    }


COMMANDS = command_names()
PATHS = {"/health", "/ready", "/metrics"}
PORTS = {
    "api": Settings.model_fields["port"].default,
    # What the image and the manifests set; a worker alone serves none.
    "worker": 8011,
}


# --- metrics


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana" / "clarion.json").read_text("utf-8"))
    return found


def rules() -> list[dict[str, Any]]:
    read = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def adapter() -> dict[str, Any]:
    read = yaml.safe_load((DEPLOY / "prometheus" / "adapter.yaml").read_text("utf-8"))
    (rule,) = read["externalRules"]
    found: dict[str, Any] = rule
    return found


def expressions() -> list[Any]:
    found = [
        pytest.param(target["expr"], id=f"panel {panel['id']} {panel['title']}")
        for panel in dashboard()["panels"]
        for target in panel["targets"]
    ]
    found += [pytest.param(rule["expr"], id=rule["alert"]) for rule in rules()]
    return [*found, pytest.param(adapter()["metricsQuery"], id="adapter")]


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_asks_for_metrics_and_labels_that_there_are(expression: str) -> None:
    found = asked(expression)
    assert found.labels
    assert set(found.labels) <= set(EXPOSED)
    for metric, labels in found.labels.items():
        assert labels <= EXPOSED[metric] | OF_PROMETHEUS
    of_any = set().union(*(EXPOSED[metric] for metric in found.labels))
    assert found.grouped <= of_any | OF_PROMETHEUS


@pytest.mark.parametrize(
    ("expression", "labels", "grouped"),
    [
        ('max by (a, b) (rate(one{c="x", d!~"y"}[5m])) > 0.5', {"one": {"c", "d"}}, {"a", "b"}),
        ("one / on (a) group_left (b) two offset 5m", {"one": set(), "two": set()}, {"a", "b"}),
        ("sum(one) by (a) unless absent(two) or vector(1e3)", {"one": set(), "two": set()}, {"a"}),
        ('one{a="{two}"} and bool', {"one": {"a"}}, set()),
    ],
)
def test_expressions_are_read_as_prometheus_reads_them(
    expression: str, labels: dict[str, set[str]], grouped: set[str]
) -> None:
    found = asked(expression)
    assert (found.labels, found.grouped) == (labels, grouped)


@pytest.mark.parametrize("expression", ["max(one", "one)", "one{a='x')"])
def test_an_expression_with_a_bracket_too_few_is_none(expression: str) -> None:
    with pytest.raises(ValueError, match="left over"):
        asked(expression)


def test_the_dashboard_shows_every_metric_of_ours() -> None:
    shown = {
        metric
        for panel in dashboard()["panels"]
        for target in panel["targets"]
        for metric in asked(target["expr"]).labels
    }
    assert OUR_METRICS - shown == set()


def test_the_panels_of_the_dashboard_do_not_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        places = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert max(x for x, _ in places) < 24
        assert not places & taken
        taken |= places


def test_the_page_for_operators_names_every_metric_and_every_alert() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert {name for name in OUR_METRICS if f"`{name}`" not in page} == set()
    named = set(re.findall(r"`(clarion_\w+)`", page))
    assert named - OUR_METRICS == set()
    alerts = {rule["alert"] for rule in rules()}
    assert {name for name in alerts if f"`{name}`" not in page} == set()
    assert set(re.findall(r"`(Clarion[A-Z]\w+)`", page)) == alerts


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_uses_labels_that_it_has(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    summary = rule["annotations"]["summary"]
    assert set(re.findall(r"\$labels\.(\w+)", summary)) <= asked(rule["expr"]).grouped


# --- compose


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return read


OURS = sorted(name for name in compose()["services"] if name != "postgres")

#: Of the compose specification, what these services may use.
SERVICE_KEYS = {
    "build", "command", "depends_on", "deploy", "env_file", "environment", "healthcheck", "image",
    "network_mode", "ports", "profiles", "restart", "stop_grace_period", "volumes",
}  # fmt: skip


def test_compose_starts_the_parts_and_any_number_of_workers() -> None:
    services = compose()["services"]
    assert set(services) == {"postgres", "migrate", "api", "worker", "sandbox"}
    assert services["worker"]["deploy"]["replicas"] == "${WORKERS:-2}"
    assert [name for name, each in services.items() if "profiles" in each] == ["sandbox"]
    for name, service in services.items():
        assert set(service) <= SERVICE_KEYS, name
        assert set(service.get("depends_on", {})) <= set(services)
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in compose()["volumes"]
    for name in OURS:
        assert services[name]["stop_grace_period"] == "15s"
        assert (ROOT / services[name]["build"]["dockerfile"]).is_file()


@pytest.mark.parametrize("name", OURS)
def test_a_service_calls_a_command_that_there_is_with_settings_that_there_are(name: str) -> None:
    service = compose()["services"][name]
    command, *options = service["command"]
    assert {each for each in options if each.startswith("--")} <= COMMANDS[command]
    assert set(service["environment"]) <= SETTINGS
    assert service["image"] == f"clarion:{clarion.__version__}"


@pytest.mark.parametrize(("name", "port"), [*PORTS.items(), ("sandbox", 8025)])
def test_a_service_is_asked_for_its_health_where_it_answers(name: str, port: int) -> None:
    service = compose()["services"][name]
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", service["healthcheck"]["test"][-1])
    assert address is not None
    assert int(address[1]) == port
    assert address[2] in PATHS
    if name == "sandbox":
        assert service["command"][-1] == str(port)
        assert service["environment"]["SANDBOX__URL"] == f"http://api:{port}"
        assert service["network_mode"] == "service:api"
    else:
        setting = {"api": "PORT", "worker": "WORKER_HEALTH_PORT"}[name]
        assert service["environment"][setting] == str(port)


def example() -> dict[str, str]:
    lines = (DEPLOY / "clarion.env.example").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_example_of_the_secrets_has_what_compose_asks_for_and_no_secret() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    needed = set(re.findall(r"\$\{(\w+):\?", text))
    known = set(re.findall(r"\$\{(\w+)", text))
    given = example()
    assert needed == {"POSTGRES_PASSWORD", "SECRET"}
    assert known <= set(given)
    assert set(given) - known <= SETTINGS
    assert {given[name] for name in (*needed, "METRICS_TOKEN", "TWILIO__AUTH_TOKEN")} == {""}
    assert ".env\n" in (ROOT / ".gitignore").read_text("utf-8")


def test_docker_accepts_the_compose_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run(
            [docker, "compose", "version"], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip("docker compose is not on this machine")
    secrets = tmp_path / "env"
    secrets.write_text("POSTGRES_PASSWORD=x\nSECRET=y\n", "utf-8")
    subprocess.run(
        [docker, "compose", "--env-file", secrets, "--file", ROOT / "compose.yaml", "--profile",
         "sandbox", "config", "--quiet"],
        check=True, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )  # fmt: skip


# --- the image


def dockerfile() -> list[list[str]]:
    text = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_is_made_of_what_is_there_and_runs_as_nobody_special() -> None:
    lines = dockerfile()
    copied = [
        source
        for instruction, *words in lines
        if instruction == "COPY" and not words[0].startswith("--from")
        for source in words[:-1]
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
    # Whatever is copied has to be let in by .dockerignore.
    let_in = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    for source in copied:
        assert any(source == each or source.startswith(f"{each}/") for each in let_in), source
    assert [words[0] for instruction, *words in lines if instruction == "FROM"] == [
        "python:3.11-slim"
    ] * 2
    (user,) = [words[0] for instruction, *words in lines if instruction == "USER"]
    assert user not in ("root", "0")


def test_the_image_names_settings_ports_and_commands_that_there_are() -> None:
    lines = dockerfile()
    environment = dict(
        word.split("=", 1)
        for instruction, *words in lines
        if instruction == "ENV"
        for word in words
    )
    assert set(environment) - NOT_OURS <= SETTINGS
    (exposed_ports,) = [words for instruction, *words in lines if instruction == "EXPOSE"]
    assert exposed_ports == [environment["PORT"], environment["WORKER_HEALTH_PORT"]]
    assert [int(port) for port in exposed_ports] == list(PORTS.values())
    (entry,) = [words for instruction, *words in lines if instruction == "ENTRYPOINT"]
    (default,) = [words for instruction, *words in lines if instruction == "CMD"]
    assert json.loads(entry[0]) == ["clarion"]
    assert json.loads(default[0])[0] in COMMANDS
    Settings.model_validate(
        {name.lower(): value for name, value in environment.items() if name in SETTINGS}
    )


# --- Kubernetes


def manifests() -> dict[tuple[str, str], dict[str, Any]]:
    text = (DEPLOY / "kubernetes" / "clarion.yaml").read_text("utf-8")
    return {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(text)}


MANIFESTS = manifests()
RUNNING = [
    pytest.param(each["spec"]["template"], id=name)
    for (kind, name), each in MANIFESTS.items()
    if kind in ("Deployment", "Job")
]
DEPLOYMENTS = {name: each for (kind, name), each in MANIFESTS.items() if kind == "Deployment"}


def test_what_kubernetes_runs() -> None:
    assert [kind for kind, _ in MANIFESTS if kind == "Job"] == ["Job"]
    assert set(DEPLOYMENTS) == {"clarion-api", "clarion-worker"}
    settings = MANIFESTS["ConfigMap", "clarion"]["data"]
    assert set(settings) <= SETTINGS
    assert all(isinstance(value, str) for value in settings.values())


@pytest.mark.parametrize("template", RUNNING)
def test_a_pod_runs_a_command_of_the_image_with_few_rights(template: dict[str, Any]) -> None:
    spec = template["spec"]
    (container,) = spec["containers"]
    assert container["image"] == f"clarion:{clarion.__version__}"
    assert container["args"][0] in COMMANDS
    assert container["envFrom"] == [
        {"configMapRef": {"name": "clarion"}},
        {"secretRef": {"name": "clarion"}},
    ]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert {"requests", "limits"} <= set(container["resources"])
    mounted = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounted == {"data": "/data", "tmp": "/tmp"}  # noqa: S108
    assert {each["name"] for each in spec["volumes"]} == set(mounted)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_deployment_is_probed_where_it_answers_and_stops_in_time(name: str) -> None:
    spec = DEPLOYMENTS[name]["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    (port,) = container["ports"]
    assert port["containerPort"] == PORTS[container["args"][0]]
    assert pod["terminationGracePeriodSeconds"] == 15
    for probe, path in (
        ("startupProbe", "/health"),
        ("livenessProbe", "/health"),
        ("readinessProbe", "/ready"),
    ):
        assert container[probe]["httpGet"] == {"path": path, "port": port["name"]}
    assert container["readinessProbe"]["timeoutSeconds"] > 2
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"] == labels
    budget = MANIFESTS["PodDisruptionBudget", name]["spec"]
    assert budget["selector"]["matchLabels"] == labels


def test_the_workers_are_scaled_on_a_metric_that_there_is() -> None:
    scaler = MANIFESTS["HorizontalPodAutoscaler", "clarion-worker"]["spec"]
    assert scaler["scaleTargetRef"]["name"] in DEPLOYMENTS
    (metric,) = scaler["metrics"]
    name = metric["external"]["metric"]["name"]
    assert name in OUR_METRICS
    assert adapter()["name"]["as"] == adapter()["seriesQuery"] == name
    assert "replicas" not in DEPLOYMENTS["clarion-worker"]["spec"]


def test_the_api_answers_at_the_addresses_that_are_asked() -> None:
    app = make_app(Settings(database_url="not asked"))
    assert set(app.openapi()["paths"]) >= PATHS - {"/metrics"}


def test_the_scraper_asks_the_parts_that_tell() -> None:
    read = yaml.safe_load((DEPLOY / "prometheus" / "scrape.yaml").read_text("utf-8"))
    assert {job["job_name"] for job in read["scrape_configs"]} == {"clarion-api", "clarion-worker"}
    for job in read["scrape_configs"]:
        assert job["metrics_path"] in PATHS
        assert job["authorization"]["type"] == "Bearer"
    for file in read["rule_files"]:
        assert (DEPLOY / "prometheus" / file).is_file()
    service = MANIFESTS["Service", "clarion-api"]
    assert read["scrape_configs"][0]["static_configs"][0]["targets"] == [
        f"{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    ]
