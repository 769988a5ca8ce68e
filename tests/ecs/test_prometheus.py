"""Rules and dashboard of ops/ against the running service: promtool's own checks and tests, then a real Prometheus
that scrapes it and is asked every expression; and every metric and label value named exists there."""

import json
import re
import shutil
import subprocess
import time
import urllib.parse

import pytest
import yaml
from emulator import await_answer, free_port
from prometheus_client.parser import text_string_to_metric_families
from service import get
from templates import ROOT

RULES = ROOT / "ops/prometheus"


def promtool(*arguments, **more):
    assert shutil.which("promtool"), "no promtool: scripts/setup-ecs.sh"
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=60, **more)


def expressions():
    """(where, expression) of rules, panels and annotations."""
    for name in ("recording.yml", "alerts.yml"):
        for group in yaml.safe_load((RULES / name).read_text())["groups"]:
            for rule in group["rules"]:
                yield rule.get("record") or rule["alert"], rule["expr"]
    dashboard = json.loads((ROOT / "ops/grafana/dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], as_grafana_sends(target["expr"])
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], as_grafana_sends(annotation["expr"])


def as_grafana_sends(expression):
    return expression.replace("$__rate_interval", "1m").replace("$job", "collaboration")


EXPRESSIONS = list(expressions())


def test_promtool_finds_nothing_in_the_rules():
    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", RULES / "recording.yml", RULES / "alerts.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_alert_rings_for_its_fault_and_for_nothing_less():
    tested = promtool("test", "rules", RULES / "alerts.test.yml")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    alerts = {r["alert"] for g in yaml.safe_load((RULES / "alerts.yml").read_text())["groups"] for r in g["rules"]}
    quiet, trouble, _ = yaml.safe_load((RULES / "alerts.test.yml").read_text())["tests"]
    assert alerts == {t["alertname"] for t in quiet["alert_rule_test"] if not t.get("exp_alerts")}
    assert alerts == {t["alertname"] for t in trouble["alert_rule_test"] if t.get("exp_alerts")}


def test_alerts_have_runbooks():
    text = (ROOT / "docs/OPERATIONS.md").read_text()
    for group in yaml.safe_load((RULES / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert f"### {rule['annotations']['runbook'].partition('#')[2]}\n" in text, rule["alert"]


def test_promtool_finds_nothing_in_the_metrics(service):
    checked = promtool("check", "metrics", input=get(f"{service}/metrics"))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.fixture(scope="module")
def catalogue(service):
    """{name: {label: values}} of everything that is exported."""
    found = {}
    for family in text_string_to_metric_families(get(f"{service}/metrics")):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {"job": {"collaboration"}})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


def misnamed(catalogue, expression):
    """Metrics that nobody exports, and label values that they don't have."""
    for name, matchers in re.findall(r"(?<![\w:])((?:kyo|process)_\w+)(?:\{([^}]*)\})?", expression):
        if name not in catalogue:
            yield name
            continue
        for label, value in re.findall(r'(\w+)="([^"]*)"', matchers):
            if value not in catalogue[name].get(label, ()):
                yield f'{name}{{{label}="{value}"}}'
    for label in {l.strip() for by in re.findall(r"by \(([^)]*)\)", expression) for l in by.split(",")}:
        names = re.findall(r"(?<![\w:])((?:kyo|process)_\w+)", expression)
        if names and label not in ("instance",) and not any(label in catalogue.get(name, {}) for name in names):
            yield f"by ({label})"


@pytest.mark.parametrize("where, expression", EXPRESSIONS, ids=[w for w, _ in EXPRESSIONS])
def test_what_an_expression_names_exists(catalogue, where, expression):
    assert list(misnamed(catalogue, expression)) == []


@pytest.mark.parametrize("expression", [
    "kyo_conections", 'kyo_sessions{transport="carrier"}', "sum by (room) (kyo_connections)", "rate(kyo_append_seconds[5m])",
])
def test_a_misnamed_expression_is_found(catalogue, expression):
    assert list(misnamed(catalogue, expression)) != []


@pytest.fixture(scope="module")
def prometheus(service, tmp_path_factory):
    """A real one that has scraped the service at least twice."""
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    host = service.removeprefix("http://")
    (folder / "prometheus.yml").write_text(yaml.safe_dump({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES / "recording.yml"), str(RULES / "alerts.yml")],
        "scrape_configs": [{"job_name": "collaboration", "static_configs": [{"targets": [host]}]}],
    }))
    command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
               f"--web.listen-address=127.0.0.1:{port}"]
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            await_answer(process, f"http://127.0.0.1:{port}/-/ready")
            address = f"http://127.0.0.1:{port}"
            end = time.monotonic() + 60
            while not ask(address, "count_over_time(kyo_connections[1m]) > 2"):
                assert time.monotonic() < end, "Prometheus does not scrape the service"
                time.sleep(0.5)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def ask(address, expression):
    answer = json.loads(get(f"{address}/api/v1/query?query={urllib.parse.quote(expression)}"))
    assert answer["status"] == "success" and not answer.get("warnings"), answer
    return answer["data"]["result"]


# True of nothing while all is well.
QUIET = re.compile(r"Kyo\w+|Operations|versions|job:kyo_http_errors.*")


@pytest.mark.parametrize("where, expression", EXPRESSIONS, ids=[w for w, _ in EXPRESSIONS])
def test_prometheus_answers_every_expression(prometheus, where, expression):
    found = ask(prometheus, expression)
    assert found or QUIET.fullmatch(where), f"{expression} finds nothing"


def test_prometheus_evaluates_the_rules(prometheus):
    groups = json.loads(get(f"{prometheus}/api/v1/rules"))["data"]["groups"]
    assert [r["lastError"] for g in groups for r in g["rules"] if r.get("lastError")] == []
    assert {g["name"] for g in groups} == {"kyo-recording", "kyo-pages", "kyo-tickets"}
