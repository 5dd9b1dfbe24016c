#!/usr/bin/env bash
# Installs the Debian packages that the lab needs and this machine lacks.
#
#   packages.sh [GROUP...]     hypervisor guest iso dev (these four when none is
#                              named), ldap, postgres
#
# Says nothing when nothing is missing, and needs no network then. Starts no
# service: a policy-rc.d that forbids it stands for as long as apt runs.
set -euo pipefail

die() {
	echo "packages.sh: $*" >&2
	exit 1
}

# packages GROUP: the group's Debian packages, one a line.
packages() {
	case $1 in
	hypervisor)
		printf '%s\n' qemu-system-x86 qemu-utils libvirt-daemon-system libvirt-daemon-driver-qemu \
			libvirt-clients iproute2 util-linux
		;;
	guest)
		printf '%s\n' mmdebstrap busybox-static cpio gzip e2fsprogs fdisk kmod mtools syslinux syslinux-common qemu-utils
		;;
	iso)
		printf '%s\n' genisoimage xorriso p7zip-full libarchive-tools
		;;
	dev)
		printf '%s\n' make gcc libc6-dev git curl jq ca-certificates
		;;
	ldap)
		printf '%s\n' slapd ldap-utils
		;;
	postgres)
		printf '%s\n' postgresql
		;;
	*)
		die "no group \"$1\": it is one of hypervisor, guest, iso, dev, ldap, postgres"
		;;
	esac
}

# missing PACKAGE...: those of them that are not installed.
missing() {
	local package
	for package in "$@"; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
			echo "$package"
	done
}

# forbid_services keeps package scripts from starting daemons until the shell ends.
forbid_services() {
	local policy=/usr/sbin/policy-rc.d
	[[ -e $policy ]] && return
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
}

apt_install() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 \
		install --yes --no-install-recommends "$@" >/dev/null
}

main() {
	[[ $# -gt 0 ]] || set -- hypervisor guest iso dev
	local group names wanted=() absent=()
	for group in "$@"; do
		names=$(packages "$group") # on its own line: mapfile would hide that it failed
		mapfile -t -O "${#wanted[@]}" wanted <<<"$names"
	done
	mapfile -t absent < <(missing "${wanted[@]}" | sort -u)
	[[ ${#absent[@]} -gt 0 ]] || return 0

	[[ $EUID -eq 0 ]] || die "run as root to install: ${absent[*]}"
	echo "packages.sh: installing ${absent[*]}"
	forbid_services
	# Package lists may be absent or too old to name what the mirror still has.
	apt_install "${absent[@]}" 2>/dev/null || {
		apt-get -qq update
		apt_install "${absent[@]}"
	}
}

main "$@"
