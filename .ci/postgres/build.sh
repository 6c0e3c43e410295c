#!/usr/bin/env bash
# Builds a PostgreSQL image from the Debian packages this machine is set up to use: build.sh TAG. It is for machines that
# reach no image registry. An image that is there already and was built from these same files stays; with --check after TAG
# nothing is built and the exit status tells.
set -euo pipefail

tag=$1
here=$(cd "$(dirname "$0")" && pwd)
inputs=$(cat "$here/build.sh" "$here/entrypoint.sh" | sha256sum | cut -c1-16)
label=passport-test.inputs

if [ "$(docker image inspect --format "{{index .Config.Labels \"$label\"}}" "$tag" 2>/dev/null)" = "$inputs" ]; then
	echo "image $tag is there already"
	exit
fi
[ "${2:-}" != --check ] || exit 1

command -v mmdebstrap >/dev/null || { echo "build.sh needs mmdebstrap (apt-get install mmdebstrap)" >&2; exit 1; }

# shellcheck source=/dev/null
. /etc/os-release
# apt knows its own sources best; those of other vendors are left out.
# shellcheck disable=SC2016 # apt expands them
sources=$(apt-get indextargets --format '$(ORIGIN)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
	sed -n "s/^$ID|//Ip" | sort -u)
[ -n "$sources" ] || { echo "apt lists no $ID packages: run apt-get update" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The package would make a cluster of its own; the entrypoint makes it instead.
# shellcheck disable=SC2016 # mmdebstrap expands them
mmdebstrap --quiet --variant=minbase --include=postgresql \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
	--essential-hook='mkdir -p "$1/etc/postgresql-common"' \
	--essential-hook='echo create_main_cluster=false >"$1/etc/postgresql-common/createcluster.conf"' \
	--customize-hook="install -m 0755 '$here/entrypoint.sh' \"\$1/usr/local/bin/docker-entrypoint.sh\"" \
	"$VERSION_CODENAME" "$work/root.tar" - <<<"$sources"

docker import \
	--change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
	--change 'ENV LANG=C.UTF-8' \
	--change 'ENV PGDATA=/var/lib/postgresql/data' \
	--change 'ENTRYPOINT ["docker-entrypoint.sh"]' \
	--change 'CMD ["postgres"]' \
	--change 'EXPOSE 5432' \
	--change "LABEL $label=$inputs" \
	"$work/root.tar" "$tag" >/dev/null
echo "built image $tag: $(docker run --rm "$tag" sh -c 'postgres --version')"
