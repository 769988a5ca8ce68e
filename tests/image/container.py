"""A container without an engine: the unpacked image as read-only root, in namespaces of its own, as the image's
user, as process 1 and without any right, which is how ECS runs it (ecs/app.yaml). Needs root, and Linux."""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE = 120
MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
EMULATORS = {"amd64": "qemu-x86_64-static", "arm64": "qemu-aarch64-static"}
ENTER = Path(__file__).with_name("enter.py")


class Container:
    """The image's file system, and ways to run its program in it."""

    def __init__(self, archive, root):
        self.config, self.root = archive.config, Path(root)
        foreign = archive.architecture != MACHINE
        self.qemu = shutil.which(EMULATORS[archive.architecture]) if foreign else None
        assert self.qemu or not foreign, f"an image of {archive.architecture} needs qemu-user-static here"

    def words(self, *arguments, volumes=None, **settings):
        """The command that runs the image's entry point with more arguments and more environment."""
        wish = {
            "root": str(self.root), "directory": self.config["WorkingDir"], "qemu": self.qemu,
            "owner": [int(part) for part in self.config["User"].split(":")], "volumes": volumes or {},
            "environment": dict(pair.split("=", 1) for pair in self.config["Env"]) | settings,
            "words": self.config["Entrypoint"] + list(arguments),
        }
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", sys.executable, str(ENTER), json.dumps(wish)]

    def run(self, *arguments, **settings):
        """Runs to the end; what came of it."""
        return subprocess.run(self.words(*arguments, **settings), capture_output=True, text=True, timeout=PATIENCE)


class Running:
    """The service in a container, until the `with` block ends."""

    def __init__(self, container, port, **settings):
        self.words = container.words(PORT=str(port), **settings)
        self.url = f"http://127.0.0.1:{port}"
        self.signal = signal.Signals[container.config["StopSignal"]]

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(self.words, stdout=self.log, stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *_):
        # Its process 1 goes with it.
        self.process.kill()
        self.process.wait()
        self.log.close()

    def get(self, path):
        """The answer to one request, waited for while nobody listens."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urlopen(self.url + path, timeout=PATIENCE) as answer:
                    return answer.read()
            except URLError as error:
                if not isinstance(error.reason, ConnectionError) or time.monotonic() > deadline:
                    raise
                assert self.process.poll() is None, self.said()
                time.sleep(0.1)

    def status(self):
        """What the kernel says of process 1: uid, rights and so on, by name."""
        [child] = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        lines = Path(f"/proc/{child}/status").read_text().splitlines()
        return {name: value.split() for name, value in (line.split(":", 1) for line in lines)} | {"host": int(child)}

    def stop(self):
        """What ECS sends; the exit code that comes of it."""
        os.kill(self.status()["host"], self.signal)
        return self.process.wait(PATIENCE)

    def said(self):
        """Its log so far."""
        self.log.seek(0)
        return self.log.read()
