#!/bin/sh
# Installs what tests/ecs needs where it is missing: Prometheus with promtool by apt, and linters and AWS
# emulators as Python packages under target/ecs-venv. PostgreSQL comes with setup-servers.sh.
set -eu
cd "$(dirname "$0")/.."
venv=target/ecs-venv
requirements=tests/ecs/requirements.txt

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing=""
{ command -v promtool && command -v prometheus; } >/dev/null 2>&1 || missing=prometheus
python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3 python3-venv"
if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "please install:$missing (prometheus and promtool 2.40 or newer, Python 3.11 or newer)" >&2
        exit 1
    fi
    as_root apt-get update -qq
    # Debian's package starts a server of the system, which nobody here wants.
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends $missing
fi

# A new Python of the system leaves an environment behind that starts no more.
if ! cmp -s "$requirements" "$venv/installed.txt" || ! "$venv/bin/python" -c 'import cfnlint' 2>/dev/null; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$venv/installed.txt"
fi
