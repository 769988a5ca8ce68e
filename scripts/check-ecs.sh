#!/usr/bin/env bash
# Everything that can be known of ecs/, ops/ and the workflows without a cloud: linters, then tests/ecs against
# the built service, a real Prometheus and AWS emulators on loopback. `KYO_BIN` names the binary.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup-ecs.sh
bin=target/ecs-venv/bin
export PATH="$PWD/$bin:$PATH" PYTHONDONTWRITEBYTECODE=1

cfn-lint ecs/*.yaml
zizmor --quiet --no-progress --offline --pedantic .github/workflows
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
bash -n ecs/*.sh scripts/check-ecs.sh
for file in .github/workflows/*.yml; do
    python tests/ecs/workflow_scripts.py "$file"
done
pytest -q -p no:cacheprovider tests/ecs "$@"
