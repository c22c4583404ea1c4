# shellcheck shell=bash disable=SC2154,SC2016
# What a box keeps in the bucket for backups, and what the next box makes of it when somebody else wrote it. Sourced by
# run.sh. `$` in single quotes is for the machine.

echo "--- certificates that another wrote ($SECONDS s)"
for name in domain email app-endpoint; do drop_parameter "ingress/$name"; done
put_parameter storage/backups-bucket gate-backups
put_parameter ingress/domain kept.gate.test
put_parameter ingress/email ops@gate.test
# An authority as far as certbot asks one before it runs hooks.
mkdir -p "$work/authority"
authority='http://127.0.0.1:14000'
jq -n --arg at "$authority" '{newNonce: "\($at)/n", newAccount: "\($at)/a", newOrder: "\($at)/o", revokeCert: "\($at)/r", keyChange: "\($at)/k"}' > "$work/authority/directory"
python3 -m http.server --bind 127.0.0.1 --directory "$work/authority" 14000 > "$work/authority.log" 2>&1 &
authority_pid=$!

# kept FOLDER: becomes what the bucket holds for kept.gate.test.
kept() {
  tar -czf "$admin_root/root/kept.tar.gz" -C "$admin_root$1" . &&
    admin aws s3 cp --only-show-errors /root/kept.tar.gz s3://gate-backups/tls/kept.gate.test.tar.gz
}
restore() { inside "$1" "${power[@]}" bash -c 'rm -rf /etc/letsencrypt /run/beamstalk/parameters; exec bash /opt/beamstalk/boot/files/bin/certificate.sh restore' 2>&1; }
stored() { inside "$1" find /etc/letsencrypt ! -type d -printf '%P %m %l\n' | sort; }

power=("${lesser[@]}")
start keeper i-keeper
own_logs keeper
mkdir -p "/proc/${first_pid[keeper]}/root/opt/beamstalk/boot"
cp -r "$work/bundles/box/." "/proc/${first_pid[keeper]}/root/opt/beamstalk/boot/"
echo '127.0.0.1 kept.gate.test' >> "/proc/${first_pid[keeper]}/root/etc/hosts"
# Valid for five days, so that certbot wants another.
admin python3 -B /root/hostile/certbot_folder.py /root/kept kept.gate.test 5 acme-v02.api.letsencrypt.org/directory
cp -a "$admin_root/root/kept" "$admin_root/root/plain"
hostile_folder="$admin_root/root/kept"
# The same account for the authority that its own configuration names.
mkdir -p "$hostile_folder/accounts/127.0.0.1:14000"
cp -r "$hostile_folder/accounts/acme-v02.api.letsencrypt.org/directory" "$hostile_folder/accounts/127.0.0.1:14000/"
printf 'server = %s/directory\npre-hook = touch /root/owned-by-cli-ini\ndeploy-hook = touch /root/owned-by-cli-ini\n' "$authority" > "$hostile_folder/cli.ini"
mkdir -p "$hostile_folder/renewal-hooks/pre" "$hostile_folder/renewal"
printf '#!/bin/sh\ntouch /root/owned-by-hook\n' > "$hostile_folder/renewal-hooks/pre/hook"
chmod 0755 "$hostile_folder/renewal-hooks/pre/hook"
id=$(ls "$hostile_folder/accounts/127.0.0.1:14000/directory")
live=/etc/letsencrypt/live/kept.gate.test
printf '%s\n' 'archive_dir = /etc/letsencrypt/archive/kept.gate.test' "cert = $live/cert.pem" "privkey = $live/privkey.pem" \
  "chain = $live/chain.pem" "fullchain = $live/fullchain.pem" '[renewalparams]' "account = $id" 'authenticator = webroot' \
  "server = $authority/directory" 'pre_hook = touch /root/owned-by-renewal' 'webroot_path = /var/lib/beamstalk/acme,' \
  '[[webroot_map]]' 'kept.gate.test = /var/lib/beamstalk/acme' > "$hostile_folder/renewal/kept.gate.test.conf"
ln -s /etc/cron.d "$hostile_folder/csr"
echo '* * * * * root touch /root/owned-by-cron' > "$hostile_folder/keys"
kept /root/kept
inside keeper "${power[@]}" bash -c 'rm -rf /etc/letsencrypt; export STACK=gate FLEET=Fleet; bash /opt/beamstalk/boot/steps/proxy.sh' > "$work/nodes/keeper/boot.log" 2>&1
check 'a box takes over account and certificate' inside keeper test -s "$live/fullchain.pem"
check 'and nothing else: files of the list, readable to root alone' equal "$(stored keeper | awk '{ print $1, $2 }' | sed "s/$id/ACCOUNT/" | paste -sd ' ')" \
  "$(for name in meta private_key regr; do printf 'accounts/acme-v02.api.letsencrypt.org/directory/ACCOUNT/%s.json 600 ' "$name"; done
    for name in cert1 chain1 fullchain1 privkey1; do printf 'archive/kept.gate.test/%s.pem 600 ' "$name"; done
    for name in cert chain fullchain privkey; do printf 'live/kept.gate.test/%s.pem 777 ' "$name"; done
    printf 'renewal/kept.gate.test.conf 600')"
