#!/usr/bin/env bash
# Runs the image of an OCI archive (default: what scripts/image.sh left for this machine) as ECS would, without an
# engine, and checks what it is and does: scripts/check-image.sh [ARCHIVE]. Needs root for the namespaces.
set -euo pipefail
cd "$(dirname "$0")/.."
case "$(uname -m)" in aarch64 | arm64) machine=arm64 ;; *) machine=amd64 ;; esac
KYO_IMAGE=$(realpath "${1:-target/image/kyo-collaboration-$machine.tar}")

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

architecture=$(python3 tests/image/archive.py "$KYO_IMAGE" | awk 'END { print $1 }')
if [ "$architecture" != "$machine" ] && ! command -v qemu-aarch64-static >/dev/null 2>&1; then
    command -v apt-get >/dev/null 2>&1 || { echo "please install: qemu-user-static" >&2; exit 1; }
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends qemu-user-static
fi
cd tests/image
as_root env KYO_IMAGE="$KYO_IMAGE" PYTHONDONTWRITEBYTECODE=1 "$(command -v python3)" test_image.py
