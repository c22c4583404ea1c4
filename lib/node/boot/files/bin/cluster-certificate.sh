#!/bin/bash
# cluster-certificate.sh [anew]: gets a certificate for a new key of this node, when there is none for its address or half of its
# days are over; with `anew` in any case. Erlang reads the files anew within three minutes of the rename (OTP 27, measured
# 2026-11-30): the release does not start anew, connections that there are stay, and the new ones show the new certificate.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
begin_step

mode="${1:-}" folder="$ETC/cluster" work=''
# Both are beside what they replace, so that a rename does it.
own="$folder/node.pem" trusted="$folder/authorities.pem"
certificate() { openssl x509 -noout "$@" 2> /dev/null; }
# second_of WORD: when a certificate begins (`-startdate`) or ends (`-enddate`).
second_of() { date -d "$(certificate "$1" -in "$2" | cut -d = -f 2)" +%s; }

# left_of CERTIFICATE: what is left of its time, per cent; nothing when it cannot be read.
left_of() {
  local begins ends lasts left
  begins=$(second_of -startdate "$1") && ends=$(second_of -enddate "$1") || return 1
  lasts=$((ends - begins)) left=$((ends - $(date +%s)))
  if ((lasts <= 0)); then return 1; fi
  echo "$((100 * left / lasts))"
}

# blocks_in FILE: how many blocks of PEM are in it, wherever in a line they begin.
blocks_in() { { grep -o -e '-----BEGIN ' "$1" 2> /dev/null || true; } | wc -l; }

# wrong_with CERTIFICATE KEY AUTHORITY: why peers would not take it, or why this node must not trust what came with it: each
# certificate in the file of the authority is one that lets in whoever it likes. Fails when all is well.
wrong_with() {
  local left
  if ! left=$(left_of "$1"); then
    echo 'cannot be read'
  elif ((left <= 0)); then
    echo "is expired: $(certificate -enddate -in "$1")"
  elif (($(second_of -startdate "$1") > $(date +%s))); then
    echo "is not valid yet: $(certificate -startdate -in "$1"), and the clock of this node says $(date -u '+%b %e %T %Y GMT')"
  elif [[ "$(certificate -checkip "$address" -in "$1")" != *' does match '* ]]; then
    echo "is for another address than $address: $(certificate -ext subjectAltName -in "$1" | tail -n 1 | xargs)"
  elif [[ "$(certificate -pubkey -in "$1")" != "$(openssl pkey -pubout -in "$2" 2> /dev/null)" ]]; then
    echo 'is for another key'
  elif (($(blocks_in "$3") != 1)); then
    echo "comes with $(blocks_in "$3") authorities; expected 1"
  elif ! openssl verify -purpose sslserver -no-CApath -no-CAstore -CAfile "$3" "$1" > /dev/null 2>&1; then
    echo 'is not signed by the authority that came with it'
  else
    return 1
  fi
}

# at_end: a boot says itself why it failed; here the certificate that there is stays, and one near its end is somebody's business
# (lib/constructs/compute/cluster-watch.ts), whatever failed: so nothing is before it that can.
at_end() {
  local status=$? left how='not renewed yet'
  if [[ -n "$work" ]]; then rm -rf -- "$work"; fi
  if ((status == 0)) || [[ "$mode" == anew ]]; then return 0; fi
  if ! left=$(left_of "$own") || ((left < 25)); then how='near its end'; fi
  say "cluster certificate $how ($(certificate -enddate -in "$own")): $(head -n 1 "$REASON" 2> /dev/null)" >&3
}
# A signal may come while standard output is a file.
exec 3>&1
rm -f -- "$REASON"
trap at_end EXIT
# systemd, which has waited long enough.
trap 'fail "ended from outside before there was an answer"' TERM

address=$(imds local-ipv4) || fail 'instance metadata does not say the address of this instance'
in_shape ipv4 "$address" || fail "instance metadata says that the address of this instance is ${address@Q}"
if [[ "$mode" != anew ]]; then
  if why=$(wrong_with "$own" "$own" "$trusted"); then
    say "the cluster certificate $why"
  elif (($(left_of "$own") > 50)); then
    exit 0
  fi
fi
work=$(mktemp -d -- "$RUN/cluster.XXXXXXXXXX")

# ask: asks for a certificate once. Fails with the cause in `why`: with 1 when it may be another time, with 2 when asking again
# changes nothing. The name of the function is asked for as well: another one may have come since the boot.
ask() {
  local name status=0
  if ! name=$(fresh_parameter cluster/function ''); then
    why="parameter /beamstalk/$ENVIRONMENT/cluster/function cannot be read"
    return 1
  elif ! in_shape function "$name"; then
    why="parameter /beamstalk/$ENVIRONMENT/cluster/function is no function"
    return 1
  fi
  (
    umask 077
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key" 2> "$work/log" &&
      openssl pkey -in "$work/key" -pubout -outform DER -out "$work/public" 2>> "$work/log" &&
      python3 -I "$BOOT/files/bin/cluster-request.py" "$ENVIRONMENT" "$REGION" "$IDENTITY_HOST" \
        < "$work/public" > "$work/request" 2>> "$work/log"
  ) || {
    why="no certificate can be asked for: $(tail -n 1 "$work/log")"
    return 1
  }
  rm -f -- "$work/answer"
  # The request holds credentials, which a file hands on and no argument. The function itself ends after 30 s.
  AWS_MAX_ATTEMPTS=2 aws lambda invoke --function-name "$name" --cli-read-timeout 40 --payload "fileb://$work/request" \
    "$work/answer" > "$work/invoked" 2> "$work/log" || {
    why="the function $name cannot be asked for a certificate: $(tail -n 1 "$work/log")"
    return 1
  }
  # Refusals for good have a type of its own (lambda/cluster-certificate/refused.ts).
  python3 -I -c 'import json, sys
answer = json.load(open(sys.argv[1]))
if "errorMessage" in answer:
    print(answer["errorMessage"], file=sys.stderr)
    sys.exit(2 if answer.get("errorType") == "Refused" else 1)
for name in ("certificate", "authorities"): open(f"{sys.argv[2]}/{name}", "w").write(answer[name])' \
    "$work/answer" "$work" 2> "$work/log" || status=$?
  if ((status != 0)); then
    why="the function $name gives no certificate: $(tail -n 1 "$work/log")"
    return "$status"
  fi
  if why=$(wrong_with "$work/certificate" "$work/key" "$work/authorities"); then
    why="the certificate of the function $name $why"
    return 1
  fi
}

# Many nodes may have been turned away at the same second, so that each waits as long as chance says: 32 s on average.
said='' until_second=$((SECONDS + PATIENCE))
while :; do
  status=0
  ask || status=$?
  if ((status == 0)); then break; fi
  if ((status == 2 || SECONDS >= until_second)); then fail "$why"; fi
  if [[ "$why" != "$said" ]]; then
    say "no cluster certificate yet: $why"
    said="$why"
  fi
  sleep "$(awk -v pause="$PAUSE" -v chance="$RANDOM" 'BEGIN { print pause * (1 + 11 * chance / 32767) }')"
done

if [[ -s "$trusted" ]] && ! cmp -s -- "$trusted" "$work/authorities"; then
  say 'the authority of the cluster is another one now: peers with a certificate of the last are strangers until they have one of this'
fi
put 0644 root:root "$trusted" < "$work/authorities"
cat "$work/certificate" "$work/key" | put 0440 root:beamstalk "$own"
say "cluster certificate for $address, $(certificate -enddate -in "$own")"
