"""The four stacks as values: loads the templates and works their functions out, parameters of one stack
from the outputs of those before it, as ecs/deploy.sh does. Reads files only; talks to nobody."""

import copy
import json
import re
from pathlib import Path

from cfnlint.decode import decode

ROOT = Path(__file__).resolve().parents[2]
ORDER = ["network", "data", "app", "observability"]

PSEUDO = {
    "AWS::AccountId": "123456789012", "AWS::Region": "ap-northeast-1", "AWS::Partition": "aws",
    "AWS::NoValue": None, "AWS::StackName": "kyo",
}
# What belongs to an account and is told to ecs/deploy.sh on the command line.
_REGISTRY = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
ACCOUNT = {
    "CertificateArn": "arn:aws:acm:ap-northeast-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000001",
    "BoardCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000002",
    "Image": f"{_REGISTRY}/kyo-collaboration@sha256:{'a' * 64}",
    "AgentImage": f"public.ecr.aws/cloudwatch-agent/cloudwatch-agent@sha256:{'b' * 64}",
    "PsqlImage": f"public.ecr.aws/docker/library/postgres@sha256:{'c' * 64}",
    "PageEmail": "page@example.com", "TicketEmail": "tickets@example.com",
    "GitHubSubject": "repo:example/kyo-collaboration:ref:refs/tags/v*",
}
# The property that a resource's Ref gives back, where it is one of ours.
NAMED_BY = {
    "AWS::ECS::Cluster": "ClusterName", "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::CloudWatch::Alarm": "AlarmName", "AWS::CloudWatch::CompositeAlarm": "AlarmName",
}


def load(stack):
    """A template as plain dicts and lists."""
    template, faults = decode(str(ROOT / "ecs" / f"{stack}.yaml"))
    assert not faults, faults
    return json.loads(json.dumps(template))


def parameters(environment="production"):
    """The committed parameters: lines of Name=Value."""
    lines = (ROOT / "ecs/parameters" / environment).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class Stacks:
    """Templates that belong together. Give changed ones to see what a check says about them."""

    def __init__(self, templates=None, given=None):
        self.raw = templates or {stack: load(stack) for stack in ORDER}
        given = {**ACCOUNT, **parameters(), **(given or {})}
        known, self.resolved, self.parameters = {}, {}, {}
        for stack in ORDER:
            template = self.raw[stack]
            values = {
                name: str(known.get(name, given.get(name, p.get("Default", f"<{name}>"))))
                for name, p in template.get("Parameters", {}).items()
            }
            resolver = Resolver(template, values)
            self.parameters[stack] = values
            self.resolved[stack] = {
                name: {**r, "Properties": resolver.value(r.get("Properties", {}))}
                for name, r in template["Resources"].items()
                if r.get("Condition") is None or resolver.condition(r["Condition"])
            }
            known |= {name: resolver.value(o["Value"]) for name, o in template.get("Outputs", {}).items()}
        self.outputs = known

    def changed(self, stack, change):
        """A copy in which `change` has been at work on the template of `stack`."""
        raw = copy.deepcopy(self.raw)
        change(raw[stack])
        return Stacks(raw)

    def each(self, *types):
        """(stack, name, properties) of all resources of these types, functions worked out."""
        for stack in ORDER:
            for name, resource in self.resolved[stack].items():
                if resource["Type"] in types:
                    yield stack, name, resource["Properties"]

    def one(self, type):
        """The properties of the only resource of a type."""
        (found,) = [properties for _, _, properties in self.each(type)]
        return found


class Resolver:
    """Works out the functions of one template. What only AWS knows becomes `<Name>` or `<Name.Attribute>`."""

    def __init__(self, template, values):
        self.template, self.values = template, values

    def condition(self, name):
        return self.truth(self.template["Conditions"][name])

    def truth(self, rule):
        ((function, given),) = rule.items()
        if function == "Fn::Not":
            return not self.truth(given[0])
        assert function == "Fn::Equals", function
        return self.value(given[0]) == self.value(given[1])

    def value(self, node):
        if isinstance(node, list):
            return [v for v in (self.value(item) for item in node) if v is not None]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, given),) = node.items()
            if function == "Ref":
                return self.ref(given)
            if function.startswith("Fn::"):
                return getattr(self, function[4:].lower())(given)
        return {key: v for key, item in node.items() if (v := self.value(item)) is not None}

    def ref(self, name):
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.values:
            text = self.values[name]
            is_list = "List" in self.template["Parameters"][name]["Type"]
            return text.split(",") if is_list else text
        resource = self.template["Resources"][name]
        named_by = NAMED_BY.get(resource["Type"])
        return self.value(resource["Properties"][named_by]) if named_by else f"<{name}>"

    def getatt(self, given):
        name, attribute = given if isinstance(given, list) else given.split(".", 1)
        resource = self.template["Resources"][name]
        if resource["Type"] == "AWS::ECS::Service" and attribute == "Name":
            return self.value(resource["Properties"]["ServiceName"])
        return f"<{name}.{attribute}>"

    def sub(self, given):
        text, local = given if isinstance(given, list) else (given, {})

        def one(match):
            name = match.group(1)
            if name in local:
                return str(self.value(local[name]))
            return self.getatt(name) if "." in name else str(self.ref(name))

        return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", one, text)

    def join(self, given):
        return given[0].join(self.value(given[1]))

    def split(self, given):
        return self.value(given[1]).split(given[0])

    def select(self, given):
        return self.value(given[1])[int(given[0])]

    def findinmap(self, given):
        first, second, third = (self.value(part) for part in given)
        return self.template["Mappings"][first][second][third]

    def getazs(self, _):
        return ["a", "b", "c"]

    def cidr(self, given):
        return [f"<cidr{n}>" for n in range(int(given[1]))]

    # YAML's `!If`, named as the template has it.
    def __getattr__(self, name):
        if name != "if":
            raise AttributeError(name)
        return lambda given: self.value(given[1] if self.condition(given[0]) else given[2])
