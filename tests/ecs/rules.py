"""What cfn-lint does not see: rules over all four stacks at once. Each is a function of the stacks that yields
faults as text; test_rules.py plants each fault and wants it found."""

import json
import re

from templates import ROOT

RULES = []


def rule(check):
    RULES.append(check)
    return check


def faults(stacks):
    """Everything that is wrong, as `rule: fault`."""
    return [f"{check.__name__}: {fault}" for check in RULES for fault in check(stacks)]


def containers(stacks):
    for _, name, task in stacks.each("AWS::ECS::TaskDefinition"):
        for container in task["ContainerDefinitions"]:
            yield name, container


def attributes(group):
    return {a["Key"]: a["Value"] for a in group["TargetGroupAttributes"]} if "TargetGroupAttributes" in group else {}


@rule
def parameters_come_from_outputs(stacks):
    """`From network` is a promise that network has an output of that name."""
    for stack, template in stacks.raw.items():
        for name, parameter in template.get("Parameters", {}).items():
            origin = re.match(r"From (\w+)", parameter.get("Description", ""))
            if origin and name not in stacks.raw[origin[1]].get("Outputs", {}):
                yield f"{stack}: {origin[1]} has no output {name}"


@rule
def images_are_digests(stacks):
    for task, container in containers(stacks):
        if not re.search(r"@sha256:[0-9a-f]{64}$", container["Image"]):
            yield f"{task}: {container['Image']}"
    for stack, template in stacks.raw.items():
        if re.search(r":latest\b", json.dumps(template)):
            yield f"{stack} says :latest"


@rule
def service_names_a_revision(stacks):
    for _, name, service in stacks.each("AWS::ECS::Service"):
        if service["TaskDefinition"] not in [f"<{task}>" for _, task, _ in stacks.each("AWS::ECS::TaskDefinition")]:
            yield f"{name}: {service['TaskDefinition']} is no task definition of the stack"


@rule
def stop_is_long_enough_and_allowed(stacks):
    for task, container in containers(stacks):
        stop = int(container.get("StopTimeout", 30))
        if not 2 <= stop <= 120:
            yield f"{task}: Fargate waits 2 to 120 s, not {stop}"
        environment = {e["Name"]: e["Value"] for e in container.get("Environment", [])}
        deadline = environment.get("KYO__DRAIN__DEADLINE_MS")
        if deadline and int(deadline) + 5000 > stop * 1000:
            yield f"{task}: a drain of {deadline} ms does not end 5 s before the {stop} s of SIGKILL"


@rule
def containers_are_confined(stacks):
    for task, container in containers(stacks):
        if not container.get("PortMappings"):
            continue
        dropped = container.get("LinuxParameters", {}).get("Capabilities", {}).get("Drop")
        if container.get("User", "0").split(":")[0] in ("0", "root") or not container.get("ReadonlyRootFilesystem") or dropped != ["ALL"]:
            yield f"{task}: {container['Name']} is root, writable or privileged"


@rule
def container_check_needs_no_shell(stacks):
    for task, container in containers(stacks):
        command = container.get("HealthCheck", {}).get("Command", ["CMD"])
        if command[0] != "CMD" or "curl" in " ".join(command):
            yield f"{task}: {command}"


@rule
def secrets_are_no_environment(stacks):
    for task, container in containers(stacks):
        for entry in container.get("Environment", []):
            if re.search(r"SECRET|PASSWORD|DATABASE_URL|AUTH__KEYS", entry["Name"]):
                yield f"{task}: {entry['Name']} stands in the task definition"


@rule
def service_meets_its_task(stacks):
    ports = {(c["Name"], p["ContainerPort"]) for _, c in containers(stacks) for p in c.get("PortMappings", [])}
    groups = {f"<{name}>": group for _, name, group in stacks.each("AWS::ElasticLoadBalancingV2::TargetGroup")}
    for _, name, service in stacks.each("AWS::ECS::Service"):
        for balancer in service["LoadBalancers"]:
            end = (balancer["ContainerName"], balancer["ContainerPort"])
            if end not in ports:
                yield f"{name}: no container {end}"
            if groups[balancer["TargetGroupArn"]]["Port"] != end[1]:
                yield f"{name}: {balancer['TargetGroupArn']} has another port than {end}"
        for registry in service.get("ServiceRegistries", []):
            if "ContainerPort" in registry or "ContainerName" in registry or "Port" in registry:
                yield f"{name}: an A record takes neither container nor port"


