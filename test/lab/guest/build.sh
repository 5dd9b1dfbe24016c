# What the guest builders share: the cache, the kernel package, the boot disk.
# Sourced, not run.
#
#   CAIRN_CACHE   where built guests and downloads are kept
#                 (default ${XDG_CACHE_HOME:-$HOME/.cache}/cairn)
# shellcheck shell=bash
set -euo pipefail
shopt -s inherit_errexit

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cache=${CAIRN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cairn}

# cached NAME BUILD SOURCE...: prints the folder in which function BUILD left
# its files, for these sources (file names beside this one). Whoever comes
# second, in this process or another, waits for the first and builds nothing.
cached() {
	local name=$1 build=$2 key dir
	shift 2
	key=$(cd "$here" && sha256sum build.sh "$@" | sha256sum)
	dir=$cache/guest/$name-${key:0:16}
	mkdir -p "$cache/guest"
	exec 9>"$cache/guest/$name.lock"
	flock 9
	if [[ ! -d $dir ]]; then
		rm -rf --one-file-system "$cache/guest/.$name".* # of builds that were killed
		work=$(mktemp -d "$cache/guest/.$name.XXXXXX")
		trap 'rm -rf --one-file-system "$work"' EXIT
		mkdir "$work/out"
		"$build" "$work" "$work/out" >&2
		mv "$work/out" "$dir"
		find "$cache/guest" -maxdepth 1 -name "$name-*" ! -path "$dir" -mtime +7 -exec rm -rf {} +
	fi
	echo "$dir"
}

# deliver DIR OUT: copies a built guest to OUT, or names DIR when OUT is empty.
deliver() {
	if [[ -z $2 ]]; then
		echo "$1"
		return
	fi
	mkdir -p "$2"
	cp --reflink=auto --sparse=always "$1"/* "$2/"
}

# kernel_package: prints the path of Debian's cloud kernel package, downloaded
# at most once.
kernel_package() {
	local folder=$cache/kernel package
	mkdir -p "$folder"
	exec 8>"$folder/lock"
	flock 8
	package=$(find "$folder" -name 'linux-image-*.deb' | sort -V | tail -n 1)
	if [[ -z $package ]]; then
		download_kernel "$folder" >&2
		package=$(find "$folder" -name 'linux-image-*.deb')
	fi
	flock -u 8
	echo "$package"
}

# download_kernel FOLDER: fetches the package behind linux-image-cloud-amd64.
download_kernel() {
	local name part
	apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1 || apt-get -qq update
	name=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
	part=$(mktemp -d "$1/.part.XXXXXX")
	(cd "$part" && apt-get -qq -o APT::Sandbox::User=root download "$name")
	mv "$part"/*.deb "$1/"
	rmdir "$part"
}

# boot_partition FILE MIB KERNEL INITRD CMDLINE: a FAT file system that boots
# the kernel through syslinux, made without a mount.
boot_partition() {
	local config
	config=$(mktemp)
	printf 'DEFAULT linux\nPROMPT 0\nLABEL linux\n  KERNEL vmlinuz\n  INITRD initrd\n  APPEND %s\n' "$5" >"$config"
	mformat -i "$1" -C -T $(($2 * 2048)) -c 16 -h 255 -s 63 -H 2048 -v BOOT ::
	mcopy -i "$1" "$3" ::vmlinuz
	mcopy -i "$1" "$4" ::initrd
	mcopy -i "$1" "$config" ::syslinux.cfg
	rm -f "$config"
	syslinux --install "$1"
}

# disk QCOW2 BOOT [ROOT]: a disk with a master boot record that starts its
# first partition. Partitions begin at 1 MiB and have whole MiB.
disk() {
	local raw=$1.raw table=$'label: dos\n' type='e, bootable' end=1 part starts=()
	for part in "${@:2}"; do
		starts+=("$end")
		end=$((end + ($(stat -c %s "$part") + 1048575) / 1048576))
		table+="start=${starts[-1]}MiB, size=$((end - starts[-1]))MiB, type=$type"$'\n'
		type=83
	done
	truncate -s "${end}M" "$raw"
	sfdisk --quiet "$raw" <<<"$table"
	for part in "${@:2}"; do
		dd if="$part" of="$raw" bs=1M seek="${starts[0]}" conv=sparse,notrunc status=none
		starts=("${starts[@]:1}")
	done
	dd if=/usr/lib/syslinux/mbr/mbr.bin of="$raw" bs=440 count=1 conv=notrunc status=none
	qemu-img convert -O qcow2 -c -o compression_type=zstd "$raw" "$1"
	rm -f "$raw"
}
