# shellcheck shell=bash disable=SC2154,SC2016
# Builds: the release that one publishes, and the downloads that it takes, with the real command line of AWS, curl, sha256sum, tar, make,
# dnf and rpm. Sourced by run.sh. `$` in single quotes is for the machine.

echo "--- what is released stays as it is ($SECONDS s)"
for bucket in gate-tools gate-toolchains; do curl -sf -X PUT --data "$here_xml" "$engine_url/$bucket"; done
(cd "$work/bundles/tools" && python3 -m zipfile -c "$work/tools.zip" ./*) && curl -sf -T "$work/tools.zip" "$engine_url/gate-tools/tools.zip"
start builder i-builder
builder="/proc/${first_pid[builder]}/root"
mkdir -p "$builder/root/builds" "$builder/root/source" "$builder/root/first" "$builder/root/second"
cp "$work/bundles/builds/"* "$builder/root/builds/"
cp "$admin_root/root/echo-1.tar.gz" "$builder/root/first/"
# Another release of the same name: one more file.
mkdir "$work/other" && tar -xzf "$admin_root/root/echo-1.tar.gz" -C "$work/other" && echo > "$work/other/other" &&
  tar -czf "$builder/root/second/echo-1.tar.gz" -C "$work/other" .
# publish FOLDER EXECUTION: the build that publishes what is in the folder.
publish() {
  inside builder bash -c 'cd "/root/$1" && rm -rf bundle *.sha256 && env TOOLS=s3://gate-tools/tools.zip RELEASES=gate-releases \
    BUILD="$2" MODE=rolling CODEBUILD_BUILD_NUMBER=1 bash /root/builds/publish' - "$1" "$2" > "$work/publish-$1.log" 2>&1
}
released() { curl -sf "$engine_url/gate-releases/releases/$1-1/echo-1.tar.gz${2:-}" | sha256sum; }
sums=("$(sha256sum < "$builder/root/first/echo-1.tar.gz")" "$(sha256sum < "$builder/root/second/echo-1.tar.gz")")
# The peer itself: it refuses who asks, and would let anybody else write.
answer() { curl -s -o /dev/null -w '%{http_code}' -X PUT --data "$1" "${@:2}" "$engine_url/gate-releases/asked"; }
check 'the bucket refuses a second write that asks, and no other' equal \
  "$(answer 1 -H 'If-None-Match: *')/$(answer 2 -H 'If-None-Match: *')/$(answer 3)" 200/412/200
check 'a release is published' publish first e1
check 'as it was built' equal "$(released e1)" "${sums[0]}"
check 'with its checksum' equal "$(curl -s "$engine_url/gate-releases/releases/e1-1/echo-1.tar.gz.sha256" | cut -d ' ' -f 1)" "${sums[0]%% *}"
check 'and what CodeDeploy brings names it' equal "$(head -n 1 "$builder/root/first/bundle/release")" s3://gate-releases/releases/e1-1/echo-1.tar.gz
not_again() { ! publish second e1 && grep -F 'what is released is never overwritten' "$work/publish-second.log" && grep -F PreconditionFailed "$work/publish-second.log"; }
check 'another under its name is refused' not_again
check '  which leaves the first, its checksum, and no bundle' equal \
  "$(released e1)/$(curl -s "$engine_url/gate-releases/releases/e1-1/echo-1.tar.gz.sha256" | cut -d ' ' -f 1)/$(ls "$builder/root/second")" \
  "${sums[0]}/${sums[0]%% *}/$(printf 'echo-1.tar.gz\necho-1.tar.gz.sha256')"
# Both at once: one is released, whole and with its own checksum.
publish first e2 & first_publishes=$!
publish second e2
second_published=$?
wait "$first_publishes"
first_published=$?
one_won() {
  local won=0
  ((first_published == 0)) || won=1
  echo "first $first_published, second $second_published"
  (((first_published == 0) != (second_published == 0))) && equal "$(released e2)" "${sums[won]}" &&
    equal "$(released e2 .sha256)" "$(echo "${sums[won]%% *}  echo-1.tar.gz" | sha256sum)"
}
check 'of two at once one is released' one_won

echo "--- what a build takes from elsewhere ($SECONDS s)"
# A toolchain of the gate: its source is configured and made, and each of its parts says when it runs.
downloads="$work/downloads"
mkdir -p "$downloads/planted" "$downloads/otp/otp_src_1.2.3" "$downloads/elixir/bin"
ran() { printf '#!/bin/bash\ntouch /root/ran-%s\n' "$1"; }
{ ran configure; cat << 'SCRIPT'; } > "$downloads/otp/otp_src_1.2.3/configure"
bin="${1#--prefix=}/bin"
printf '%s:\n\t%s\n' all 'echo made > erl' install "mkdir -p $bin && cp erl $bin/ && if [ -e /root/meanwhile ]; then sh /root/meanwhile; fi" > Makefile
SCRIPT
chmod 755 "$downloads/otp/otp_src_1.2.3/configure"
for name in mix elixir elixirc iex; do ran "$name" > "$downloads/elixir/bin/$name"; done
ran rebar3 > "$downloads/rebar3"
tar -czf "$downloads/otp_src_1.2.3.tar.gz" -C "$downloads/otp" .
(cd "$downloads/elixir" && python3 -m zipfile -c "$downloads/elixir-otp-1.zip" ./*)
parts=(otp_src_1.2.3.tar.gz elixir-otp-1.zip rebar3)
names=(otp_src_1.2.3.tar.gz elixir-4.5.6-otp-1.zip rebar3-7.8.9)
printf 'erlang 1.2.3\nelixir 4.5.6-otp-1\nrebar 7.8.9\n' > "$builder/root/source/.tool-versions"
for at in 0 1 2; do
  # A planted program would run just as well.
  { cat "$downloads/${parts[at]}"; echo '# planted'; } > "$downloads/planted/${parts[at]}"
  echo "$(sha256sum < "$downloads/${parts[at]}" | cut -d ' ' -f 1)  ${names[at]}" >> "$builder/root/source/.tool-checksums"
done
: > "$downloads/manner"
hosts='github.com release-assets.githubusercontent.com'
echo "127.0.0.1 $hosts" >> "$builder/etc/hosts"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=github.com \
  -addext "subjectAltName=DNS:${hosts/ /,DNS:}" -CA "$work/signer.crt" -CAkey "$work/signer.key" \
  -keyout "$work/downloads.key" -out "$work/downloads.crt" 2> /dev/null
python3 "$here/hostile/downloads.py" "$downloads" "$work/downloads.crt" "$work/downloads.key" > "$work/downloads.log" 2>&1 &
downloads_pid=$!
eventually bash -c "[[ -n \$(ss -Hltn 'sport = :80') ]]"
cp "$here/hostile/packages.sh" "$builder/root/"
inside builder bash /root/packages.sh /root/repositories > "$work/packages.log" 2>&1 || cat "$work/packages.log"
# packages KIND: the one repository of the machine, in the form of Amazon Linux's own.
packages() {
  inside builder bash -c 'mkdir -p /etc/yum.repos.d; echo 2023 > /etc/dnf/vars/releasever
    printf "%s\n" "[gate]" name=gate "baseurl=file:///root/repositories/$1" gpgcheck=1 gpgkey=file:///root/repositories/key > /etc/yum.repos.d/gate.repo
    dnf -q clean all' - "$1"
}
packages signed
# make_toolchain: the script of the build, without the rest of it.
make_toolchain() {
  inside builder bash -c 'cd /root/source && rm -rf /root/ran-* /root/answer /opt/beam && env TOOLCHAINS=gate-toolchains bash /tmp/tools/provide-beam.sh /root/answer' > "$work/toolchain.log" 2>&1
}
# none_of_it: nothing was made, kept or run of what came.
none_of_it() {
  equal "$(inside builder bash -c 'compgen -G "/root/ran-*"; find /root/answer /opt/beam -type f 2> /dev/null; dnf -q list --installed 2> /dev/null')$(curl -s "$engine_url/gate-toolchains" | grep -o '<Key>[^<]*')" ''
}
# comes MANNER FILE SAYS
comes() {
  echo "$2 $1" > "$downloads/manner"
  make_toolchain && echo 'a toolchain was made'
  : > "$downloads/manner"
  grep -F "$3" "$work/toolchain.log" && none_of_it
}
for part in "${parts[@]}"; do
  check "another $part ends the build before anything of it runs" comes wrong "$part" 'has another checksum than the one that is known'
done
check 'one without its end does' comes cut otp_src_1.2.3.tar.gz 'has another checksum than the one that is known'
check 'one that breaks off does' comes broken otp_src_1.2.3.tar.gz 'cannot be downloaded'
check 'a way that leads out of TLS is not taken' comes plainly otp_src_1.2.3.tar.gz 'cannot be downloaded'
check '  nor asked' bash -c "! grep -F 'release-assets' '$downloads/asked'"
for kind in unsigned foreign; do
  packages "$kind"
  not_installed() { ! make_toolchain && grep -iE 'gpg|signature|key' "$work/toolchain.log" && none_of_it; }
  check "packages that are $kind end the build before anything runs" not_installed
  agent_refused() { ! inside builder bash -c 'IMAGE=amazon-linux-2023; source /root/os.sh; install_cloudwatch_agent' && none_of_it; }
  check "and no node of Amazon Linux installs an agent that is $kind" agent_refused
done
packages signed
echo 'otp_src_1.2.3.tar.gz elsewhere' > "$downloads/manner"
build() {
  inside builder bash -c 'cd /root/source && rm -rf /root/ran-* /tmp/tools /tmp/tools.zip /tmp/toolchain /opt/beam; env TOOLS=s3://gate-tools/tools.zip TOOLCHAINS=gate-toolchains bash /root/builds/toolchain' > "$work/toolchain.log" 2>&1
}
check 'what is as it was known becomes a toolchain, by a redirect that stays in TLS' build
: > "$downloads/manner"
read -r sum uri < "$builder/tmp/toolchain"
check 'which is kept with its checksum' equal "$(curl -s "$engine_url/${uri#s3://}" | sha256sum | cut -d ' ' -f 1)" "$sum"
check 'and nothing ran but what made it' equal "$(inside builder bash -c 'echo /root/ran-*')" /root/ran-configure
check 'an agent that Amazon has signed is installed' inside builder bash -c 'IMAGE=amazon-linux-2023; source /root/os.sh; install_cloudwatch_agent && rpm -q amazon-cloudwatch-agent'
asked_before=$(wc -l < "$downloads/asked")
check 'the next build takes it from the bucket' build
check '  and asks nobody else' equal "$(wc -l < "$downloads/asked")/$(cat "$builder/tmp/toolchain")" "$asked_before/$sum $uri"
# Another build is quicker: its line is there when this one is done.
line=$(curl -s "$engine_url/gate-toolchains" | grep -o '<Key>[^<]*\.line' | cut -c 6-)
curl -sf -X DELETE "$engine_url/gate-toolchains/$line"
echo "${sum//[0-9a-f]/a} s3://gate-toolchains/toolchains/of-another.tar.gz" > "$builder/root/line"
echo "curl -sf -T /root/line $engine_url/gate-toolchains/$line" > "$builder/root/meanwhile"
slower() { inside builder bash -c 'cd /root/source && rm -f /tmp/toolchain && env CODEBUILD_BUILD_NUMBER=2 TOOLS=s3://gate-tools/tools.zip TOOLCHAINS=gate-toolchains bash /root/builds/toolchain'; }
check 'of two builds at once the slower takes what the quicker has made' slower
check '  and its line stands' equal "$(cat "$builder/tmp/toolchain")/$(curl -s "$engine_url/gate-toolchains/$line")" "$(cat "$builder/root/line")/$(cat "$builder/root/line")"
use() { inside builder env "TOOLCHAIN_SHA256=$1" "TOOLCHAIN_URI=$2" BEAM_HOME=/root/used BIN=/root/used-bin bash /tmp/tools/use-beam.sh; }
# Puts something else in its place, as somebody would who may write the bucket after all.
curl -s "$engine_url/${uri#s3://}" > "$work/toolchain.tar.gz"
{ cat "$work/toolchain.tar.gz"; echo planted; } | curl -sf -T - "$engine_url/${uri#s3://}"
planted() { ! use "$sum" "$uri" && inside builder bash -c '[[ ! -e /root/used && ! -e /root/used-bin ]]'; }
check 'a build takes no toolchain that was planted in its place' planted
curl -sf -T "$work/toolchain.tar.gz" "$engine_url/${uri#s3://}"
check 'and the one that was made for it' use "$sum" "$uri"
check '  by its names' equal "$(inside builder cat /root/used-bin/erl)" made
kill "$downloads_pid"
wait "$downloads_pid" 2> /dev/null

echo "--- tests of a source beside a database ($SECONDS s)"
cp -r "$here/../../examples/counter" "$builder/root/counter"
rm -rf "$builder/root/counter/_build"
# The real one, but for what it asks Hex for.
cat > "$builder/usr/local/bin/mix" << 'SCRIPT'
#!/bin/bash
case "$1" in local.* | deps.get) exit 0 ;; *) exec /usr/bin/mix "$@" ;; esac
SCRIPT
chmod 755 "$builder/usr/local/bin/mix"
# Does what `mix test` of a Phoenix application does first, by its config/test.exs: makes a database, and an extension in it.
cat > "$builder/root/counter/test/database_of_the_build_test.exs" << 'SCRIPT'
defmodule Counter.DatabaseOfTheBuildTest do
  use ExUnit.Case
  alias Counter.Database.Wire

  test "is one of its own" do
    target = %{host: "localhost", port: 5432, user: "postgres", password: "postgres", name: "postgres", tls: false}
    {:ok, server} = Wire.connect(target)
    {:ok, []} = Wire.script(server, "create database counter_test encoding 'UTF8'", 10_000)
    {:ok, wire} = Wire.connect(%{target | name: "counter_test"})
    {:ok, _} = Wire.script(wire, "create extension citext", 10_000)
    assert {:ok, [["t", version]]} = Wire.query(wire, "select 'Ä'::citext = 'ä'::citext, version()", [], 5_000)
    File.write!("/root/connected", version)
    {:error, "password" <> _} = Wire.connect(%{target | password: "another"})
  end
end
SCRIPT
# build_source: the build of the source, by its own script.
build_source() {
  inside builder env HOME=/root LC_ALL=C.UTF-8 bash -c 'cd /root/counter && bash /tmp/tools/build.sh' > "$work/source.log" 2>&1 || {
    tail -n 12 "$work/source.log"
    return 1
  }
}
# The database of other machines of the gate may listen on addresses of its own.
nobody_listens() { equal "$(ss -Hltn 'sport = :5432 and ( src 127.0.0.1 or src [::1] )')" ''; }
check 'the example is tested and built, by tests that use a database' build_source
check '  which was PostgreSQL 17' grep -F 'PostgreSQL 17.' "$builder/root/connected"
check '  and has ended with them' nobody_listens
mkdir "$builder/root/good" "$builder/root/bad"
mv "$builder"/root/counter/built/* "$builder/root/good/"
check 'what they let pass is published' publish good e3
echo 'defmodule Counter.FailingTest do use ExUnit.Case; test "fails", do: flunk("no way") end' > "$builder/root/counter/test/failing_test.exs"
ends_build() {
  ! build_source && grep -F 'no way' "$work/source.log" && grep -E '^[0-9]+ tests, 1 failure' "$work/source.log" &&
    ! grep -F 'Release created' "$work/source.log" && [[ ! -e "$builder/root/counter/built" ]]
}
check 'a test that fails ends the build, before a release is made' ends_build
check '  and the database with it' nobody_listens
not_published() { ! publish bad e4 && ! curl -s "$engine_url/gate-releases?prefix=releases/e4" | grep '<Key>'; }
check '  so that there is nothing to publish' not_published
rm "$builder"/root/counter/test/*_test.exs
without_database() { build_source && ! grep -F 'PostgreSQL' "$work/source.log"; }
check 'a source without tests waits for no database' without_database
beside_database() { inside builder bash /tmp/tools/with-database.sh "$@" > "$work/database.log" 2>&1; }
address=postgres://postgres:postgres@localhost/postgres
not_twice() { ! beside_database bash /tmp/tools/with-database.sh true && grep -F 'PostgreSQL for the tests does not start' "$work/database.log"; }
check 'one that finds the port taken says so' not_twice
ends_as() { local status=0; beside_database "${@:2}" || status=$?; equal "$status" "$1"; }
check 'what runs beside it decides how the build ends' ends_as 7 bash -c "psql -qXAtc 'select 1' $address && exit 7"

# Amazon Linux has no apt-get; what its packages would bring is here already.
mv "$builder/usr/bin/apt-get" "$builder/root/"
inside builder bash -c 'ln -s /usr/lib/postgresql/17/bin/{initdb,postgres,pg_ctl} /usr/bin/'
packages foreign
not_trusted() { ! beside_database true && grep -F 'PostgreSQL for the tests cannot be installed' "$work/database.log"; }
check 'a database that Amazon has not signed ends the build' not_trusted
packages signed
check 'one that it has signed serves' ends_as 0 psql -qXAtc 'select 1' "$address"
check '  with the extensions of its own package' inside builder rpm -q postgresql17-server postgresql17-contrib
end builder
