"""Becomes a container's process 1. Runs as root in mount and process namespaces of its own; leaves every right."""

import ctypes
import json
import os
import signal
import subprocess
import sys

DIE_WITH_PARENT = 1
NO_NEW_PRIVILEGES = 38
DROP_FROM_BOUNDING_SET = 24


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def enter(root, directory, owner, volumes, qemu):
    mount("--bind", root, root)
    mount("-t", "proc", "proc", f"{root}/proc")
    if qemu:
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{root}/tmp")
        subprocess.run(["cp", qemu, f"{root}/tmp/qemu"], check=True)
        mount("-o", "remount,ro", f"{root}/tmp")
    for inside, outside in volumes.items():
        mount("--bind", outside, root + inside)
    mount("-o", "remount,bind,ro", root)
    os.chroot(root)
    os.chdir(directory)
    process = ctypes.CDLL(None, use_errno=True)
    for capability in range(64):
        process.prctl(DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)
    process.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    user, group = owner
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    # What `unshare --kill-child` asked for ended with the change of user (prctl(2)).
    process.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    wish = json.loads(sys.argv[1])
    words = (["/tmp/qemu"] if wish["qemu"] else []) + wish["words"]
    enter(wish["root"], wish["directory"], wish["owner"], wish["volumes"], wish["qemu"])
    os.execve(words[0], words, wish["environment"])
