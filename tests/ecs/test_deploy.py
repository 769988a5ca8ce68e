"""All four stacks deployed by the real ecs/deploy.sh, to AWS emulators on loopback. ministack has nearly everything
through CloudFormation; what it does not have there is put by API into the emulator that does. What neither
has is named in WITHOUT_EMULATOR: checked by cfn-lint and rules alone."""

import json
import subprocess
import time

import pytest
from emulator import UNKNOWN, client, copy_of_ecs, environment, left_out, running
from service import config_check, get, serving
from templates import ACCOUNT, ORDER, Stacks, load

WITHOUT_EMULATOR = {
    "AWS::EC2::EIP", "AWS::EC2::NatGateway", "AWS::EC2::SecurityGroupIngress", "AWS::WAFv2::WebACLAssociation",
}
BY_API = {
    "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudWatch::CompositeAlarm", "AWS::IAM::OIDCProvider",
}
CLUSTER, SERVICE = "kyo-production-cluster", "collaboration-service"


class Emulated:
    """Where the stacks are, and the scripts that put them there."""

    def __init__(self, port, folder):
        self.port, self.folder = port, folder

    def script(self, name, *arguments, **more):
        given = environment(self.port)
        given["PATH"] = f"{self.folder}/bin:{given['PATH']}"
        return subprocess.run(
            [self.folder / name, *arguments], env=given | more, capture_output=True, text=True, timeout=300,
        )

    def client(self, service):
        return client(self.port, service)

    def resources(self, stack):
        listed = self.client("cloudformation").describe_stack_resources(StackName=f"kyo-{stack}")
        return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in listed["StackResources"]}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cloud")
    with running("ministack", folder / "state") as port:
        cloud = Emulated(port, copy_of_ecs(folder / "ecs"))
        account = [f"{name}={value}" for name, value in ACCOUNT.items()]
        deployed = cloud.script("deploy.sh", "production", "all", *account)
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        yield cloud


def test_what_is_left_out_is_known():
    assert UNKNOWN == WITHOUT_EMULATOR | BY_API
    assert {name for stack in ORDER for name in left_out(load(stack))} == {
        "Nat", "NatAddress", "PrivateRoute", "ServiceGroupItself", "FirewallInFront",
        "ScalableTarget", "ScaleOnConnections", "ScaleOnProcessor", "Health",
        "GitHub", "BuildRole",
    }


def test_all_other_resources_stand(cloud):
    for stack in ORDER:
        template = load(stack)
        assert set(cloud.resources(stack)) == set(template["Resources"]) - left_out(template)


def test_target_groups_keep_their_attributes(cloud):
    elb, names = cloud.client("elbv2"), cloud.resources("network")
    for name, sticky in {"CollaborationTargets": "false", "SocketIoTargets": "true"}.items():
        listed = elb.describe_target_group_attributes(TargetGroupArn=names[name])["Attributes"]
        has = {a["Key"]: a["Value"] for a in listed}
        assert has["deregistration_delay.timeout_seconds"] == "90"
        assert has["load_balancing.algorithm.type"] == "least_outstanding_requests"
        assert has.get("stickiness.enabled", "false") == sticky


def test_the_service_runs_behind_both_groups_and_rolls_back(cloud):
    (service,) = cloud.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    names = cloud.resources("network")
    groups = {b["targetGroupArn"] for b in service["loadBalancers"]}
    assert groups == {names["CollaborationTargets"], names["SocketIoTargets"]}
    deployment = service["deploymentConfiguration"]
    assert deployment["deploymentCircuitBreaker"]["rollback"] and deployment["alarms"]["rollback"]
    assert deployment["alarms"]["alarmNames"] == [f"{SERVICE}-error-rate", f"{SERVICE}-ack-latency"]


def test_the_secrets_are_made_and_the_service_takes_them(cloud, tmp_path):
    """What CloudFormation generated and composed, put before the service's own `config check`."""
    (stack,) = cloud.client("cloudformation").describe_stacks(StackName="kyo-data")["Stacks"]
    made = {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}
    secrets = cloud.client("secretsmanager")
    value = lambda name: secrets.get_secret_value(SecretId=made[name])["SecretString"]
    keys = json.loads(value("TokenKeys"))
    checked = config_check(
        tmp_path, DATABASE_URL=value("DatabaseUrl"), KYO__BUS__PASSWORD=value("CachePassword"),
        JWT_SECRET=keys["secret"], KYO__AUTH__KEYS=keys["keys"], REDIS_CLUSTER_ENDPOINT=made["CacheAddress"],
    )
    assert checked.returncode == 0, checked.stderr
    assert "{{" not in value("DatabaseUrl")