@rule
def deployment_can_move_and_goes_back(stacks):
    for _, name, service in stacks.each("AWS::ECS::Service"):
        deployment = service.get("DeploymentConfiguration", {})
        tasks = int(stacks.parameters["app"]["MinTasks"])
        if deployment.get("MinimumHealthyPercent", 100) < 100:
            yield f"{name}: goes below its tasks, so their sockets have nowhere to go"
        if deployment.get("MaximumPercent", 200) * tasks // 100 <= tasks:
            yield f"{name}: {tasks} tasks at {deployment.get('MaximumPercent')} % can never start another"
        if deployment.get("DeploymentCircuitBreaker") != {"Enable": True, "Rollback": True}:
            yield f"{name}: no circuit breaker that rolls back"
        known = {a["AlarmName"] for _, _, a in stacks.each("AWS::CloudWatch::Alarm")}
        watched = deployment.get("Alarms", {}).get("AlarmNames", [])
        if not watched or not set(watched) <= known:
            yield f"{name}: rolls back on {watched}, which do not all exist"
        if not service.get("HealthCheckGracePeriodSeconds"):
            yield f"{name}: the load balancer may kill what is starting"


@rule
def target_groups_fit(stacks):
    known = {
        "deregistration_delay.timeout_seconds", "stickiness.enabled", "stickiness.type", "slow_start.duration_seconds",
        "stickiness.lb_cookie.duration_seconds", "stickiness.app_cookie.cookie_name", "load_balancing.algorithm.type",
        "stickiness.app_cookie.duration_seconds", "load_balancing.cross_zone.enabled",
    }
    for _, name, group in stacks.each("AWS::ElasticLoadBalancingV2::TargetGroup"):
        has = attributes(group)
        if group.get("TargetType") != "ip":
            yield f"{name}: tasks of awsvpc are addresses (TargetType ip)"
        if not set(has) <= known:
            yield f"{name}: no attributes {sorted(set(has) - known)}"
        if has.get("stickiness.type", "lb_cookie") == "source_ip":
            yield f"{name}: source_ip is for network load balancers"
        if "slow_start.duration_seconds" in has and has.get("load_balancing.algorithm.type") == "least_outstanding_requests":
            yield f"{name}: slow start does not go with least_outstanding_requests"
        if group["HealthCheckTimeoutSeconds"] >= group["HealthCheckIntervalSeconds"]:
            yield f"{name}: the health check is asked again before it is answered"
        if group["Port"] == 3001 and not 60 <= int(has.get("deregistration_delay.timeout_seconds", 300)) <= 120:
            yield f"{name}: a delay of 60 to 120 s is what a drain is made for"
        if group["HealthCheckPath"] in ("/health/deps", "/metrics"):
            yield f"{name}: asks for the neighbours' health"


@rule
def idle_timeout_outlives_pings(stacks):
    text = (ROOT / "config/default.toml").read_text()
    ping = int(re.search(r"ping_interval_ms = (\d+)", text)[1]) / 1000
    has = {a["Key"]: a["Value"] for a in stacks.one("AWS::ElasticLoadBalancingV2::LoadBalancer")["LoadBalancerAttributes"]}
    if float(has.get("idle_timeout.timeout_seconds", 60)) < 3 * ping:
        yield f"{has.get('idle_timeout.timeout_seconds', 60)} s do not bear two lost pings, {ping} s apart"


def route(stacks, path):
    """The target group that a path goes to, by the rules; None is the 404."""
    rules = [r for _, _, r in stacks.each("AWS::ElasticLoadBalancingV2::ListenerRule")]
    for listener_rule in sorted(rules, key=lambda r: r["Priority"]):
        for condition in listener_rule["Conditions"]:
            for pattern in condition["PathPatternConfig"]["Values"]:
                if re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), path):
                    return listener_rule["Actions"][0]["TargetGroupArn"].strip("<>")
    return None


ROUTES = {
    "/api/collaboration/ws": "CollaborationTargets", "/api/collaboration/v1/rooms": "CollaborationTargets",
    "/socket.io": "SocketIoTargets", "/socket.io/": "SocketIoTargets", "/api/members": "GymManagementTargets",
    "/metrics": None, "/health/deps": None, "/ready": None, "/console": None, "/": None,
}


