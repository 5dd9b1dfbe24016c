#!/usr/bin/env bash
# Builds the real guest: Debian 12 with systemd and cloud-init, which takes its
# identity from a config drive and tells on the serial console what became of
# it (see debian/cairn-report).
#
#   debian.sh [OUT]    debian.qcow2 (boots by itself under SeaBIOS) in OUT;
#                      without OUT the folder in the cache that holds it is
#                      printed
#
# The image holds no secret, no machine id and no host key. Needs root,
# `packages.sh guest` and, when it is not in the cache, the network.
# shellcheck source-path=SCRIPTDIR source=build.sh
source "$(dirname "$(readlink -f "$0")")/build.sh"

packages=systemd-sysv,udev,dbus,cloud-init,netplan.io,iproute2,openssh-server,qemu-guest-agent
packages+=,linux-image-cloud-amd64,initramfs-tools

# What a guest that lives for a minute has no use for; a login prompt would
# take the serial console away from the report.
masked=(
	apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service
	fstrim.timer systemd-pstore.service systemd-binfmt.service systemd-networkd-wait-online.service serial-getty@ttyS0.service getty@tty1.service
)

# before_packages ROOT: what the packages' own scripts must find, so that the
# initramfs is made once and holds the few drivers that lead to the root disk.
before_packages() {
	mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/etc/initramfs-tools/hooks"
	printf 'MODULES=list\nCOMPRESS=gzip\n' >"$1/etc/initramfs-tools/conf.d/cairn"
	install -m 755 "$here/debian/initramfs-hook" "$1/etc/initramfs-tools/hooks/cairn"
}

# after_packages ROOT: the guest's own configuration.
after_packages() {
	local unit
	install -m 644 "$here/debian/cloud.cfg" "$1/etc/cloud/cloud.cfg.d/90_cairn.cfg"
	# Without a drive cloud-init runs all the same, and makes host keys.
	printf 'policy: enabled\n' >"$1/etc/cloud/ds-identify.cfg"
	install -m 755 "$here/debian/cairn-report" "$1/usr/local/sbin/cairn-report"
	install -m 644 "$here/debian/cairn-report.service" "$1/etc/systemd/system/cairn-report.service"
	for unit in "${masked[@]}"; do
		ln -sf /dev/null "$1/etc/systemd/system/$unit"
	done
	chroot "$1" systemctl --quiet enable cairn-report.service
	printf 'LABEL=root / ext4 defaults,noatime 0 0\n' >"$1/etc/fstab"
	printf 'localhost\n' >"$1/etc/hostname"
	: >"$1/etc/machine-id"
	rm -f "$1"/etc/ssh/ssh_host_* "$1"/var/lib/dbus/machine-id "$1"/etc/resolv.conf
}

# build WORK OUT
build() {
	local root=$1/root
	mmdebstrap --quiet --variant=minbase --include="$packages" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--essential-hook="'$here/debian.sh' hook before_packages \"\$1\"" \
		--customize-hook="'$here/debian.sh' hook after_packages \"\$1\"" \
		bookworm "$root"
	boot_partition "$1/boot" 48 "$root"/boot/vmlinuz-* "$root"/boot/initrd.img-* \
		"root=LABEL=root rw console=ttyS0 loglevel=4 mitigations=off nokaslr net.ifnames=0"
	rm -f "$root"/boot/vmlinuz-* "$root"/boot/initrd.img-*
	truncate -s 1500M "$1/ext4"
	mke2fs -q -t ext4 -L root -d "$root" "$1/ext4"
	disk "$2/debian.qcow2" "$1/boot" "$1/ext4"
}

if [[ ${1:-} == hook ]]; then
	"${@:2}"
	exit
fi
dir=$(cached debian build debian.sh debian/{initramfs-hook,cloud.cfg,cairn-report,cairn-report.service})
deliver "$dir" "${1:-}"
