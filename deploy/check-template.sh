#!/bin/sh
# Packages the service as a deployer would, in each of its variants, and has cfn-lint check every template.
set -eu

[ -x .venv/bin/cfn-lint ] && [ -x .venv/bin/checkov ] || {
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check --requirement deploy/requirements.txt
}

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export COMETS='{"comet-1":["http://10.0.0.5:3108"]}'

package() {
  name=$1
  shift
  serverless package --package "$out/$name" \
    --param subnetIds=subnet-0123456789abcdef0,subnet-0123456789abcdef1 \
    --param securityGroupIds=sg-0123456789abcdef0 "$@" >"$out/$name.log" 2>&1 || { cat "$out/$name.log"; exit 1; }
  .venv/bin/cfn-lint "$out/$name/cloudformation-template-update-stack.json"
}

package on-demand --param clusterArn=arn:aws:kafka:us-east-1:123456789012:cluster/demo/0f1e2d3c-1 --param windowS=0
package provisioned --param clusterArn=arn:aws:kafka:eu-west-1:210987654321:cluster/live-2/9a8b7c6d-5 --region eu-west-1 \
  --param topic=KafkaPushsTopic --param minimumPollers=1 --param maximumPollers=2 --param reservedConcurrency=on \
  --param kmsKeyArn=arn:aws:kms:eu-west-1:210987654321:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 \
  --param scramSecretArn=arn:aws:secretsmanager:eu-west-1:210987654321:secret:AmazonMSK_goim-AbCdEf \
  --param kafkaSecretKeyArn=arn:aws:kms:eu-west-1:210987654321:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 \
  --param cometTokenSecretArn=arn:aws:secretsmanager:eu-west-1:210987654321:secret:comets-AbCdEf \
  --param cometTlsSecretArn=arn:aws:secretsmanager:eu-west-1:210987654321:secret:comets-tls-AbCdEf \
  --param cometSecretKeyArn=arn:aws:kms:eu-west-1:210987654321:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0 \
  --param alarmTopicArn=arn:aws:sns:eu-west-1:210987654321:pager --param offsetLagAlarm=50000 \
  --param tracing=on --param deadLettersStream=on --param tags=team=live
.venv/bin/checkov --config-file deploy/checkov.yaml --file "$out/provisioned/cloudformation-template-update-stack.json"
package self-managed --param bootstrapServers=a.example:9093,b.example:9093 --param startingPosition=AT_TIMESTAMP \
  --param startingTime=2026-11-25T12:00:00Z \
  --param mtlsSecretArn=arn:aws:secretsmanager:us-east-1:123456789012:secret:goim-AbCdEf \
  --param kafkaCaSecretArn=arn:aws:secretsmanager:us-east-1:123456789012:secret:ca-AbCdEf
package off --param clusterArn=arn:aws:kafka:us-east-1:123456789012:cluster/demo/0f1e2d3c-1 --param trigger=off --param keptTables=on
echo 'cfn-lint: every template is clean; checkov finds nothing but what deploy/checkov.yaml has reasons for'