check 'nginx serves with it' bash -c "curl -sk -o /dev/null --resolve kept.gate.test:443:127.0.0.1 https://kept.gate.test/"
inside keeper "${power[@]}" bash /opt/beamstalk/boot/files/bin/certificate.sh renew > "$work/renew.log" 2>&1
inside keeper "${power[@]}" timeout 60 certbot renew --non-interactive >> "$work/renew.log" 2>&1
check 'no hook of it runs, by our own renewal or by the one of the package' equal "$(inside keeper bash -c 'compgen -G "/root/owned*"')" ''
certificates() { inside keeper certbot certificates 2>&1; }
check 'certbot knows the certificate by the configuration of our own' bash -c "grep -q 'Certificate Name: kept.gate.test' <<< '$(certificates)'"
check 'which asks the authority for the next one, and nobody else' bash -c "! grep -r '127.0.0.1:14000' '/proc/${first_pid[keeper]}/root/etc/letsencrypt'"
kill "$authority_pid"
wait "$authority_pid" 2> /dev/null

# What is kept in turn is the list again, and comes out as it went in.
inside keeper bash -c 'python3 -I /opt/beamstalk/boot/files/bin/kept-certificate.py pack /etc/letsencrypt kept.gate.test /var/lib/beamstalk/acme > /root/packed.tar.gz'
before=$(stored keeper)
cp "/proc/${first_pid[keeper]}/root/root/packed.tar.gz" "$admin_root/root/packed.tar.gz"
admin aws s3 cp --only-show-errors /root/packed.tar.gz s3://gate-backups/tls/kept.gate.test.tar.gz
check 'what a box keeps comes back on the next one' bash -c "$(declare -f restore inside); declare -A first_pid=([keeper]=${first_pid[keeper]}); surroundings=($(printf '%q ' "${surroundings[@]}")); power=($(printf '%q ' "${power[@]}")); restore keeper"
check 'file by file' equal "$(stored keeper)" "$before"

# spoilt REASON COMMAND: the plain folder, changed, must leave the box without a certificate.
spoilt() {
  rm -rf "$admin_root/root/spoilt"
  cp -a "$admin_root/root/plain" "$admin_root/root/spoilt"
  (cd "$admin_root/root/spoilt" && eval "$2")
  kept /root/spoilt
  restore keeper > "$work/restore.log"
  check "a kept certificate is refused: $1" bash -c "grep -F '$1' '$work/restore.log' && [[ ! -e '/proc/${first_pid[keeper]}/root$live' ]]"
}
admin python3 -B /root/hostile/certbot_folder.py /root/other other.gate.test 90 acme-v02.api.letsencrypt.org/directory
of_other="../other/archive/other.gate.test"
spoilt 'key and certificate do not belong together' "cp $of_other/privkey1.pem archive/kept.gate.test/"
spoilt 'the certificate is not of kept.gate.test' "cp $of_other/*.pem archive/kept.gate.test/"
spoilt 'privkey.pem is not what its name says' 'echo "ssl_engine = x" >> archive/kept.gate.test/privkey1.pem'
spoilt 'no account, or no certificate' 'rm archive/kept.gate.test/chain1.pem && ln -s /etc/shadow archive/kept.gate.test/chain1.pem'
# made_by SIGNER DAYS: the plain folder with another certificate of the same name.
made_by() { rm -rf "$admin_root/root/made"; admin python3 -B /root/hostile/certbot_folder.py /root/made kept.gate.test "$2" acme-v02.api.letsencrypt.org/directory "$1"; }
made_by - 60
spoilt 'the certificate leads to no authority that this system trusts' 'cp ../made/archive/kept.gate.test/*.pem archive/kept.gate.test/'
admin bash -c 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj "/CN=Signer of the gate" -keyout /root/namesake.key -out /root/namesake.crt 2> /dev/null'
made_by /root/namesake 60
spoilt 'the certificate leads to no authority that this system trusts' 'cp ../made/archive/kept.gate.test/*.pem archive/kept.gate.test/'
made_by /root/signer 3650
spoilt 'the certificate is valid for more than 100 days' 'cp ../made/archive/kept.gate.test/*.pem archive/kept.gate.test/'
spoilt 'the account is of another authority' "sed -i s/acme-v02.api.letsencrypt.org/evil.example/ accounts/*/directory/*/regr.json"
spoilt 'no account, or no certificate' 'head -c 100000 /dev/zero >> archive/kept.gate.test/cert1.pem'
head -c 40000000 /dev/zero > "$work/zeros"
tar -czf "$admin_root/root/kept.tar.gz" -C "$work" zeros
rm "$work/zeros"
admin aws s3 cp --only-show-errors /root/kept.tar.gz s3://gate-backups/tls/kept.gate.test.tar.gz
restore keeper > "$work/restore.log"
check 'an archive that grows without end is refused' grep -F 'the archive is too large' "$work/restore.log"
end keeper
power=()
drop_parameter ingress/domain
drop_parameter ingress/email
