#!/usr/bin/env bash
# Fails unless what serves is the image that was asked for: ecs/won.sh IMAGE
# A deployment that ECS has rolled back is stable and green; it only isn't ours. Needs the AWS CLI.
set -euo pipefail

image=${1:?IMAGE, as it was given to deploy.sh}
output() {
    aws cloudformation describe-stacks --stack-name kyo-app --output text \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}
cluster=$(output Cluster)
service=$(output Service)

# Half an hour: a roll of twelve tasks, each with its delay.
for _ in $(seq "${TRIES:-120}"); do
    read -r definition state < <(aws ecs describe-services --cluster "$cluster" --services "$service" \
        --output text --query "services[0].deployments[?status=='PRIMARY'].[taskDefinition, rolloutState] | [0]")
    [[ $state == IN_PROGRESS ]] || break
    sleep "${PAUSE:-15}"
done

running=$(aws ecs describe-task-definition --task-definition "$definition" --output text \
    --query "taskDefinition.containerDefinitions[?name=='$service'].image | [0]")
echo "$service runs $running ($state)"
if [[ $state == IN_PROGRESS || $state == FAILED || $running != "$image" ]]; then
    echo "that is not $image: the deployment failed or was rolled back" >&2
    exit 1
fi