@rule
def paths_go_where_they_belong(stacks):
    for path, group in ROUTES.items():
        if route(stacks, path) != group:
            yield f"{path} goes to {route(stacks, path)}, not {group}"
    priorities = [r["Priority"] for _, _, r in stacks.each("AWS::ElasticLoadBalancingV2::ListenerRule")]
    if len(set(priorities)) < len(priorities):
        yield f"two rules have one priority: {sorted(priorities)}"
    groups = {name: g for _, name, g in stacks.each("AWS::ElasticLoadBalancingV2::TargetGroup")}
    if attributes(groups["SocketIoTargets"]).get("stickiness.enabled") != "true":
        yield "Socket.IO's polling has no stickiness"


@rule
def listeners_are_encrypted(stacks):
    for _, name, listener in stacks.each("AWS::ElasticLoadBalancingV2::Listener"):
        action = listener["DefaultActions"][0]
        if listener["Protocol"] == "HTTP" and action["Type"] != "redirect":
            yield f"{name}: serves clear text"
        if listener["Protocol"] == "HTTPS" and "TLS13" not in listener.get("SslPolicy", ""):
            yield f"{name}: {listener.get('SslPolicy')}"


@rule
def cache_is_a_closed_cluster(stacks):
    cache = stacks.one("AWS::ElastiCache::ReplicationGroup")
    if "NumCacheClusters" in cache and "NumNodeGroups" in cache:
        yield "NumCacheClusters is not used beside NumNodeGroups"
    if cache.get("NumNodeGroups", 1) < 3 or not cache.get("ReplicasPerNodeGroup") or not cache.get("AutomaticFailoverEnabled"):
        yield "fewer than three primaries with a replica each and failover"
    if not cache.get("TransitEncryptionEnabled"):
        yield "users or a token without TLS"
    if not (cache.get("UserGroupIds") or cache.get("AuthToken")):
        yield "everybody in the network may log in"
    if not isinstance(cache["EngineVersion"], str):
        yield f"EngineVersion {cache['EngineVersion']} is a number"
    documented = re.search(r"ACL SETUSER kyo on >PASSWORD ([^`]+)```", (ROOT / "docs/CONFIGURATION.md").read_text())[1]
    user = next(u for _, _, u in stacks.each("AWS::ElastiCache::User") if u["UserName"] == "kyo")
    if user["AccessString"].split() != ["on", *documented.split()]:
        yield "the user's rights are not those of docs/CONFIGURATION.md"


@rule
def database_is_kept(stacks):
    for stack, name, database in stacks.each("AWS::RDS::DBInstance"):
        for wanted in ("MultiAZ", "StorageEncrypted", "DeletionProtection", "ManageMasterUserPassword"):
            if not database.get(wanted):
                yield f"{name}: no {wanted}"
        if database.get("PubliclyAccessible") or int(database.get("BackupRetentionPeriod", 1)) < 7:
            yield f"{name}: public, or less than a week of backups"
        if stacks.raw[stack]["Resources"][name].get("DeletionPolicy") != "Snapshot":
            yield f"{name}: goes with its stack"
    parameters = stacks.one("AWS::RDS::DBParameterGroup")["Parameters"]
    if parameters.get("rds.force_ssl") != "1":
        yield "takes connections in clear text"


# What AWS itself gives no resource to.
WITHOUT_RESOURCE = {
    "ecr:GetAuthorizationToken", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
    "xray:GetSamplingRules", "xray:GetSamplingTargets",
    "elasticloadbalancing:DescribeTargetHealth",
    "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface",
}


def listed(value):
    return value if isinstance(value, list) else [value]


