#!/usr/bin/env bash
# Deploys stacks of this folder: ecs/deploy.sh ENVIRONMENT STACK|all [Name=Value ...]
# A stack's parameters come from the outputs of the stacks before it, then from parameters/ENVIRONMENT,
# then from the command line; one that is named nowhere keeps its value. Needs the AWS CLI.
set -euo pipefail
cd "$(dirname "$0")"

stacks=(network data app observability)
environment=${1:?ENVIRONMENT, a file in parameters/}
wanted=${2:?one of ${stacks[*]}, or all}
shift 2
[[ " ${stacks[*]} all " == *" $wanted "* ]] || { echo "no such stack: $wanted" >&2; exit 2; }

mapfile -t given < <(grep -v -e '^#' -e '^$' "parameters/$environment")
given+=("$@")

outputs_of() {
    aws cloudformation describe-stacks --stack-name "kyo-$1" --output text \
        --query 'Stacks[0].Outputs[].join(`=`, [OutputKey, OutputValue])' | tr '\t' '\n'
}

known=()
for stack in "${stacks[@]}"; do
    if [[ $wanted == "$stack" || $wanted == all ]]; then
        # The CLI takes of these what the template asks for.
        aws cloudformation deploy --stack-name "kyo-$stack" --template-file "$stack.yaml" \
            --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset \
            --parameter-overrides "${known[@]}" "${given[@]}"
    fi
    [[ $wanted == "$stack" ]] && exit
    mapfile -t outputs < <(outputs_of "$stack")
    known+=("${outputs[@]}")
done
