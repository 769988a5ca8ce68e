"""The setup task's own command against a real PostgreSQL, by a master that is no superuser, as on RDS; then the
service brings its schema up as the user that was made. A second run changes nothing."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest
from emulator import free_port
from service import binary
from templates import Stacks

PASSWORD = "k" * 48


def tools():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found, "no PostgreSQL: scripts/setup-servers.sh"
    return found[-1]


def run(*command, **more):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, timeout=120, **more)


@pytest.fixture
def database(tmp_path_factory):
    """A server of its own on a free port, with the user `master`."""
    folder, port = Path(tmp_path_factory.mktemp("pg")), free_port()
    # PostgreSQL refuses root.
    owner = {"user": "postgres", "cwd": "/"} if os.getuid() == 0 else {}
    if owner:
        data = Path(f"/tmp/kyo-ecs-{port}")
        data.mkdir(mode=0o700)
        shutil.chown(data, pwd.getpwnam("postgres").pw_uid)
    else:
        data = folder
    try:
        run(tools() / "initdb", "-D", data / "db", "-U", "root", "--auth=trust", "--no-sync", **owner)
        settings = f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off"
        run(tools() / "pg_ctl", "-D", data / "db", "-l", data / "log", "-o", settings, "-w", "start", **owner)
        hba = data / "db/pg_hba.conf"
        run(tools() / "psql", "-h", "127.0.0.1", "-p", port, "-U", "root", "postgres", "-c",
            "CREATE ROLE master LOGIN CREATEDB CREATEROLE PASSWORD 'm'")
        hba.write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        run(tools() / "pg_ctl", "-D", data / "db", "reload", **owner)
        yield port
        run(tools() / "pg_ctl", "-D", data / "db", "-m", "immediate", "stop", **owner)
    finally:
        if owner:
            shutil.rmtree(data, ignore_errors=True)


def test_the_setup_task_makes_user_and_database(database, tmp_path):
    container = Stacks().resolved["data"]["DatabaseSetup"]["Properties"]["ContainerDefinitions"][0]
    command = [*container["EntryPoint"], *container["Command"]]
    names = {e["Name"] for e in container["Environment"]} | {s["Name"] for s in container["Secrets"]}
    given = {
        "PGHOST": "127.0.0.1", "PGPORT": str(database), "PGDATABASE": "postgres", "PGUSER": "master",
        "PGPASSWORD": "m", "PGSSLMODE": "prefer", "KYO_PASSWORD": PASSWORD,
    }
    assert names == set(given)
    for _ in range(2):
        run(*command, env={**given, "PATH": f"{tools()}:{os.environ['PATH']}"})
    migrated = subprocess.run(
        [binary(), "migrate"], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={"DATABASE_URL": f"postgres://kyo:{PASSWORD}@127.0.0.1:{database}/kyo?sslmode=prefer"},
    )
    assert migrated.returncode == 0, migrated.stderr