@rule
def roles_have_least_privilege(stacks):
    for _, name, role in stacks.each("AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            bound = r"aws:SourceAccount|githubusercontent.com:sub"
            by_lambda = statement["Principal"] == {"Service": "lambda.amazonaws.com"}
            if not by_lambda and not re.search(bound, json.dumps(statement.get("Condition", {}))):
                yield f"{name}: anybody's service or repository may take it"
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions, resources = listed(statement["Action"]), listed(statement["Resource"])
                if any("*" in action for action in actions):
                    yield f"{name}: {actions}"
                if any(r == "*" or r.endswith(":*:*:*") for r in resources) and not set(actions) <= WITHOUT_RESOURCE:
                    yield f"{name}: {actions} on {resources}"
    used = [role for _, _, task in stacks.each("AWS::ECS::TaskDefinition") for key in ("ExecutionRoleArn", "TaskRoleArn") if (role := task.get(key))]
    if len(set(used)) < len(used):
        yield f"one role does two jobs: {sorted(used)}"


@rule
def logs_exist_and_end(stacks):
    groups = {g["LogGroupName"]: g for _, _, g in stacks.each("AWS::Logs::LogGroup")}
    for name, group in groups.items():
        if not group.get("RetentionInDays"):
            yield f"{name} is kept for ever"
    for task, container in containers(stacks):
        options = container["LogConfiguration"]["Options"]
        if options["awslogs-group"] not in groups:
            yield f"{task}: the log group {options['awslogs-group']} is not made"
        if container.get("PortMappings") and options.get("mode") != "non-blocking":
            yield f"{task}: a slow log stops the service"


@rule
def insights_is_a_word(stacks):
    settings = {s["Name"]: s["Value"] for s in stacks.one("AWS::ECS::Cluster")["ClusterSettings"]}
    if settings.get("containerInsights") not in ("enabled", "enhanced", "disabled"):
        yield f"containerInsights {settings.get('containerInsights')}"


@rule
def parameters_of_ssm_fit(stacks):
    for _, name, parameter in stacks.each("AWS::SSM::Parameter"):
        if len(parameter["Value"].encode()) > 4096:
            yield f"{name}: {len(parameter['Value'])} bytes, 4096 are free of charge"


@rule
def capacity_adds_up(stacks):
    values = stacks.parameters["app"]
    most, aim = int(values["MaxConnections"]), int(values["ConnectionsPerTask"])
    service = next(c for _, c in containers(stacks) if c.get("PortMappings"))
    files = service["Ulimits"][0]["SoftLimit"]
    if most + 6256 > files:
        yield f"{most} connections and 6256 other descriptors do not fit into {files}"
    if aim * 3 > most * 2:
        yield f"with {aim} of {most} connections on each of three tasks, two can't take the third's"


@rule
def traces_have_a_way_out(stacks):
    agent = stacks.resolved["app"]["AgentConfig"]["Properties"]["Value"]
    taken = re.search(r'"http_endpoint": "([^"]*)"', agent)
    taken = taken and taken[1]
    given = {e["Name"]: e["Value"] for _, c in containers(stacks) for e in c.get("Environment", [])}
    if given.get("OTEL_EXPORTER_OTLP_ENDPOINT") != f"http://{taken}":
        yield f"the service sends to {given.get('OTEL_EXPORTER_OTLP_ENDPOINT')}, the agent listens on {taken}"
    policies = stacks.resolved["app"]["TaskRole"]["Properties"]["Policies"]
    allowed = {a for p in policies for s in p["PolicyDocument"]["Statement"] for a in listed(s["Action"])}
    if "xray:PutTraceSegments" not in allowed:
        yield "the task may not write traces"


@rule
def drain_notice_is_about_our_tasks(stacks):
    pattern = stacks.resolved["app"]["DrainRule"]["Properties"]["EventPattern"]["detail"]
    if pattern["lastStatus"] != ["DEACTIVATING"]:
        yield f"{pattern['lastStatus']} comes after the sockets are cut"
    if pattern["group"] != [f"service:{stacks.outputs['Service']}"]:
        yield f"{pattern['group']} is another service"
    function = stacks.resolved["app"]["DrainFunction"]["Properties"]
    given = {e["Name"]: e["Value"] for _, c in containers(stacks) for e in c.get("Environment", [])}
    if function["Environment"]["Variables"]["TENANT"] != given.get("KYO__OPERATOR__TENANT"):
        yield "the service takes the notice for a stranger's"
    if function["VpcConfig"]["SecurityGroupIds"] != ["<ServiceGroup>"]:
        yield "the function can't reach a task"


@rule
def tasks_that_poll_may_and_ask_for_themselves(stacks):
    app = stacks.resolved["app"]
    groups = [b["TargetGroupArn"] for b in app["EcsService"]["Properties"]["LoadBalancers"]]
    statements = [s for p in app["TaskRole"]["Properties"]["Policies"] for s in p["PolicyDocument"]["Statement"]]
    rights = {action for statement in statements for action in listed(statement["Action"])}
    for task, container in containers(stacks):
        given = {e["Name"]: e["Value"] for e in container.get("Environment", [])}
        asked = given.get("KYO__DRAIN__TARGET_GROUP_ARN")
        if asked and asked not in groups:
            yield f"{task} is no target in {asked}"
        if asked and "elasticloadbalancing:DescribeTargetHealth" not in rights:
            yield f"{task} may not ask for its target's health"
