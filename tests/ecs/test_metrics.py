"""Every metric of alarms, scaling and dashboard exists: exported by the running service with the right type and
labels, and carried to CloudWatch by the agent's configuration. And the task starts with what it is given."""

import json
import re
import subprocess
import urllib.request

import pytest
from metrics import faults
from rules import containers
from service import binary, config_check, get
from templates import Stacks

STACKS = Stacks()


@pytest.fixture(scope="module")
def text(service):
    return get(f"{service}/metrics")


def test_every_metric_exists(text):
    assert list(faults(STACKS, text)) == []


def agent(old, new):
    def change(template):
        value = template["Resources"]["AgentConfig"]["Properties"]["Value"]
        assert old in value["Fn::Sub"]
        value["Fn::Sub"] = value["Fn::Sub"].replace(old, new)
    return "app", change


def alarm(name, **values):
    return "observability", lambda t: t["Resources"][name]["Properties"].update(values)


PLANTED = {
    "a metric that the service does not export": alarm("StoreErrors", MetricName="kyo_database_errors_total"),
    "a histogram": alarm("BusSilence", MetricName="kyo_append_seconds"),
    "a metric that the agent leaves out": agent("ack_latency|bus_lag", "bus_lag"),
    "an alarm without dimensions": alarm("StoreErrors", Dimensions=[]),
    "other dimensions": alarm("StoreErrors", Dimensions=[{"Name": "ServiceName", "Value": "collaboration-service"}]),
    "another service's name": alarm("StoreErrors", Dimensions=[{"Name": "ClusterName", "Value": "kyo-production-cluster"}, {"Name": "ServiceName", "Value": "collaboration"}]),
    "the average of a counter": alarm("StoreErrors", Statistic="Average"),
    "the sum of a gauge": alarm("BusSilence", Statistic="Sum"),
    "gauges of several labels as one": agent('"ServiceName", "transport"', '"ServiceName"'),
    "a metric that nobody reads": agent("rooms_active|", "rooms_active|bus_nodes|"),
    "a load balancer's metric by too little": alarm("HealthyHosts", Dimensions=[{"Name": "LoadBalancer", "Value": "x"}]),
    "a line count without a filter": ("observability", lambda t: t["Resources"].pop("ErrorFilter")),
    "scaling by a metric that is not there": ("app", lambda t: t["Resources"]["ScaleOnConnections"]["Properties"]
        ["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"].update(MetricName="kyo_sockets")),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_fault_is_found(text, plant):
    stack, change = PLANTED[plant]
    assert list(faults(STACKS.changed(stack, change), text)) != []


def test_a_family_that_the_service_lost_is_found(text):
    without = "\n".join(line for line in text.splitlines() if "kyo_connections" not in line) + "\n"
    assert any("kyo_connections" in fault for fault in faults(STACKS, without))


def task():
    return next(c for _, c in containers(STACKS) if c.get("PortMappings"))


def test_the_service_starts_with_the_environment_of_the_task(tmp_path):
    """A variable that is misspelt or wrong is a fault of `config check`, exit code 2."""
    invented = {
        "DATABASE_URL": "postgres://kyo:secret@db.example.com:5432/kyo?sslmode=verify-full",
        "KYO__BUS__PASSWORD": "b" * 64, "JWT_SECRET": "j" * 64, "KYO__AUTH__KEYS": "",
        "REDIS_CLUSTER_ENDPOINT": "rediss://clustercfg.kyo.example.com:6379",
    }
    assert {s["Name"] for s in task()["Secrets"]} < set(invented)
    fine = config_check(tmp_path, **invented)
    assert fine.returncode == 0, fine.stderr
    assert config_check(tmp_path, **invented, KYO__DRAIN__DEADLINES="1").returncode == 2


def test_the_probes_of_the_templates_answer(service):
    for _, _, group in STACKS.each("AWS::ElasticLoadBalancingV2::TargetGroup"):
        if group["Port"] == 3001:
            get(f"{service}{group['HealthCheckPath']}")
    command = task()["HealthCheck"]["Command"]
    asked = [binary(), *(word.replace("http://127.0.0.1:3001", service) for word in command[2:])]
    assert subprocess.run(asked, timeout=60, env={}).returncode == 0


def test_cloudfront_sends_the_headers_of_the_board(service):
    with urllib.request.urlopen(f"{service}/", timeout=30) as answer:
        sent = answer.headers
    policy = STACKS.one("AWS::CloudFront::ResponseHeadersPolicy")["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    words = lambda text: sorted(" ".join(part.split()) for part in text.split(";"))
    assert words(policy["ContentSecurityPolicy"]["ContentSecurityPolicy"]) == words(sent["content-security-policy"])
    assert policy["FrameOptions"]["FrameOption"] == sent["x-frame-options"]
    assert policy["ReferrerPolicy"]["ReferrerPolicy"] == sent["referrer-policy"]


def test_the_agent_and_its_scraper_read_their_configurations(tmp_path):
    """The agent takes a misspelt key for one that it does not know and says nothing; these are all that we use."""
    app = STACKS.resolved["app"]
    config = json.loads(app["AgentConfig"]["Properties"]["Value"])
    section = config["logs"]["metrics_collected"]["prometheus"]
    assert set(config) == {"agent", "traces", "logs"}
    assert set(section) == {"cluster_name", "log_group_name", "prometheus_config_path", "emf_processor"}
    assert set(section["emf_processor"]) == {"metric_namespace", "metric_unit", "metric_declaration"}
    known = {"source_labels", "label_matcher", "label_separator", "dimensions", "metric_selectors"}
    assert all(set(d) <= known for d in section["emf_processor"]["metric_declaration"])
    assert section["log_group_name"] in [g["LogGroupName"] for _, _, g in STACKS.each("AWS::Logs::LogGroup")]
    (tmp_path / "scrape.yml").write_text(app["ScrapeConfig"]["Properties"]["Value"])
    checked = subprocess.run(["promtool", "check", "config", tmp_path / "scrape.yml"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_the_agents_units_are_of_metrics_that_it_sends():
    config = json.loads(STACKS.resolved["app"]["AgentConfig"]["Properties"]["Value"])
    processor = config["logs"]["metrics_collected"]["prometheus"]["emf_processor"]
    selectors = [s for d in processor["metric_declaration"] for s in d["metric_selectors"]]
    for name in processor["metric_unit"]:
        assert any(re.search(s, name) for s in selectors), name
