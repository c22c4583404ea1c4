# shellcheck shell=bash disable=SC2154
# Names of AWS that do not resolve: what a node says then. Sourced by run.sh, after the others: it looks at what they asked for.

echo "--- a name of AWS that is not there ($SECONDS s)"
put_parameter release/uri none
# A secret that nodes read without a release too.
put_parameter cache/endpoint cache.gate.test
put_parameter cache/secret "$(make_secret names-cache 'cache-word')"
# without NAME REASON...: boots a node while the name is taken away; the console says each of the reasons.
number=0
without() {
  local withheld="$1" reason node="without$((++number))"
  shift
  echo "$withheld" > "$state/withheld"
  : > "$state/calls"
  start "$node" "i-$node"
  boot "$node" app
  for reason in "$@"; do check "without ${withheld// / and }, the console says: $reason" console_says "$node" "$reason"; done
}
for kind in both ipv4 ipv6; do
  egress "$kind"
  without cloudformation.eu-west-1.amazonaws.com \
    'cloudformation cannot be reached: cloudformation.eu-west-1.amazonaws.com does not resolve' \
    "CloudFormation did not take the signal SUCCESS of i-without$((number + 1)) for Fleetapp in gate-app in 15 s" \
    'app node of gate is up'
  end "without$number"
done
without 'ssm.eu-west-1.amazonaws.com ssm.eu-west-1.api.aws' \
  'ssm cannot be reached: ssm.eu-west-1.api.aws does not resolve, ssm.eu-west-1.amazonaws.com does not resolve' \
  'boot failed at step parameters: the parameters under /beamstalk/gate/ cannot be read'
check 'CloudFormation hears of failure all the same' called '^SignalResource .*Status=FAILURE'
end "without$number"
without secretsmanager.eu-west-1.amazonaws.com \
  'secretsmanager cannot be reached: secretsmanager.eu-west-1.amazonaws.com does not resolve' 'boot failed at step release'
end "without$number"
without 's3.eu-west-1.amazonaws.com s3.dualstack.eu-west-1.amazonaws.com' \
  's3 cannot be reached: s3.eu-west-1.amazonaws.com does not resolve, s3.dualstack.eu-west-1.amazonaws.com does not resolve' \
  'boot failed at step bundle'
end "without$number"
without ssm.eu-west-1.amazonaws.com 'app node of gate is up'
check 'where one of two names is gone, the other is asked' asked ssm.eu-west-1.api.aws "$outside6"
end "without$number"
: > "$state/withheld"
check 'nobody asked for a name that AWS does not document' bash -c "grep -q 'amazonaws\.com\$' '$state/asked-for' && ! sort -u '$state/asked-for' |
  grep -E '(amazonaws\.com|api\.aws)\$' | grep -vxFf <(cut -d ' ' -f 1 '$work/bundles/documented') |
  grep -vE '^gate-[a-z]+\.s3\.(dualstack\.)?eu-west-1\.amazonaws\.com\$'"
