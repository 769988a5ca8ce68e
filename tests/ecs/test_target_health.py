"""A replica that asks the load balancer for its own target's health, as a task in ECS does: keys of its role, its
own address, TLS, signed requests; the load balancer is moto's."""

import time

from emulator import client
from service import get, serving
from task import inside_ecs

ADDRESS = "10.0.3.7"


def group(moto, name, kind):
    elb, vpc = client(moto, "elbv2"), client(moto, "ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    made = elb.create_target_group(Name=name, Protocol="HTTP", Port=3001, VpcId=vpc, TargetType=kind)
    return elb, made["TargetGroups"][0]["TargetGroupArn"]


def settings(arn):
    return {"KYO__DRAIN__TARGET_GROUP_ARN": arn, "KYO__DRAIN__TARGET_POLL_MS": "200", "KYO__TELEMETRY__FORMAT": "json"}


def awaited(look, what, patience=60):
    end = time.monotonic() + patience
    while not look():
        assert time.monotonic() < end, f"not {what}"
        time.sleep(0.1)


def answered(asked):
    """Until a question that came after this moment has been answered: the second from now on."""
    before = len(asked)
    awaited(lambda: len(asked) >= before + 3, "asked")


def is_gone(service):
    try:
        return not get(f"{service}/live")
    except OSError:
        return True


def log(folder):
    return (folder / "service.log").read_text()


def test_a_task_whose_target_is_taken_off_drains_and_ends(moto, tmp_path):
    elb, arn = group(moto, "taken-off", "ip")
    with inside_ecs(moto, tmp_path / "ecs", ADDRESS) as (environment, asked), serving(tmp_path, **environment, **settings(arn)) as service:
        port = int(service.rpartition(":")[2])
        target = {"Id": ADDRESS, "Port": port}
        # Not a target yet, and then a healthy one: it stays.
        answered(asked)
        elb.register_targets(TargetGroupArn=arn, Targets=[target])
        answered(asked)
        assert get(f"{service}/ready")
        elb.deregister_targets(TargetGroupArn=arn, Targets=[target])
        awaited(lambda: is_gone(service), "gone")
    told = log(tmp_path)
    assert '"notice":"target"' in told and "drained" in told
    # A connection may be lost, and the next question is answered.
    assert told.count("does not tell") == told.count("tells the target's health again")


def test_a_target_that_drains_drains_the_replica(moto, tmp_path):
    """moto says `draining` of instances that are being ended, so this target is one."""
    elb, arn = group(moto, "ended", "instance")
    ec2 = client(moto, "ec2")
    (made,) = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"]
    instance = made["InstanceId"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance, "Port": 3001}])
    given = {
        **settings(arn), "KYO__DRAIN__TARGET_ADDRESS": instance, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{moto}/",
        "AWS_ACCESS_KEY_ID": "emulated", "AWS_SECRET_ACCESS_KEY": "emulated",
    }
    with serving(tmp_path, **given) as service:
        ec2.terminate_instances(InstanceIds=[instance])
        awaited(lambda: is_gone(service), "gone")
    assert '"notice":"target"' in log(tmp_path)


def test_a_load_balancer_that_does_not_answer_is_asked_again_and_changes_nothing(tmp_path):
    arn = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/kyo/73e2d6bc24d8a067"
    given = {
        **settings(arn), "KYO__DRAIN__TARGET_ADDRESS": ADDRESS, "AWS_ENDPOINT_URL": "http://127.0.0.1:1/",
        "AWS_ACCESS_KEY_ID": "emulated", "AWS_SECRET_ACCESS_KEY": "emulated",
    }
    with serving(tmp_path, **given) as service:
        awaited(lambda: "does not tell the target's health" in log(tmp_path), "said")
        assert get(f"{service}/ready")
