"""Processes that last as long as a measurement: started on free ports of 127.0.0.1, waited for, ended with all that
they started."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """One process and its children; a folder of its own."""

    def __init__(self, name, command, port, environment=(), folder=None):
        self.name, self.port = name, port
        self.folder = folder or Path(tempfile.mkdtemp(prefix="kyo-peer-"))
        self.log = open(self.folder / f"{name}.log", "wb")
        self.process = subprocess.Popen(
            [str(word) for word in command], cwd=self.folder, env={**os.environ, **dict(environment)},
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True)
        self.wait()

    @property
    def pid(self):
        return self.process.pid

    def wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        told = (self.folder / f"{self.name}.log").read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"{self.name} does not listen on {self.port}:\n{told}")

    def stop(self):
        # The whole group: nginx's workers are processes of their own.
        for signal_ in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, signal_)
                self.process.wait(timeout=5)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
            break
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres:
    """A PostgreSQL server as the tests start theirs: commits are durable."""

    def __init__(self):
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        if not found:
            raise RuntimeError("no PostgreSQL: scripts/setup-servers.sh")
        self.tools, self.port = found[-1], free_port()
        # PostgreSQL refuses root.
        self.owner = {"user": "postgres", "cwd": "/"} if os.getuid() == 0 else {}
        self.folder = Path(tempfile.mkdtemp(prefix="kyo-peer-pg-"))
        if self.owner:
            shutil.chown(self.folder, pwd.getpwnam("postgres").pw_uid)
        self.count = 0
        self.run("initdb", "-D", self.folder / "db", "-U", "kyo", "--auth=trust", "--no-sync")
        settings = f"-p {self.port} -k '' -c listen_addresses=127.0.0.1"
        self.run("pg_ctl", "-D", self.folder / "db", "-l", self.folder / "log", "-o", settings, "-w", "start")
        self.pid = int((self.folder / "db/postmaster.pid").read_text().split()[0])

    def run(self, tool, *arguments):
        command = [str(word) for word in (self.tools / tool, *arguments)]
        # pg_ctl leaves a server behind that would keep a pipe open.
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=120, **self.owner)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed")

    def database(self):
        """The address of a new, empty one."""
        self.count += 1
        name = f"peer_{self.count}"
        self.run("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "kyo", name)
        return f"postgres://kyo@127.0.0.1:{self.port}/{name}"

    def stop(self):
        try:
            self.run("pg_ctl", "-D", self.folder / "db", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
