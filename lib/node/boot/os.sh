# shellcheck shell=bash disable=SC2034
# The one file that knows how Amazon Linux 2023 and Debian 13 differ. IMAGE is in node.conf.

case "$IMAGE" in
  amazon-linux-2023)
    NGINX_PACKAGES=(nginx)
    NGINX_STREAM_PACKAGES=(nginx-mod-stream)
    NGINX_USER=nginx
    NGINX_MODULES='/usr/share/nginx/modules/*.conf'
    POSTGRES_BIN=/usr/bin
    # What a golden image has need not be asked for; a path is a package of its own.
    install_packages() {
      rpm -q "$@" > /dev/null 2>&1 || dnf install -yq "$@"
    }
    # The extensions that come with it, such as citext of `mix phx.gen.auth`, are in a package of their own.
    install_postgres() { install_packages postgresql17-server postgresql17-contrib postgresql17; }
    install_postgres_client() { install_packages postgresql17; }
    install_mover() { install_packages nodejs22 postgresql17; }
    # From the image's own repository, whose packages are signed. It reads journals since 1.300070, and is 1.300071.0 there:
    # https://docs.aws.amazon.com/linux/al2023/release-notes/relnotes-2023.12.20260928.html (2026-11-29)
    install_cloudwatch_agent() {
      rpm -q amazon-cloudwatch-agent > /dev/null 2>&1 || dnf install -yq 'amazon-cloudwatch-agent >= 1.300070'
    }
    # From the bucket that AWS keeps for it in every region, so by the gateway endpoint of S3 and not over the internet; by
    # version, which is in node.conf.
    # Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/resource-kit.html (2026-11-21)
    install_codedeploy_agent() {
      local package="$RUN/codedeploy-agent.rpm"
      if rpm -q codedeploy-agent > /dev/null 2>&1; then return 0; fi
      aws s3 cp --only-show-errors "s3://aws-codedeploy-$REGION/$CODEDEPLOY_AGENT" "$package" &&
        install_packages ruby "$package"
    }
    ;;
  debian-13)
    NGINX_PACKAGES=(nginx)
    NGINX_STREAM_PACKAGES=(libnginx-mod-stream)
    NGINX_USER=www-data
    NGINX_MODULES='/etc/nginx/modules-enabled/*.conf'
    POSTGRES_BIN=/usr/lib/postgresql/17/bin
    install_packages() {
      local missing=() name
      for name in "$@"; do dpkg -s "$name" > /dev/null 2>&1 || missing+=("$name"); done
      ((${#missing[@]} == 0)) || {
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}"
      }
    }
    # Debian makes a cluster of its own on installation, on the system's disk and on our port.
    install_postgres() {
      mkdir -p "$R/etc/postgresql-common/createcluster.d"
      echo 'create_main_cluster = false' > "$R/etc/postgresql-common/createcluster.d/beamstalk.conf"
      install_packages postgresql-17 postgresql-client-17
    }
    install_postgres_client() { install_packages postgresql-client-17; }
    install_mover() { install_packages nodejs postgresql-client-17; }
    # Debian has no package of it. The newest one from the bucket that AWS keeps for it in every region, so by the gateway
    # endpoint of S3 and not over the internet. The signature beside it has to be of the one key that node.conf names.
    # Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/verify-CloudWatch-Agent-Package-Signature.html
    # (2026-11-29)
    install_cloudwatch_agent() {
      local architecture=amd64 work from="s3://amazoncloudwatch-agent-$REGION" status=0
      if dpkg -s amazon-cloudwatch-agent > /dev/null 2>&1; then return 0; fi
      if [[ "$(uname -m)" == aarch64 ]]; then architecture=arm64; fi
      install_packages gpg && work=$(mktemp -d -- "$RUN/agent.XXXXXXXXXX") || return
      if aws s3 cp --only-show-errors --no-sign-request "$from/assets/amazon-cloudwatch-agent.gpg" "$work/key" &&
        aws s3 cp --only-show-errors --no-sign-request \
          "$from/debian/$architecture/latest/amazon-cloudwatch-agent.deb.sig" "$work/agent.deb.sig" &&
        aws s3 cp --only-show-errors --no-sign-request \
          "$from/debian/$architecture/latest/amazon-cloudwatch-agent.deb" "$work/agent.deb"; then
        if signed_by "$CLOUDWATCH_AGENT_KEY" "$work/key" "$work/agent.deb.sig" "$work/agent.deb"; then
          dpkg -i "$work/agent.deb" || status=$?
        else
          say "the CloudWatch agent has no good signature of the key $CLOUDWATCH_AGENT_KEY"
          status=1
        fi
      else
        status=1
      fi
      rm -rf -- "$work"
      return "$status"
    }
    # signed_by FINGERPRINT KEYS SIGNATURE FILE: whether the key of that fingerprint, none that is expired or revoked, made
    # the signature. Another key among the KEYS vouches for nothing.
    # Source: https://github.com/gpg/gnupg/blob/gnupg-2.4.7/doc/DETAILS, "GOODSIG" and "VALIDSIG" (2026-11-29)
    signed_by() {
      local said
      install -d -m 0700 "$2.home"
      gpg --batch --no-autostart --homedir "$2.home" --import "$2" > /dev/null 2>&1 || return
      said=$(gpg --batch --no-autostart --homedir "$2.home" --status-fd 1 --verify "$3" "$4" 2> /dev/null) || return
      grep -q '^\[GNUPG:] GOODSIG ' <<< "$said" && grep -qx "\[GNUPG:] VALIDSIG .* $1" <<< "$said"
    }
    install_codedeploy_agent() {
      echo 'AWS makes no CodeDeploy agent for Debian 13: deliver blue-green' >&2
      return 1
    }
    ;;
  *)
    echo "beamstalk: unknown image $IMAGE" >&2
    exit 1
    ;;
esac
