"""The rules about alarms: each can ring, tells somebody, and has its paragraph. Registered with those of rules.py."""

import re

from rules import rule
from templates import ROOT

TERM = re.compile(r'ALARM\("([^"]+)"\)')


@rule
def composites_have_their_members(stacks):
    known = {a["AlarmName"] for _, _, a in stacks.each("AWS::CloudWatch::Alarm")}
    for _, name, alarm in stacks.each("AWS::CloudWatch::CompositeAlarm"):
        rest = TERM.sub("A", alarm["AlarmRule"]).strip()
        if not re.fullmatch(r"A( (OR|AND) A)*", rest):
            yield f"{name}: can't read {rest}"
        missing = set(TERM.findall(alarm["AlarmRule"])) - known
        if missing:
            yield f"{name}: no alarms {sorted(missing)}"


@rule
def alarms_can_ring(stacks):
    members = {m for _, _, c in stacks.each("AWS::CloudWatch::CompositeAlarm") for m in TERM.findall(c["AlarmRule"])}
    for _, name, alarm in stacks.each("AWS::CloudWatch::Alarm"):
        if "TreatMissingData" not in alarm:
            yield f"{name}: does not say what silence means"
        if not alarm.get("AlarmActions") and alarm["AlarmName"] not in members:
            yield f"{name}: tells nobody"
        if alarm.get("AlarmActions") and not alarm.get("OKActions"):
            yield f"{name}: never says that it is over"


@rule
def alarms_have_runbooks(stacks):
    text = (ROOT / "docs/OPERATIONS.md").read_text()
    headings = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.+)$", text, re.M)}
    for _, name, alarm in stacks.each("AWS::CloudWatch::Alarm"):
        anchor = alarm.get("AlarmDescription", "").rpartition("docs/OPERATIONS.md#")[2]
        if anchor not in headings:
            yield f"{name}: docs/OPERATIONS.md has no heading {anchor!r}"