def test_the_cache_has_the_members_that_alarms_name(cloud):
    (group,) = cloud.client("elasticache").describe_replication_groups()["ReplicationGroups"]
    alarms = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    asked = {d["Value"] for a in alarms for d in a.get("Dimensions", []) if d["Name"] == "CacheClusterId"}
    # ministack has the first of each alarm's six metrics (emulator.plain).
    assert asked == {f"{group['ReplicationGroupId']}-0001-001"}
    assert set(group["MemberClusters"]) == {
        f"{group['ReplicationGroupId']}-000{shard}-00{member}" for shard in (1, 2, 3) for member in (1, 2)
    }
    assert group["ClusterEnabled"] and group["TransitEncryptionEnabled"]


def test_a_deployment_that_was_not_ours_is_noticed(cloud):
    """won.sh: after a rollback the service is stable with the image of before, which is not what was asked for;
    and one that is still under way has not won. (Here no second deployment ever ends: nothing runs.)"""
    other = ACCOUNT["Image"].replace("a" * 64, "d" * 64)
    won = lambda image: cloud.script("won.sh", image, TRIES="2", PAUSE="0.1")
    assert won(ACCOUNT["Image"]).returncode == 0
    lost = won(other)
    assert lost.returncode == 1 and "rolled back" in lost.stderr
    deployed = cloud.script("deploy.sh", "production", "app", f"Image={other}")
    assert deployed.returncode == 0, deployed.stderr
    late = won(other)
    assert late.returncode == 1 and "IN_PROGRESS" in late.stdout


def states(cloudwatch, *names):
    found = cloudwatch.describe_alarms(AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return {a["AlarmName"]: a["StateValue"] for kind in ("MetricAlarms", "CompositeAlarms") for a in found.get(kind, [])}


def awaited(look, wanted, patience=30):
    end = time.monotonic() + patience
    while (seen := look()) != wanted:
        assert time.monotonic() < end, f"{seen}, not {wanted}"
        time.sleep(0.2)


def test_the_composite_goes_to_alarm_and_back(cloud):
    """By the numbers of its members, which are those that the templates made."""
    cloudwatch = cloud.client("cloudwatch")
    health = Stacks().one("AWS::CloudWatch::CompositeAlarm")
    given = {key: value for key, value in health.items() if not key.endswith("Actions")}
    with pytest.raises(cloudwatch.exceptions.ClientError):
        cloudwatch.put_composite_alarm(**given | {"AlarmRule": 'ALARM("nobody")'})
    cloudwatch.put_composite_alarm(**given)
    name, members = health["AlarmName"], [f"{SERVICE}-{m}" for m in ("error-rate", "ack-latency", "bus-silence", "healthy-hosts")]
    for member in members:
        cloudwatch.set_alarm_state(AlarmName=member, StateValue="OK", StateReason="test")
    awaited(lambda: states(cloudwatch, name)[name], "OK")
    for member in members:
        cloudwatch.set_alarm_state(AlarmName=member, StateValue="ALARM", StateReason="test")
        awaited(lambda: states(cloudwatch, name)[name], "ALARM")
        cloudwatch.set_alarm_state(AlarmName=member, StateValue="OK", StateReason="test")
        awaited(lambda: states(cloudwatch, name)[name], "OK")


def test_moto_takes_the_alarms_with_arithmetic(moto):
    cloudwatch = client(moto, "cloudwatch")
    alarms = [a for _, _, a in Stacks().each("AWS::CloudWatch::Alarm") if "Metrics" in a]
    assert [a["AlarmName"].removeprefix(f"{SERVICE}-") for a in alarms] == ["error-rate", "nearly-full", "cache-processor", "cache-memory"]
    for alarm in alarms:
        cloudwatch.put_metric_alarm(**numbers(alarm))
    kept = cloudwatch.describe_alarms()["MetricAlarms"]
    assert {a["AlarmName"]: len(a["Metrics"]) for a in kept} == {a["AlarmName"]: len(a["Metrics"]) for a in alarms}


def test_moto_scales_by_our_policies(moto):
    app = Stacks().resolved["app"]
    ecs, scaling = client(moto, "ecs"), client(moto, "application-autoscaling")
    ecs.create_cluster(clusterName=CLUSTER)
    ecs.register_task_definition(family=SERVICE, containerDefinitions=[{"name": SERVICE, "image": "x", "memory": 64}])
    ecs.create_service(cluster=CLUSTER, serviceName=SERVICE, taskDefinition=SERVICE, desiredCount=3)
    target = numbers(app["ScalableTarget"]["Properties"])
    scaling.register_scalable_target(**target)
    for name in ("ScaleOnConnections", "ScaleOnProcessor"):
        policy = numbers(app[name]["Properties"])
        where = {key: target[key] for key in ("ServiceNamespace", "ScalableDimension", "ResourceId")}
        scaling.put_scaling_policy(**where, **{key: value for key, value in policy.items() if key != "ScalingTargetId"})
    kept = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    tracked = {p["PolicyName"]: p["TargetTrackingScalingPolicyConfiguration"] for p in kept}
    assert tracked["connections"]["CustomizedMetricSpecification"]["MetricName"] == "kyo_connections"
    assert tracked["connections"]["TargetValue"] == 5400 and tracked["processor"]["DisableScaleIn"]


def test_moto_trusts_github_as_the_release_needs_it(moto):
    data, iam = Stacks().resolved["data"], client(moto, "iam")
    provider = data["GitHub"]["Properties"]
    iam.create_open_id_connect_provider(Url=provider["Url"], ClientIDList=provider["ClientIdList"])
    role = data["BuildRole"]["Properties"]
    iam.create_role(RoleName="build", AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]))
    kept = iam.get_role(RoleName="build")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert kept["Condition"]["StringLike"] == {"token.actions.githubusercontent.com:sub": ACCOUNT["GitHubSubject"]}


