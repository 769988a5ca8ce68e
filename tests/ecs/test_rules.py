"""The templates pass every rule, and each rule finds the fault that it is there for."""

import pytest
import rules_of_alarms
from rules import RULES, faults
from templates import Stacks, parameters

STACKS = Stacks()
assert rules_of_alarms.rule  # registered by being imported


def props(resource):
    return lambda template: template["Resources"][resource]["Properties"]


def put(resource, **values):
    return lambda template: props(resource)(template).update(values)


def attribute(resource, key, value):
    def change(template):
        kept = [a for a in props(resource)(template)["TargetGroupAttributes"] if a["Key"] != key]
        props(resource)(template)["TargetGroupAttributes"] = [*kept, {"Key": key, "Value": value}]
    return change


def container(**values):
    return lambda template: props("TaskDefinition")(template)["ContainerDefinitions"][0].update(values)


def deployment(**values):
    return lambda template: props("EcsService")(template)["DeploymentConfiguration"].update(values)


def policy(role, **values):
    return lambda template: props(role)(template)["Policies"][0]["PolicyDocument"]["Statement"][-1].update(values)


def drop(resource, key):
    return lambda template: props(resource)(template).pop(key)


def polling(change):
    def both(template):
        default("PollTargets", "true")(template)
        change(template)
    return both


def default(parameter, value):
    return lambda template: template["Parameters"][parameter].update(Default=value)


