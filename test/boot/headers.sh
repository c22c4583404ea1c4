# shellcheck shell=bash disable=SC2154,SC2016
# What a client says and a release is told, through the nginx of every node that has one. Sourced by run.sh. The release is
# hostile/recorder.py, which writes down what arrives and agrees to every upgrade. `$` in single quotes is for the machine.

seed="${BEAMSTALK_SEED:-20261129}"
# The headers of docs/headers.md that no release is to see: an own list, so that one that nginx forgets is found.
section() { awk -v title="## $1" '$0 == title { on = 1; next } /^## / { on = 0 } on' "$here/../../docs/headers.md" | grep -oE '`[A-Za-z0-9-]+`' | tr -d '`'; }
section 'Left out of every request' > "$work/claims-cloudfront"
{ cat "$work/claims-cloudfront" && section 'Left out where CloudFront does not write them'; } > "$work/claims-direct"
check 'docs/headers.md names what is left out' bash -c "(( \$(wc -l < '$work/claims-cloudfront') > 30 && \$(wc -l < '$work/claims-direct') > 50 ))"

# furnish NAME BUNDLE: what the boot unpacks, without a boot.
furnish() { inside "$1" mkdir -p /opt/beamstalk/boot && cp -r "$work/bundles/$2/." "/proc/${first_pid[$1]}/root/opt/beamstalk/boot/"; }
proxy() {
  inside "$1" bash -c 'rm -f /run/beamstalk/parameters; export STACK=gate FLEET=Fleet; bash /opt/beamstalk/boot/steps/proxy.sh' > "$work/nodes/$1/boot.log" 2>&1
}
record() {
  : > "$work/records"
  python3 "$here/hostile/recorder.py" 4000 "$work/records" > "$work/recorder.log" 2>&1 &
  recorder=$!
  eventually bash -c "[[ -n \$(ss -Hltn 'sport = :4000') ]]"
}
# raw PORT TEXT: sends the text and prints what comes back.
raw() { printf '%b' "$2" | timeout 5 bash -c "exec 3<> /dev/tcp/127.0.0.1/$1; cat >&3; cat <&3"; }
told() { tail -n 1 "$work/records" | jq -r --arg name "$1" '[.headers[] | select(.[0] == $name) | .[1]] | join("|")'; }
# by_chance PORT TLS-NAME|- OUTSIDE [HOST...]
by_chance() {
  : > "$work/records"
  python3 "$here/hostile/raw_requests.py" "$seed" 400 "$1" "$2" "$3" "$work/records" "$work/claims-$3" "${@:4}"
}
no_tunnel() {
  local answer
  answer=$(raw 80 "GET /h2c HTTP/1.1\r\nHost: $1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\nPRI * HTTP/2.0")
  [[ "$answer" == 'HTTP/1.1 200'* && "$answer" != *PRI* && "$(told upgrade)$(told http2-settings)" == '' ]]
}
tunnel() { [[ "$(raw 80 "GET /s HTTP/1.1\r\nHost: $1\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\nthrough")" == *' 101 '*through ]]; }

for name in domain email app-endpoint; do drop_parameter "ingress/$name"; done
record

echo "--- what a box is told ($SECONDS s)"
start front i-front
furnish front box
proxy front
check 'without a name: hostile requests by chance' by_chance 80 - direct
put_parameter ingress/domain shop.gate.test
proxy front
check 'with a name: hostile requests by chance' by_chance 80 - direct shop.gate.test
raw 80 'GET http://shop.gate.test/reset HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n' > /dev/null
check 'a request line with our name and a header with another: ours' equal "$(told host)/$(told x-forwarded-host)" shop.gate.test/shop.gate.test
raw 80 'GET /proto HTTP/1.1\r\nHost: shop.gate.test\r\nCloudFront-Forwarded-Proto: https\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n' > /dev/null
check 'who came by HTTP did not come by HTTPS' equal "$(told cloudfront-forwarded-proto)/$(told x-forwarded-proto)" http/http
check 'h2c is no way around' no_tunnel shop.gate.test
check 'a WebSocket is let through' tunnel shop.gate.test
put_parameter storage/backups-bucket gate-backups
admin python3 -B /root/hostile/certbot_folder.py /root/shop shop.gate.test 90 acme-v02.api.letsencrypt.org/directory
tar -czf "$admin_root/root/shop.tar.gz" -C "$admin_root/root/shop" .
admin aws s3 cp --only-show-errors /root/shop.tar.gz s3://gate-backups/tls/shop.gate.test.tar.gz
proxy front
check 'with a certificate: hostile requests by chance' by_chance 443 shop.gate.test direct shop.gate.test
other_name() { curl -sk -o /dev/null -w '%{http_code}' --resolve shop.gate.test:443:127.0.0.1 -H 'Host: evil.example' https://shop.gate.test/; }
check 'who shook hands for our name and asks for another is misdirected' equal "$(other_name)" 421
check 'HTTP leads to our own name' bash -c "[[ '$(raw 80 'GET http://shop.gate.test/a HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n' | tr -d '\r' | grep -i '^location')' == 'Location: https://shop.gate.test/a' ]]"
put_parameter ingress/domain $'shop.gate.test; return 200 "evil"; #'
proxy front
check 'a name that would be more to nginx is refused' equal "$(inside front head -n 1 /run/beamstalk/reason)" 'parameter /beamstalk/gate/ingress/domain is no domain'
drop_parameter ingress/domain
end front

echo 127.0.0.1 > "$state/endpoint"
echo "--- what a web node is told ($SECONDS s)"
put_parameter ingress/app-endpoint app.gate.test:4000
start sockets i-sockets
furnish sockets web
proxy sockets
check 'before sockets: hostile requests by chance' by_chance 80 - direct
raw 80 'GET /x HTTP/1.1\r\nHost: shop.gate.test\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n' > /dev/null
check 'what a client says of itself is not believed' equal "$(told x-forwarded-for)/$(told x-forwarded-proto)" 127.0.0.1/http
check 'h2c is no way around' no_tunnel shop.gate.test
check 'a WebSocket is let through' tunnel shop.gate.test
for evil in 'app.gate.test:4000; root /; #' 'app.gate.test:4000/../' '$http_host' '-x' "app.gate.test:4000'" 'app.gate.test:4000}'; do
  put_parameter ingress/app-endpoint "$evil"
  proxy sockets
  check "an upstream called ${evil@Q} is refused" equal "$(inside sockets head -n 1 /run/beamstalk/reason)" 'parameter /beamstalk/gate/ingress/app-endpoint is no endpoint'
done
put_parameter ingress/app-endpoint app.gate.test:4000
end sockets
start http i-http
furnish http web-http
proxy http
check 'behind CloudFront: hostile requests by chance' by_chance 80 - cloudfront
raw 80 'GET /x HTTP/1.1\r\nHost: shop.gate.test\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n' > /dev/null
check 'without CloudFront the client is whoever asks, the scheme the load balancer'\''s' equal "$(told x-forwarded-for)/$(told x-forwarded-proto)" 127.0.0.1/https
check 'h2c is no way around' no_tunnel shop.gate.test
end http
kill "$recorder"
wait "$recorder" 2> /dev/null
