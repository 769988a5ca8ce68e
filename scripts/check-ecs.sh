#!/usr/bin/env bash
# Everything that can be known of ecs/, ops/, Dockerfile and workflows without a cloud: linters, then tests/ecs
# against the service, a real Prometheus and AWS emulators on loopback. `BIN` names another binary.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup-ecs.sh
[[ -n ${BIN:-} ]] || cargo build
KYO_BIN=$(realpath "${BIN:-target/debug/kyo-collaboration}")
export KYO_BIN
bin=target/ecs-venv/bin
export PATH="$PWD/$bin:$PATH" PYTHONDONTWRITEBYTECODE=1

cfn-lint ecs/*.yaml
hadolint Dockerfile
zizmor --quiet --no-progress --offline --pedantic .github/workflows .github/dependabot.yml
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
bash -n ecs/*.sh scripts/check-ecs.sh scripts/*image*.sh
python tests/ecs/workflow_scripts.py .github/workflows/*.yml
pytest -q -p no:cacheprovider tests/ecs "$@"
