# shellcheck shell=bash disable=SC2034
# The one file that knows how Amazon Linux 2023 and Debian 13 differ. IMAGE is in node.conf.

case "$IMAGE" in
  amazon-linux-2023)
    NGINX_PACKAGES=(nginx)
    NGINX_STREAM_PACKAGES=(nginx-mod-stream)
    NGINX_USER=nginx
    NGINX_MODULES='/usr/share/nginx/modules/*.conf'
    POSTGRES_BIN=/usr/bin
    install_packages() { dnf install -yq "$@"; }
    install_postgres() { install_packages postgresql17-server postgresql17; }
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
    ;;
  *)
    echo "beamstalk: unknown image $IMAGE" >&2
    exit 1
    ;;
esac
