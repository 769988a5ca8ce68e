"""What the image of KYO_IMAGE, an OCI archive, is and does: nobody's rights, nothing to write, no shell, and a
service that answers, says how it is, and goes when told. `scripts/check-image.sh` runs it."""

import os
import re
import signal
import socket
import stat
import tempfile
import unittest
from pathlib import Path

from archive import Archive
from container import Container, Running

BINARY = "usr/local/bin/kyo-collaboration"
DATA = "/var/lib/kyo/data"
AUTHORITIES = "/etc/ssl/rds-authorities.pem"
SECRET = "a-secret-of-the-image-tests-and-of-nothing-else"
SHELLS = {"sh", "bash", "dash", "ash", "busybox", "zsh", "perl", "python3", "apt", "dpkg", "curl", "wget"}
USER = 65532


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.image = Archive(os.environ["KYO_IMAGE"])
        cls.root = Path(cls.folder, "root")
        cls.root.mkdir()
        cls.bytes = cls.image.unpack(cls.root)
        cls.container = Container(cls.image, cls.root)
        os.chmod(cls.folder, 0o755)

    def volume(self):
        volume = tempfile.mkdtemp(dir=self.folder)
        os.chown(volume, USER, USER)
        return {DATA: volume}

    def serving(self, **settings):
        settings = {"JWT_SECRET": SECRET, "volumes": self.volume()} | settings
        return Running(self.container, free_port(), **settings)


class Contents(ImageTest):
    def test_the_configuration_is_what_the_task_definition_counts_on(self):
        config = self.image.config
        self.assertEqual(config["User"], f"{USER}:{USER}")
        self.assertEqual(config["Entrypoint"], [f"/{BINARY}"])
        self.assertFalse(config.get("Cmd"))
        self.assertEqual(config["StopSignal"], "SIGTERM")
        self.assertIn("3001/tcp", config["ExposedPorts"])
        self.assertIn("APP_ENV=production", config["Env"])
        self.assertRegex(config["Labels"]["org.opencontainers.image.revision"], "^[0-9a-f]{40}$")
        self.assertTrue(config["Labels"]["org.opencontainers.image.version"])

    def test_the_binary_is_roots_and_nobody_can_change_it(self):
        binary = (self.root / BINARY).lstat()
        self.assertEqual((binary.st_uid, binary.st_gid, stat.S_IMODE(binary.st_mode)), (0, 0, 0o555))

    def test_there_is_no_shell_and_no_other_program_of_use(self):
        names = {path.name for path in self.root.rglob("*") if not path.is_dir()}
        self.assertEqual(names & SHELLS, set())

    def test_no_file_gives_rights_and_the_user_owns_only_the_data(self):
        for path in self.root.rglob("*"):
            found = path.lstat()
            if stat.S_ISREG(found.st_mode):
                self.assertFalse(found.st_mode & (stat.S_ISUID | stat.S_ISGID), path)
                self.assertFalse(found.st_mode & stat.S_IWOTH, path)
            if found.st_uid == USER:
                self.assertIn("/" + str(path.relative_to(self.root)), {DATA, "/home/nonroot"})

    def test_what_is_compressed_is_small(self):
        print(f"\n{self.image.digest}: {self.image.size / 1e6:.1f} MB compressed, {self.bytes / 1e6:.1f} MB of files")
        self.assertLess(self.image.size, 40e6)


class Service(ImageTest):
    def test_it_serves_without_rights_on_a_root_that_is_read_only(self):
        with self.serving() as service:
            self.assertTrue(service.get("/live"))
            status = service.status()
            self.assertEqual(set(status["Uid"] + status["Gid"]), {str(USER)})
            self.assertEqual(status["Groups"], [])
            self.assertEqual({int(status[name][0], 16) for name in ("CapEff", "CapPrm", "CapBnd")}, {0})
            self.assertEqual(status["NSpid"][-1], "1")

    def test_it_serves_the_board_with_all_that_it_names(self):
        with self.serving() as service:
            page = service.get("/").decode()
            named = re.findall(r'(?:src|href)="(/?[\w./-]+\.(?:js|css|svg|png))"', page)
            self.assertTrue([name for name in named if name.endswith(".js")], page)
            for name in named:
                self.assertTrue(service.get("/" + name.removeprefix("/")), name)

    def test_healthcheck_is_0_when_it_serves_and_1_when_not(self):
        with self.serving() as service:
            service.get("/live")
            asked = lambda: self.container.run("healthcheck", "--url", f"{service.url}/health").returncode
            # It waits three seconds for an answer, which is short on a busy machine that emulates another.
            self.assertIn(0, (asked() for _ in range(20)))
            service.stop()
            self.assertEqual(asked(), 1)

    def test_sigterm_ends_it_cleanly_and_the_data_stays(self):
        volumes = self.volume()
        with self.serving(volumes=volumes) as service:
            service.get("/live")
            self.assertEqual(service.signal, signal.SIGTERM)
            self.assertEqual(service.stop(), 0, service.said())
        self.assertTrue(Path(volumes[DATA], "kyo.db").stat().st_size)
        with self.serving(volumes=volumes) as again:
            self.assertTrue(again.get("/live"))

    def test_without_a_volume_it_says_why_it_does_not_start(self):
        refused = self.container.run(JWT_SECRET=SECRET)
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertRegex(refused.stdout + refused.stderr, "can't open .*kyo.db")

    def test_without_a_secret_it_does_not_start(self):
        refused = self.container.run(volumes=self.volume())
        self.assertEqual(refused.returncode, 2, refused.stderr)

    def test_it_takes_the_authorities_of_rds_that_it_carries(self):
        port = free_port()
        refused = self.container.run(
            "migrate", JWT_SECRET=SECRET, KYO__DATABASE__CA_FILE=AUTHORITIES,
            DATABASE_URL=f"postgres://kyo:kyo@127.0.0.1:{port}/kyo?sslmode=verify-full")
        self.assertRegex(refused.stdout + refused.stderr, "(?i)refused")
        text = Path(self.root, AUTHORITIES.lstrip("/")).read_text()
        self.assertGreaterEqual(text.count("BEGIN CERTIFICATE"), 80)


if __name__ == "__main__":
    unittest.main(verbosity=2)
