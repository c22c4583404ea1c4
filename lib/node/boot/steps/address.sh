#!/bin/bash
# Takes the Elastic IP, also from a box that is on its way out. The address that the instance started with goes for it:
# no connection of an earlier step is open by now, and those of later steps try again while the change takes seconds.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

allocation=$(parameter_like identifier box/address)
aws ec2 associate-address --allocation-id "$allocation" --instance-id "$(instance_id)" \
  --allow-reassociation > /dev/null ||
  fail "address $allocation cannot be taken"
