#!/bin/bash
# Gets this node the certificate by which its peers know it, and has it renewed while the node lives. Without one the node does
# not boot: it would serve, and be alone without a word.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

put 0644 root:root "$ETC/cluster/tls.conf" < "$BOOT/cluster-tls.conf"
bash "$BOOT/files/bin/cluster-certificate.sh" anew
install_unit beamstalk-cluster.service
install_unit beamstalk-cluster.timer
start_unit beamstalk-cluster.timer
