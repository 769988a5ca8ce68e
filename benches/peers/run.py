"""Drives the same work through kyo and its peers, one after the other in the same run, and prints one table for each
kind of work.

python3 benches/peers/run.py [--only PEER]... [--work NAME]... [--seconds S] [--rounds N] [--out FILE]

kyo-load and the service must be built in release (`make bench-peers` does that); what of the peers is not installed is
said and left out. Raw results go to test-output/peers/results.json."""

import argparse
import json
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from peers import KYO_BIN, PEERS, SECRET
from servers import ROOT, Postgres, Server, free_port
from table import table
from work import WORK


class Stage:
    """What servers may need beside them, for one measurement; ended with it."""

    def __init__(self, postgres):
        self.postgres, self.beside = postgres, []

    def folder(self, name):
        folder = Path(tempfile.mkdtemp(prefix=f"kyo-peer-{name}-"))
        # nginx's workers are another user.
        folder.chmod(0o755)
        return folder

    def redis(self):
        port = free_port()
        program = shutil.which("redis-server")
        if not program:
            raise RuntimeError("no Redis: scripts/setup-servers.sh")
        command = [program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.beside.append(Server("redis", command, port))
        return self.beside[-1]

    def close(self):
        for server in self.beside:
            server.stop()


def measure(load, peer, work, seconds, postgres):
    """One peer at one kind of work: kyo-load's results, or why there are none."""
    stage, server = Stage(postgres), None
    try:
        server = peer.start(stage)
        watched = [f"server={server.pid}", *(f"{one.name}={one.pid}" for one in stage.beside)]
        if peer.keeps:
            watched.append(f"postgres={postgres.pid}")
        command = [load, "--system", peer.system, "--target", f"127.0.0.1:{server.port}", "--json", "--quiet",
                   "--pid", ",".join(watched), *peer.options, *work.command(peer.system, seconds)]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600,
                              env={**os.environ, "JWT_SECRET": SECRET})
        if done.returncode and not done.stdout:
            return {"error": done.stderr.strip()[-500:]}
        return json.loads(done.stdout)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return {"error": str(error)[-500:]}
    finally:
        if server:
            server.stop()
        stage.close()


def machine():
    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    return {"model": model, "processors": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg(),
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds")}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], help="peers whose name begins like this")
    parser.add_argument("--work", action="append", default=[], choices=[work.name for work in WORK])
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=1, help="the table shows the median of them")
    parser.add_argument("--out", type=Path, default=ROOT / "test-output/peers/results.json")
    return parser.parse_args()


def main():
    wanted = arguments()
    load = KYO_BIN.parent / "kyo-load"
    if not load.exists():
        sys.exit(f"{load} is missing: cargo build --release")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    peers = [peer for peer in PEERS if not wanted.only or any(peer.name.startswith(name) for name in wanted.only)]
    for peer in [peer for peer in peers if peer.missing()]:
        print(f"left out: {peer.name} ({peer.missing()} is missing: benches/peers/install.sh)", file=sys.stderr)
        peers.remove(peer)
    # Ended from outside, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    results = {"machine": machine(), "seconds": wanted.seconds, "work": []}
    postgres = Postgres()
    try:
        for work in (work for work in WORK if not wanted.work or work.name in wanted.work):
            rows = {peer.name: [] for peer in peers if work.is_for(peer)}
            results["work"].append({"name": work.name, "title": work.title, "lists": work.lists, "peers": rows})
            # Peers in turns, so that whatever else the machine does meets all of them.
            for turn in range(wanted.rounds):
                for peer in (peer for peer in peers if peer.name in rows):
                    print(f"{work.name} {turn + 1}/{wanted.rounds}: {peer.name}", file=sys.stderr, flush=True)
                    rows[peer.name].append(measure(load, peer, work, wanted.seconds, postgres))
                    time.sleep(1)
            print(table(results["work"][-1]), flush=True)
    finally:
        postgres.stop()
        results["machine"]["load at the end"] = os.getloadavg()
        wanted.out.parent.mkdir(parents=True, exist_ok=True)
        wanted.out.write_text(json.dumps(results, indent=1))
        print(f"raw results: {wanted.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
