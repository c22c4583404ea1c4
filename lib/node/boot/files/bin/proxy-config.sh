#!/bin/bash
# Writes nginx's configuration for what the node is and what certificates it has, and has a running nginx take it.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
begin_step

# One at a time: a renewal of the certificate and a rollout would each take the other's files away.
exec 7> "$RUN/proxy.lock"
chmod 0600 "$RUN/proxy.lock"
flock --wait 60 7 || fail 'the configuration of nginx is being written for a minute'

templates="$BOOT/files/nginx"
target="$ETC/nginx"
# What an earlier certificate or an earlier role of this template wrote must not stay.
mkdir -p "$target" "$STATE/acme"
rm -f "$target"/*.conf
write() { render "$templates/$1" "${@:2}" | put 0644 root:root "$target/$1"; }

# The resolvers of the machine as nginx wants them: IPv6 in brackets, and none that needs the name of an interface.
resolvers() {
  awk '$1 == "nameserver" && $2 !~ /%/ { print ($2 ~ /:/ ? "[" $2 "]" : $2) }' "$R/etc/resolv.conf" | paste -sd ' '
}

domain=$(parameter_like domain ingress/domain '')
# The load balancer or network before this node decides whom it may believe.
# A load balancer for sockets passes on what its clients say.
outside=direct
if [[ "$ROLE" == web && "$PASS_THROUGH" != 1 ]]; then outside=cloudfront; fi
# The load balancer closes first then, and keeps the port that waits; here it would be one of 55,000.
idle="''"
if [[ "$ROLE" == web ]]; then idle=close; fi
write upgrade.conf "IDLE=$idle"
write "client-$outside.conf"
write claims.conf
if [[ "$outside" == direct ]]; then write claims-direct.conf; fi
common=("ETC=$target" "APP_PORT=$(port_of "$(slot)")" "WEBROOT=$STATE/acme")
if [[ "$ROLE" == web ]]; then
  endpoint=$(parameter_like endpoint ingress/app-endpoint)
  resolver=$(resolvers)
  [[ "$resolver" =~ ^[]0-9a-fA-F.:\[\ ]+$ ]] || fail '/etc/resolv.conf names no resolver'
  write web.conf "ETC=$target" "ENDPOINT=$endpoint" "RESOLVERS=$resolver"
  # Inside the server of web.conf; there is none before the phase that sheds load.
  if [[ -n "${LOW_PRIORITY_PATHS:-}" ]]; then
    for prefix in $LOW_PRIORITY_PATHS; do
      render "$templates/low-priority.conf" "PREFIX=$prefix" "SHEDDING=$RUN/shedding" \
        "RETRY_AFTER=$RETRY_AFTER_SECONDS" "ETC=$target"
    done | put 0644 root:root "$target/low-priority.conf"
  fi
  if [[ "$PASS_THROUGH" == 1 ]]; then write stream.conf "ENDPOINT=$endpoint" "RESOLVERS=$resolver"; fi
elif [[ -z "$domain" ]]; then
  write box.conf "${common[@]}" 'NAME=_' 'DEFAULT=default_server backlog=32768'
elif [[ -s "$R/etc/letsencrypt/live/$domain/fullchain.pem" ]]; then
  write box-tls.conf "${common[@]}" "NAME=$domain" "CERTIFICATE=$R/etc/letsencrypt/live/$domain"
  write unknown.conf
  write unknown-tls.conf
else
  write box.conf "${common[@]}" "NAME=$domain" 'DEFAULT='
  write unknown.conf
fi
write forward.conf "ETC=$target"

render "$templates/nginx.conf" "USER=$NGINX_USER" "MODULES=$NGINX_MODULES" "OPEN_FILES=$OPEN_FILES" \
  "WORKER_CONNECTIONS=$WORKER_CONNECTIONS" "ETC=$target" | put 0644 root:root "$R/etc/nginx/nginx.conf"

nginx -t > "$RUN/nginx.log" 2>&1 ||
  fail "nginx refuses its configuration: $(grep -m 1 emerg "$RUN/nginx.log" || tail -n 1 "$RUN/nginx.log")"
if systemctl is-active --quiet nginx.service; then systemctl reload nginx.service; fi
