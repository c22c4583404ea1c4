#!/bin/bash
# nginx: before the release of a box, with certificates when there is a domain; or before the load balancer of the
# application's fleet, on a web node.
# shellcheck source=../lib.sh
source "${BASH_SOURCE[0]%/*}/../lib.sh"
begin_step

if [[ "$ROLE" == web ]]; then
  parameter_like endpoint ingress/app-endpoint > /dev/null
  packages=("${NGINX_PACKAGES[@]}" "${NGINX_STREAM_PACKAGES[@]}")
else
  packages=("${NGINX_PACKAGES[@]}")
fi
install_packages "${packages[@]}" || fail 'nginx cannot be installed'
limit_unit nginx.service

domain=$(parameter_like domain ingress/domain '')
if [[ "$ROLE" == box && -n "$domain" ]]; then
  parameter_like bucket storage/backups-bucket > /dev/null
  # From the box before this one. Its absence, and anything that goes wrong with it, means HTTP until the timer has
  # got a certificate: the boot does not wait for DNS.
  bash "$BOOT/files/bin/certificate.sh" restore || say "no certificate for $domain yet: HTTP until there is one"
fi

bash "$BOOT/files/bin/proxy-config.sh"
start_unit nginx.service

if [[ "$ROLE" == box && -n "$domain" ]]; then
  install_unit beamstalk-certificate.service
  install_unit beamstalk-certificate.timer
  systemctl daemon-reload
  systemctl enable --quiet --now beamstalk-certificate.timer
fi
