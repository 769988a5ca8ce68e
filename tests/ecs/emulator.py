"""AWS emulators on loopback, and what has to be left out of our templates for them. Starts and ends its own
processes; knows no credentials but invented ones."""

import json
import os
import re
import shutil
import socket
import string
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import boto3

from templates import ORDER, ROOT, load

BIN = Path(sys.executable).parent
REGION = "ap-northeast-1"

# What ministack 1.5.33's CloudFormation does not know. What hangs on one of these goes with it.
UNKNOWN = {
    "AWS::EC2::EIP", "AWS::EC2::NatGateway", "AWS::EC2::SecurityGroupIngress", "AWS::WAFv2::WebACLAssociation",
    "AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudWatch::CompositeAlarm", "AWS::IAM::OIDCProvider",
}
# What it knows the resource of, but not the attribute.
SECRET_OF_RDS = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:rds!db-0-AbCdEf"

# The AWS CLI, which waits half a minute between two looks, made to look twice a second.
IMPATIENT = f"""#!{sys.executable}
import sys, time
sleep = time.sleep
time.sleep = lambda seconds: sleep(min(seconds, 0.5))
from awscli.clidriver import main
sys.exit(main())
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def environment(port):
    """What makes the AWS CLI talk to an emulator, and to nobody else."""
    return {
        **os.environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "emulated", "AWS_SECRET_ACCESS_KEY": "emulated", "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": "",
        # ministack would start containers where it can, and fetch images for them.
        "DOCKER_HOST": "unix:///nonexistent",
    }


def client(port, service):
    return boto3.client(
        service, endpoint_url=f"http://127.0.0.1:{port}", region_name=REGION,
        aws_access_key_id="emulated", aws_secret_access_key="emulated",
    )


@contextmanager
def running(name, folder):
    """`ministack` or `moto`, until the block ends; gives its port."""
    port = free_port()
    command = [BIN / "ministack"] if name == "ministack" else [BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.log", "w") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log,
            env={**environment(port), "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)},
        )
        try:
            await_answer(process, f"http://127.0.0.1:{port}/", anyhow=True)
            yield port
        finally:
            # What an emulator has in memory is nobody's; it may take long to put it away.
            process.kill()
            process.wait(30)


def await_answer(process, url, anyhow=False, patience=60):
    """Until that is answered well, or `anyhow`."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        assert process.poll() is None, f"{process.args[0]} ended with {process.returncode}"
        try:
            return urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            if anyhow:
                return None
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(url)


def left_out(template):
    """Names of the resources that the emulator can't have, with those that hang on them."""
    resources = template["Resources"]
    gone = {name for name, r in resources.items() if r["Type"] in UNKNOWN}
    while True:
        more = {name for name, r in resources.items() if name not in gone and gone & set(mentions(r))}
        if not more:
            return gone
        gone |= more


def mentions(node):
    """Logical names that a piece of a template speaks of."""
    if isinstance(node, list):
        for item in node:
            yield from mentions(item)
    elif isinstance(node, dict):
        for key, item in node.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield (item if isinstance(item, list) else item.split("."))[0]
            elif key == "Fn::Sub":
                text = item[0] if isinstance(item, list) else item
                yield from (part.split("}")[0].split(".")[0] for part in text.split("${")[1:])
            else:
                yield from mentions(item)


def plain(alarm):
    """A metric-math alarm as an alarm on the first of its metrics: ministack refuses the former."""
    stat = next(m["MetricStat"] for m in alarm["Metrics"] if "MetricStat" in m)
    rest = {key: value for key, value in alarm.items() if key != "Metrics"}
    return {**rest, **stat["Metric"], "Statistic": stat["Stat"], "Period": stat["Period"]}


def for_ministack(template):
    """The template as far as ministack can have it."""
    gone = left_out(template)
    resources = {name: r for name, r in template["Resources"].items() if name not in gone}
    for resource in resources.values():
        if "ExcludePunctuation" in resource.get("Properties", {}).get("GenerateSecretString", {}):
            # Which ministack passes over; this it does not.
            resource["Properties"]["GenerateSecretString"]["ExcludeCharacters"] = string.punctuation
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]:
            resource["Properties"] = plain(resource["Properties"])
    outputs = {name: o for name, o in template["Outputs"].items() if not gone & set(mentions(o))}
    return {**template, "Resources": resources, "Outputs": outputs}


def copy_of_ecs(folder):
    """ecs/ with templates that ministack can have; its scripts are the real ones."""
    shutil.copytree(ROOT / "ecs", folder, ignore=shutil.ignore_patterns("*.yaml"))
    for stack in ORDER:
        text = json.dumps(for_ministack(load(stack)), indent=1)
        text = text.replace("${Database.MasterUserSecret.SecretArn}", SECRET_OF_RDS)
        text = re.sub(r'{\s*"Fn::GetAtt": \[\s*"Database",\s*"MasterUserSecret.SecretArn"\s*\]\s*}', f'"{SECRET_OF_RDS}"', text)
        (folder / f"{stack}.yaml").write_text(text)
    cli = folder / "bin/aws"
    cli.parent.mkdir()
    cli.write_text(IMPATIENT)
    cli.chmod(0o755)
    return folder
