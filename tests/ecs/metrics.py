"""What the service exports, what the CloudWatch agent makes of it by our configuration, and what alarms,
scaling and dashboards ask for. Pure: takes texts, gives values."""

import json
import re

from prometheus_client.parser import text_string_to_metric_families
import yaml

NAMESPACE = "Kyo/Collaboration"


def exported(text):
    """(name, labels, type) of every series that the agent takes: it drops histograms."""
    for family in text_string_to_metric_families(text):
        if family.type in ("counter", "gauge"):
            for sample in family.samples:
                yield sample.name, dict(sample.labels), family.type


def published(text, agent, scrape):
    """{(name, dimensions): [(type, labels)]} that reaches CloudWatch: series behind one metric."""
    section = json.loads(agent)["logs"]["metrics_collected"]["prometheus"]
    (job,) = yaml.safe_load(scrape)["scrape_configs"]
    target = job["static_configs"][0]["labels"]
    added = {"job": job["job_name"], "ClusterName": section["cluster_name"], **target}
    metrics = {}
    for name, labels, kind in exported(text):
        everything = {**added, **labels}
        for declaration in section["emf_processor"]["metric_declaration"]:
            if not chosen(declaration, name, everything):
                continue
            for dimensions in declaration["dimensions"]:
                if set(dimensions) <= set(everything):
                    key = name, tuple(sorted((d, everything[d]) for d in dimensions))
                    metrics.setdefault(key, []).append((kind, labels))
    return metrics


def chosen(declaration, name, labels):
    values = declaration.get("label_separator", ";").join(labels.get(label, "") for label in declaration["source_labels"])
    selected = any(re.search(selector, name) for selector in declaration["metric_selectors"])
    return selected and re.search(declaration["label_matcher"], values) is not None


def ambiguous(metrics):
    """Gauges of which several series of one task fall together: CloudWatch would average strangers."""
    return [key for key, series in metrics.items() if len(series) > 1 and series[0][0] == "gauge"]


def asked(stacks):
    """(who, namespace, name, dimensions, statistic) of everything that reads a metric."""
    for _, name, alarm in stacks.each("AWS::CloudWatch::Alarm"):
        stats = [m["MetricStat"] for m in alarm.get("Metrics", []) if "MetricStat" in m]
        for stat in stats or [{"Metric": alarm, "Stat": alarm.get("Statistic")}]:
            yield name, *named(stat["Metric"]), stat["Stat"]
    for _, name, policy in stacks.each("AWS::ApplicationAutoScaling::ScalingPolicy"):
        tracking = policy["TargetTrackingScalingPolicyConfiguration"]
        if custom := tracking.get("CustomizedMetricSpecification"):
            yield name, *named(custom), custom["Statistic"]
    for _, name, dashboard in stacks.each("AWS::CloudWatch::Dashboard"):
        for widget in json.loads(dashboard["DashboardBody"])["widgets"]:
            for line in widget["properties"]["metrics"]:
                options = line[-1] if isinstance(line[-1], dict) else {}
                words = [w for w in line if isinstance(w, str)]
                dimensions = tuple(sorted(zip(words[2::2], words[3::2])))
                yield name, words[0], words[1], dimensions, options.get("stat", widget["properties"]["stat"])


def named(metric):
    dimensions = tuple(sorted((d["Name"], d["Value"]) for d in metric.get("Dimensions", [])))
    return metric["Namespace"], metric["MetricName"], dimensions


# Of AWS's own namespaces: what they publish, by which dimensions.
LOAD_BALANCED = {"LoadBalancer", "TargetGroup"}
AWS_METRICS = {
    ("AWS/ECS", "CPUUtilization"): {"ClusterName", "ServiceName"},
    ("AWS/ECS", "MemoryUtilization"): {"ClusterName", "ServiceName"},
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"): LOAD_BALANCED,
    ("AWS/ApplicationELB", "RequestCount"): LOAD_BALANCED,
    ("AWS/ApplicationELB", "HealthyHostCount"): LOAD_BALANCED,
    ("AWS/RDS", "CPUUtilization"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "FreeStorageSpace"): {"DBInstanceIdentifier"},
    ("AWS/RDS", "DatabaseConnections"): {"DBInstanceIdentifier"},
    ("AWS/ElastiCache", "EngineCPUUtilization"): {"CacheClusterId", "CacheNodeId"},
    ("AWS/ElastiCache", "DatabaseMemoryUsagePercentage"): {"CacheClusterId", "CacheNodeId"},
}


def faults(stacks, text):
    """Every question without an answer, and every answer without a question."""
    agent, scrape = (stacks.resolved["app"][name]["Properties"]["Value"] for name in ("AgentConfig", "ScrapeConfig"))
    metrics = published(text, agent, scrape)
    filters = {
        (t["MetricNamespace"], t["MetricName"])
        for _, _, f in stacks.each("AWS::Logs::MetricFilter") for t in f["MetricTransformations"]
    }
    yield from (f"ambiguous: {key}" for key in ambiguous(metrics))
    wanted = set()
    for who, namespace, name, dimensions, statistic in asked(stacks):
        wanted.add((name, dimensions))
        if namespace == NAMESPACE:
            yield from own(who, name, dimensions, statistic, metrics)
        elif (namespace, name) in AWS_METRICS:
            if {d for d, _ in dimensions} != AWS_METRICS[namespace, name]:
                yield f"{who}: {name} does not exist by {dimensions}"
        elif (namespace, name) not in filters or dimensions:
            yield f"{who}: nobody publishes {namespace} {name} {dimensions}"
    yield from (f"nobody reads {key}, which is billed" for key in metrics if key not in wanted)


def own(who, name, dimensions, statistic, metrics):
    series = metrics.get((name, dimensions))
    if not series:
        yield f"{who}: the agent publishes no {name} by {dimensions}"
    elif series[0][0] == "counter" and statistic != "Sum":
        yield f"{who}: {name} is a counter, of which {statistic} says nothing"
    elif series[0][0] == "gauge" and statistic == "Sum":
        yield f"{who}: {name} is a gauge; the sum of its samples depends on how often it is read"
