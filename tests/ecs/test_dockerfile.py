"""What the task definition counts on in the image, held against the Dockerfile; tests/image runs the image."""

import re

from templates import ROOT, Stacks

TEXT = (ROOT / "Dockerfile").read_text()
# What a last word of the final stage is: where it copies to, or what it sets.
LAST = {line.split()[-1] for line in TEXT[TEXT.rindex("\nFROM"):].splitlines() if line.strip()}


def task():
    return Stacks().resolved["app"]["TaskDefinition"]["Properties"]["ContainerDefinitions"][0]


def test_the_task_names_what_the_image_has():
    environment = {e["Name"]: e["Value"] for e in task()["Environment"]}
    named = [task()["User"], task()["HealthCheck"]["Command"][1], environment["KYO__DATABASE__CA_FILE"], environment["PORT"]]
    assert [name for name in named if name not in LAST] == []


def test_every_base_is_pinned_by_digest():
    bases = re.findall(r"^FROM (?:--platform=\S+ )?(\S+)", TEXT, re.MULTILINE)
    assert bases and all(re.fullmatch(r".+:.+@sha256:[0-9a-f]{64}", base) for base in bases)
