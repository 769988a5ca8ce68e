"""Shell of a workflow's `run:` steps, read by bash without running it: a syntax error is one here, not in CI."""

import subprocess
import sys

import yaml

for path in sys.argv[1:]:
    with open(path) as file:
        jobs = yaml.safe_load(file)["jobs"]
    for name, job in jobs.items():
        for step in job.get("steps", []):
            checked = subprocess.run(["bash", "-n"], input=step.get("run", ""), text=True, capture_output=True)
            if checked.returncode:
                sys.exit(f"{path}: {name}: {step.get('name')}: {checked.stderr}")
