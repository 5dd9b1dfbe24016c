#!/usr/bin/env bash
# Builds the probe guest: Debian's cloud kernel with a busybox initramfs that
# reports on the serial console what its CD drives hold (see probe-init).
#
#   probe.sh [OUT]    probe.qcow2 (boots by itself under SeaBIOS), vmlinuz and
#                     initrd (for direct kernel boot), in OUT; without OUT the
#                     folder in the cache that holds them is printed
#
# Needs `packages.sh guest`, and the network for the first kernel download.
# shellcheck source-path=SCRIPTDIR source=build.sh
source "$(dirname "$(readlink -f "$0")")/build.sh"

# In this order PID 1 loads them. The loops over SCSI hosts come last, so that
# a loaded driver means a drive that is there.
modules=(sr_mod isofs nls_utf8 virtio_pci virtio_blk virtio_net button evdev virtio_scsi ata_generic ata_piix)

# root_tree KERNEL_TREE ROOT: the initramfs as a folder.
root_tree() {
	local tree=$1 root=$2 version number=10 module path
	version=$(ls "$tree/lib/modules")
	depmod -b "$tree" "$version"
	mkdir -p "$root"/{bin,dev,proc,sys,mnt,tmp,etc,modules}
	cp /bin/busybox "$root/bin/busybox"
	install -m 755 "$here/probe-init" "$root/init"
	for module in "${modules[@]}"; do
		modprobe -d "$tree" -S "$version" --show-depends "$module"
	done | awk '!seen[$2]++ { print $2 }' | while read -r path; do
		cp "$path" "$root/modules/$((number++))-${path##*/}"
	done
}

# build WORK OUT
build() {
	local package
	package=$(kernel_package)
	dpkg -x "$package" "$1/kernel"
	root_tree "$1/kernel" "$1/root"
	cp "$1"/kernel/boot/vmlinuz-* "$2/vmlinuz"
	(cd "$1/root" && find . | cpio --quiet -o -H newc | gzip -9) >"$2/initrd"
	boot_partition "$1/boot" 24 "$2/vmlinuz" "$2/initrd" "console=ttyS0 quiet mitigations=off nokaslr panic=1"
	disk "$2/probe.qcow2" "$1/boot"
}

dir=$(cached probe build probe.sh probe-init)
deliver "$dir" "${1:-}"