def test_the_drain_notice_ends_the_task_that_is_going(cloud, tmp_path, monkeypatch):
    """The event of ECS, through the rule as deployed, into the function's own code, which reads the deployed
    secret and asks a running service with that secret: it drains and ends."""
    (rule,) = [r for r in cloud.client("events").list_rules()["Rules"] if "DEACTIVATING" in r["EventPattern"]]
    (target,) = cloud.client("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    deployed = cloud.client("lambda").get_function(FunctionName=f"{SERVICE}-drain")["Configuration"]
    variables = deployed["Environment"]["Variables"]
    assert target["Arn"] == deployed["FunctionArn"]
    pattern, paths = json.loads(rule["EventPattern"]), target["InputTransformer"]["InputPathsMap"]
    cluster = pattern["detail"]["clusterArn"][0]
    for status, taken in {"DEACTIVATING": True, "RUNNING": False, "STOPPED": False}.items():
        assert matches(pattern, going(status, cluster)) is taken
    assert not matches(pattern, going("DEACTIVATING", cluster, group="service:gym-management"))
    text = target["InputTransformer"]["InputTemplate"]
    for name, path in paths.items():
        text = text.replace(f"<{name}>", found(going("DEACTIVATING", cluster), path))

    keys = cloud.client("secretsmanager").get_secret_value(SecretId=variables["TOKEN_KEYS"])["SecretString"]
    given = {"JWT_SECRET": json.loads(keys)["secret"], "KYO__OPERATOR__TENANT": variables["TENANT"], "KYO__TELEMETRY__FORMAT": "json"}
    with serving(tmp_path, **given) as service:
        for name, value in {**environment(cloud.port), **variables, "PORT": service.rpartition(":")[2]}.items():
            monkeypatch.setenv(name, value)
        code = {}
        exec(load("app")["Resources"]["DrainFunction"]["Properties"]["Code"]["ZipFile"], code)
        assert code["handler"](json.loads(text), None) == 202
        awaited(lambda: answers(f"{service}/health"), False, patience=120)
    assert '"notice":"event"' in (tmp_path / "service.log").read_text()


def answers(url):
    try:
        return bool(get(url))
    except OSError:
        return False


def going(status, cluster, group=f"service:{SERVICE}"):
    """As ECS documents its event, as far as the rule and its target look."""
    return {
        "source": "aws.ecs", "detail-type": "ECS Task State Change",
        "detail": {
            "clusterArn": cluster, "group": group, "lastStatus": status, "taskArn": "arn:aws:ecs:::task/kyo/1",
            "containers": [{"networkInterfaces": [{"privateIpv4Address": "127.0.0.1"}]}],
        },
    }


def found(event, path):
    """What a path such as $.detail.containers[0].name leads to."""
    for step in path.replace("[", ".").replace("]", "").split(".")[1:]:
        event = event[int(step)] if step.isdigit() else event[step]
    return event


def matches(pattern, event):
    """EventBridge's plain matching: each named field is one of the listed values."""
    return all(
        matches(wanted, event.get(key, {})) if isinstance(wanted, dict) else event.get(key) in wanted
        for key, wanted in pattern.items()
    )


def numbers(node):
    """Parameters come as text; CloudFormation makes them numbers where the API wants them."""
    if isinstance(node, list):
        return [numbers(item) for item in node]
    if not isinstance(node, dict):
        return node
    numeric = {"Threshold", "Period", "EvaluationPeriods", "DatapointsToAlarm", "MinCapacity", "MaxCapacity", "TargetValue"}
    return {key: float(item) if key in ("Threshold", "TargetValue") else int(item) if key in numeric else numbers(item) for key, item in node.items()}