PLANTED = [
    ("parameters_come_from_outputs", "network", lambda t: t["Outputs"].pop("CacheGroup")),
    ("images_are_digests", "app", container(Image="kyo-collaboration:latest")),
    ("service_names_a_revision", "app", put("EcsService", TaskDefinition="collaboration-service:latest")),
    ("stop_is_long_enough_and_allowed", "app", container(StopTimeout=300)),
    ("stop_is_long_enough_and_allowed", "app", container(StopTimeout=30)),
    ("containers_are_confined", "app", container(User="0")),
    ("containers_are_confined", "app", container(ReadonlyRootFilesystem=False)),
    ("container_check_needs_no_shell", "app", container(HealthCheck={"Command": ["CMD-SHELL", "curl -f localhost"]})),
    ("secrets_are_no_environment", "app", container(Environment=[{"Name": "JWT_SECRET", "Value": "x"}])),
    ("service_meets_its_task", "app", lambda t: props("EcsService")(t)["LoadBalancers"][0].update(ContainerName="web")),
    ("service_meets_its_task", "app", lambda t: props("EcsService")(t)["LoadBalancers"][0].update(ContainerPort=3000)),
    ("service_meets_its_task", "app", lambda t: props("EcsService")(t)["ServiceRegistries"][0].update(ContainerPort=3001)),
    ("deployment_can_move_and_goes_back", "app", deployment(MaximumPercent=100)),
    ("deployment_can_move_and_goes_back", "app", deployment(MaximumPercent=133)),
    ("deployment_can_move_and_goes_back", "app", deployment(MinimumHealthyPercent=50)),
    ("deployment_can_move_and_goes_back", "app", deployment(DeploymentCircuitBreaker={"Enable": True, "Rollback": False})),
    ("deployment_can_move_and_goes_back", "app", deployment(Alarms={"AlarmNames": ["nobody"]})),
    ("target_groups_fit", "network", put("SocketIoTargets", TargetType="instance")),
    ("target_groups_fit", "network", put("SocketIoTargets", HealthCheckTimeoutSeconds=10)),
    ("target_groups_fit", "network", put("CollaborationTargets", HealthCheckPath="/health/deps")),
    ("target_groups_fit", "network", attribute("SocketIoTargets", "stickyness.enabled", "true")),
    ("target_groups_fit", "network", attribute("SocketIoTargets", "stickiness.type", "source_ip")),
    ("target_groups_fit", "network", attribute("SocketIoTargets", "slow_start.duration_seconds", "30")),
    ("target_groups_fit", "network", attribute("CollaborationTargets", "deregistration_delay.timeout_seconds", "300")),
    ("idle_timeout_outlives_pings", "network", lambda t: props("LoadBalancer")(t)["LoadBalancerAttributes"].pop(0)),
    ("paths_go_where_they_belong", "network", put("GymManagementRule", Priority=10)),
    ("paths_go_where_they_belong", "network", put("SocketIoRule", Priority=100)),
    ("paths_go_where_they_belong", "network", put("CollaborationRule", Conditions=[{"PathPatternConfig": {"Values": ["/*"]}}])),
    ("paths_go_where_they_belong", "network", attribute("SocketIoTargets", "stickiness.enabled", "false")),
    ("listeners_are_encrypted", "network", put("HttpsListener", SslPolicy="ELBSecurityPolicy-2016-08")),
    ("listeners_are_encrypted", "network", put("HttpListener", DefaultActions=[{"Type": "forward"}])),
    ("cache_is_a_closed_cluster", "data", put("Cache", NumCacheClusters=6)),
    ("cache_is_a_closed_cluster", "data", put("Cache", TransitEncryptionEnabled=False)),
    ("cache_is_a_closed_cluster", "data", drop("Cache", "UserGroupIds")),
    ("cache_is_a_closed_cluster", "data", put("Cache", EngineVersion=7.0)),
    ("cache_is_a_closed_cluster", "data", put("CacheUser", AccessString="on ~* +@all")),
    ("database_is_kept", "data", put("Database", MultiAZ=False)),
    ("database_is_kept", "data", lambda t: t["Resources"]["Database"].pop("DeletionPolicy")),
    ("database_is_kept", "data", put("DatabaseParameters", Parameters={})),
    ("roles_have_least_privilege", "app", policy("ExecutionRole", Action="ssm:*")),
    ("roles_have_least_privilege", "app", policy("ExecutionRole", Resource="*")),
    ("roles_have_least_privilege", "app", policy("TaskRole", Action="logs:PutLogEvents", Resource="arn:aws:logs:*:*:*")),
    ("roles_have_least_privilege", "app", lambda t: props("TaskRole")(t)["AssumeRolePolicyDocument"]["Statement"][0].pop("Condition")),
    ("roles_have_least_privilege", "data", lambda t: props("BuildRole")(t)["AssumeRolePolicyDocument"]["Statement"][0]["Condition"].pop("StringLike")),
    ("roles_have_least_privilege", "app", put("TaskDefinition", TaskRoleArn={"Fn::GetAtt": ["ExecutionRole", "Arn"]})),
    ("logs_exist_and_end", "app", drop("ServiceLog", "RetentionInDays")),
    ("logs_exist_and_end", "app", container(LogConfiguration={"Options": {"awslogs-group": "/ecs/other"}})),
    ("insights_is_a_word", "app", put("EcsCluster", ClusterSettings=[{"Name": "containerInsights", "Value": "on"}])),
    ("parameters_of_ssm_fit", "app", put("AgentConfig", Value="x" * 4097)),
    ("capacity_adds_up", "app", default("MaxConnections", 60000)),
    ("capacity_adds_up", "app", default("ConnectionsPerTask", 8000)),
    ("composites_have_their_members", "observability", put("Health", AlarmRule='ALARM("CollaborationService-HighMemory")')),
    ("composites_have_their_members", "observability", put("Health", AlarmRule='ALARM("a") OR')),
    ("alarms_can_ring", "observability", drop("Memory", "AlarmActions")),
    ("alarms_can_ring", "observability", drop("Memory", "OKActions")),
    ("alarms_can_ring", "observability", drop("Memory", "TreatMissingData")),
    ("alarms_have_runbooks", "observability", put("Memory", AlarmDescription="docs/OPERATIONS.md#nowhere")),
    ("traces_have_a_way_out", "app", container(Environment=[{"Name": "OTEL_EXPORTER_OTLP_ENDPOINT", "Value": "http://127.0.0.1:4317"}])),
    ("traces_have_a_way_out", "app", container(Environment=[])),
    ("traces_have_a_way_out", "app", policy("TaskRole", Action="xray:GetSamplingRules")),
    ("drain_notice_is_about_our_tasks", "app", lambda t: props("DrainRule")(t)["EventPattern"]["detail"].update(lastStatus=["STOPPED"])),
    ("drain_notice_is_about_our_tasks", "app", lambda t: props("DrainRule")(t)["EventPattern"]["detail"].update(group=["service:web"])),
    ("drain_notice_is_about_our_tasks", "app", put("DrainFunction", Environment={"Variables": {"TENANT": "demo"}})),
    ("drain_notice_is_about_our_tasks", "app", put("DrainFunction", VpcConfig={"SecurityGroupIds": ["<other>"]})),
    ("tasks_that_poll_may_and_ask_for_themselves", "app", polling(lambda t: props("TaskRole")(t)["Policies"].pop())),
    ("tasks_that_poll_may_and_ask_for_themselves", "app", polling(lambda t: [props("EcsService")(t)["LoadBalancers"].pop(0)])),
]


@pytest.mark.parametrize("environment", ["production", "small"])
def test_no_rule_is_broken(environment):
    assert faults(Stacks(given=parameters(environment))) == []


@pytest.mark.parametrize("choice", [{"CacheEngine": "redis"}, {"DatabaseCaFile": "", "DatabaseTls": "require"}, {"Service": "other"}, {"PollTargets": "true"}], ids=str)
def test_other_choices_break_no_rule(choice):
    assert faults(Stacks(given=choice)) == []


@pytest.mark.parametrize("rule, stack, plant", PLANTED, ids=[f"{n}-{rule}" for n, (rule, _, _) in enumerate(PLANTED)])
def test_a_planted_fault_is_found(rule, stack, plant):
    found = faults(STACKS.changed(stack, plant))
    assert any(fault.startswith(f"{rule}:") for fault in found), found


def test_every_rule_has_a_planted_fault():
    assert {check.__name__ for check in RULES} == {rule for rule, _, _ in PLANTED}
