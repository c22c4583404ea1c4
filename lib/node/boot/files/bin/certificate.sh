#!/bin/bash
# certificate.sh restore|renew: the certificate of the box's domain, from Let's Encrypt by HTTP challenge. Account and
# certificate are kept in s3://<backups-bucket>/tls/<domain>.tar.gz, so that a box that takes another's place does not
# ask for new ones: the authority gives out five a week for the same name. What is kept there is what the box before this
# one wrote, whoever it was then: it is taken over by a list, never unpacked as it comes.
# shellcheck source=../../lib.sh
source "${BASH_SOURCE[0]%/*}/../../lib.sh"
set -euo pipefail
umask 077

read_parameters
domain=$(parameter_like domain ingress/domain)
bucket=$(parameter_like bucket storage/backups-bucket)
kept="s3://$bucket/tls/$domain.tar.gz"
store="$R/etc/letsencrypt"
live="$store/live/$domain"
webroot="$STATE/acme"
archive=$(mktemp -- "$RUN/letsencrypt.XXXXXXXXXX")
trap 'rm -f -- "$archive"' EXIT

keep() { python3 -I "$BOOT/files/bin/kept-certificate.py" "$1" "$store" "$domain" "$webroot"; }

# Longer than a month: certbot renews in the last third of 90 days.
long_valid() {
  [[ -s "$live/fullchain.pem" ]] &&
    openssl x509 -noout -checkend $((30 * 24 * 3600)) -in "$live/fullchain.pem" > /dev/null
}

case "${1:-}" in
  restore)
    # What is on this machine is as new as what is kept, or newer.
    [[ ! -s "$live/fullchain.pem" ]] || exit 0
    aws s3 cp --only-show-errors "$kept" "$archive"
    mkdir -p "$store"
    keep unpack < "$archive"
    [[ -s "$live/fullchain.pem" ]]
    ;;
  renew)
    if long_valid; then exit 0; fi
    # The authority counts failures, so first see for ourselves whether the name leads here.
    probe="beamstalk-$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')"
    folder="$webroot/.well-known/acme-challenge"
    (umask 022 && mkdir -p "$folder" && echo "$probe" > "$folder/$probe")
    answer=$(curl -sf --max-time 10 "http://$domain/.well-known/acme-challenge/$probe" || true)
    rm -f "$folder/$probe"
    if [[ "$answer" != "$probe" ]]; then
      say "$domain does not lead to this box yet; trying again later"
      exit 0
    fi

    # In Amazon Linux 2023 since 2023.3.20231211, and in Debian.
    install_packages certbot
    email=$(parameter_like address ingress/email '')
    contact=(--register-unsafely-without-email)
    if [[ -n "$email" ]]; then contact=(--email "$email" --no-eff-email); fi
    # The challenge has to be readable to nginx.
    (umask 022 && certbot certonly --non-interactive --agree-tos "${contact[@]}" --config-dir "$store" \
      --no-directory-hooks --webroot --webroot-path "$webroot" --domain "$domain" --cert-name "$domain" --keep-until-expiring)
    keep pack > "$archive"
    aws s3 cp --only-show-errors "$archive" "$kept"
    bash "$BOOT/files/bin/proxy-config.sh"
    ;;
  *)
    echo 'usage: certificate.sh restore|renew' >&2
    exit 2
    ;;
esac
