"""The real service on SQLite, on a free port, until the block ends. `KYO_BIN` is the binary (scripts/check-ecs.sh)."""

import os
import subprocess
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from emulator import await_answer, free_port
from templates import Stacks


def binary():
    return Path(os.environ["KYO_BIN"])


@contextmanager
def serving(folder, **more):
    """Gives the service's address."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "PORT": str(port), "DATABASE_URL": f"sqlite://{folder}/kyo.db", **more}
    with open(folder / "service.log", "w") as log:
        process = subprocess.Popen([binary()], cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            await_answer(process, f"http://127.0.0.1:{port}/ready")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def config_check(folder, **secrets):
    """What the service says of the task definition's environment, with these secrets."""
    task = Stacks().resolved["app"]["TaskDefinition"]["Properties"]["ContainerDefinitions"][0]
    given = {e["Name"]: e["Value"] for e in task["Environment"]} | secrets
    # A file of the image (tests/image), for which any authorities will do here.
    assert given["KYO__DATABASE__CA_FILE"]
    given["KYO__DATABASE__CA_FILE"] = "/etc/ssl/certs/ca-certificates.crt"
    return subprocess.run(
        [binary(), "config", "check"], cwd=folder, env=given, capture_output=True, text=True, timeout=60,
    )


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()
