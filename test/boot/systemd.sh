# shellcheck shell=bash disable=SC2154,SC2016
# The release under systemd itself: what it reads, and what it may do. Sourced by run.sh. `$` in single quotes is for the
# machine.

echo "--- a release under systemd ($SECONDS s)"
put_parameter release/uri s3://gate-releases/echo-1.tar.gz
put_parameter app/cookie-secret "$(make_secret systemd-cookie "$cookie")"
text=$'say "it" for $HOME\'s `sake` \\ 100 % \\n \\\\ $$ %%n\nsecond line\ttab \xe2\x82\xac'
put_parameter app/environment-secret "$(make_secret systemd-environment "$(jq -n --arg text "$text" \
  '{TEXT: $text, PATH: "/opt/own/bin:/usr/local/bin:/usr/bin:/bin", EMPTY: "", LAST: "# no comment"}')")"
start unit i-unit '' systemd
speak_to_aws unit
boot unit app
check 'an application node boots with systemd' boot_says unit 'app node of gate is up'
check 'the service is active' equal "$(inside unit systemctl is-active beamstalk.service)" active
says() { release_rpc unit "$1" 2> /dev/null; }
# Base64, so that nothing on the way back changes it.
check 'it reads the environment file as it was meant' equal \
  "$(says 'Base.encode64(Enum.map_join(~w(TEXT EMPTY LAST), "|", &System.get_env/1))')" \
  "\"$(printf '%s||# no comment' "$text" | base64 -w 0)\""
check 'PATH with what the start script puts before it' equal \
  "$(says 'String.ends_with?(System.get_env("PATH"), ":/opt/own/bin:/usr/local/bin:/usr/bin:/bin")')" true
main=$(inside unit systemctl show -p MainPID --value beamstalk.service)
check 'no privileges, and no way to any' equal \
  "$(inside unit awk '/^(NoNewPrivs|CapEff|CapPrm|CapBnd|CapAmb|Uid):/ { print $1, $2 }' "/proc/$main/status" | sed "s/ $(inside unit id -u beamstalk)$/ beamstalk/" | sort | paste -sd ' ')" \
  'CapAmb: 0000000000000000 CapBnd: 0000000000000000 CapEff: 0000000000000000 CapPrm: 0000000000000000 NoNewPrivs: 1 Uid: beamstalk'
wrote() { says "Enum.filter(~w($1), &(File.write(&1 <> \"/x\", \"\") == :ok))"; }
check 'it writes to its home, and to a /tmp of its own' equal "$(wrote '/var/lib/beamstalk/home /tmp')" '["/var/lib/beamstalk/home", "/tmp"]'
check 'and nowhere else' equal "$(wrote '/var/lib/beamstalk /var/lib/beamstalk/acme /opt/beamstalk /opt/beamstalk/current /opt/beamstalk/current/bin /etc /etc/beamstalk /run /run/beamstalk /var/tmp/../log /usr /root /home')" '[]'
check 'it sees no process but its own' equal "$(says 'File.exists?("/proc/1/cmdline")')" false
check 'it dumps no core' equal "$(inside unit awk '/^Max core file size/ { print $5, $6 }' "/proc/$main/limits")" '0 0'
# A filter for system calls, which not every kernel has. Erlang asks a second time without the bit, and then succeeds.
if inside unit grep -q '^Seccomp:.*2$' "/proc/$main/status"; then
  says ':file.change_mode("/var/lib/beamstalk/home/x", 0o4755)' > /dev/null
  check 'it may not set the bit that would make it somebody else' equal "$(inside unit stat -c %a /var/lib/beamstalk/home/x)" 755
fi
check 'systemd says that it is well shielded' bash -c "(( \$(cut -d . -f 1 <<< '$(inside unit systemd-analyze security --no-pager beamstalk.service | awk '/Overall exposure/ { print $(NF-2) }')') < 4 ))"
end unit
drop_parameter app/environment-secret
