#!/bin/bash
# Takes the Elastic IP, also from a box that is on its way out.
# shellcheck source=../lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
begin_step

allocation=$(parameter box/address)
aws ec2 associate-address --allocation-id "$allocation" --instance-id "$(instance_id)" --allow-reassociation > /dev/null ||
  fail "address $allocation cannot be taken"

# The address that the instance started with is gone now. What follows needs the network, and the change takes seconds.
has_address() { [[ -n "$(imds public-ipv4)" ]]; }
wait_for 60 has_address || fail "address $allocation does not show up in the instance's metadata"
