#!/usr/bin/env bash
# One KVM host: a mount and a host name of its own, with virtlogd and libvirtd
# inside. Several of them share one machine, its network and its files.
#
#   host.sh up LAB NAME        start host NAME in folder LAB, print its facts
#   host.sh run LAB NAME       the same, and end it when standard input ends
#   host.sh exec LAB/NAME CMD  run a command on it (keeps the process id)
#   host.sh down LAB/NAME      end its guests and processes, remove LAB/NAME
#
# The facts are lines of key=value: dir, uri, bridge, pid. The hosts of one LAB
# share a bridge, which goes with the last of them. The user libvirt-qemu must
# be able to reach LAB. Needs root and `packages.sh hypervisor`.
#
# Private to a host, below LAB/NAME: /run, /etc/libvirt, /var/lib/libvirt,
# /var/cache/libvirt, /var/log/libvirt, /etc/hosts. All else is the machine's.
set -euo pipefail
shopt -s nullglob

self=$(readlink -f "$0")

die() {
	echo "host.sh: $*" >&2
	exit 1
}

# capabilities: the folder that keeps what libvirt has found out about QEMU.
capabilities() { echo "${CAIRN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cairn}/libvirt"; }
bridge() { echo "cairn-$(sha256sum <<<"$1" | cut -c 1-8)"; }
uri() { echo "qemu+unix:///system?socket=$1/run/libvirt/libvirt-sock"; }
ask() { timeout 60 virsh --quiet --connect "$(uri "$1")" "${@:2}"; }

# check LAB NAME: what would fail later with a worse message.
check() {
	[[ $EUID -eq 0 ]] || die "run as root"
	[[ $2 =~ ^[a-z][a-z0-9-]*$ ]] || die "host name \"$2\": use a-z, 0-9 and -, beginning with a letter"
	[[ ! -e $1/$2 ]] || die "$1/$2 exists: another host lives there"
	local socket=$1/$2/run/libvirt/libvirt-sock
	[[ ${#socket} -lt 108 ]] || die "$1 is too long for a socket below it by $((${#socket} - 107)) characters"
	setpriv --reuid libvirt-qemu --regid kvm --clear-groups test -x "$1" ||
		die "user libvirt-qemu cannot reach $1: use a folder below /tmp or /var/tmp with mode 755"
}

# furnish DIR: the host's private folders and libvirt's configuration.
furnish() {
	mkdir -p "$1"/{run/lock,etc,lib,cache/qemu/capabilities,log/qemu}
	cp -a /etc/libvirt/. "$1/etc/"
	rm -rf "$1"/etc/qemu/* # no default network, no autostart
	cp -a /var/lib/libvirt/. "$1/lib/"
	chmod 711 "$1/lib"
	local known
	known=("$(capabilities)"/*.xml)
	[[ ${#known[@]} -eq 0 ]] || cp -a "${known[@]}" "$1/cache/qemu/capabilities/"
	cat >>"$1/etc/libvirtd.conf" <<-CONF
		host_uuid = "$(cat /proc/sys/kernel/random/uuid)"
		auth_unix_ro = "none"
		auth_unix_rw = "none"
	CONF
	# Two hosts would name the same control groups.
	cat >>"$1/etc/qemu.conf" <<-CONF
		security_driver = "none"
		cgroup_controllers = []
	CONF
	printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "${1##*/}" >"$1/hosts"
}

# open_kvm: while the qemu user cannot open it, libvirt probes QEMU anew at
# every start of a guest, which takes seconds.
open_kvm() {
	[[ -e /dev/kvm ]] || return 0
	chgrp kvm /dev/kvm
	chmod 660 /dev/kvm
}

# inhabit DIR: the life of a host, inside its namespaces.
inhabit() {
	mount --bind "$1/hosts" /etc/hosts
	mount --bind "$1/etc" /etc/libvirt
	mount --bind "$1/lib" /var/lib/libvirt
	mount --bind "$1/cache" /var/cache/libvirt
	mount --bind "$1/log" /var/log/libvirt
	mount --bind "$1/run" /run
	hostname "${1##*/}"
	virtlogd 2>/var/log/libvirt/virtlogd.log &
	libvirtd 2>/var/log/libvirt/libvirtd.log &
	wait
}

# remember DIR: for the next host, which then starts in a tenth of the time.
remember() {
	local file part caps
	caps=$(capabilities)
	mkdir -p "$caps"
	for file in "$1"/cache/qemu/capabilities/*.xml; do
		! cmp -s "$file" "$caps/${file##*/}" || continue
		part=$(mktemp "$caps/.part.XXXXXX")
		cp "$file" "$part"
		mv "$part" "$caps/${file##*/}"
	done
}

add_bridge() {
	local name
	name=$(bridge "$1")
	[[ -e /sys/class/net/$name ]] && return
	ip link add "$name" type bridge
	ip link set "$name" addrgenmode none up
}

# await DIR: until libvirtd answers and knows its emulators.
await() {
	local pid=$2 deadline=$((SECONDS + 30))
	until [[ -S $1/run/libvirt/libvirt-sock ]]; do
		alive "$pid" || return 1
		[[ $SECONDS -lt $deadline ]] || return 1
		sleep 0.02
	done
	ask "$1" domcapabilities --virttype qemu >/dev/null
}

# give_up undoes a start that failed at any step, and tells what the host said.
give_up() {
	local file
	for file in "$starting"/log/*.log; do
		tail -n 20 "$file" >&2
	done
	[[ ! -e $starting/pid ]] || down "$starting"
	[[ ! -e $starting ]] || clear "$starting"
	echo "host.sh: host $starting did not come up" >&2
}

up() {
	[[ $# -eq 2 ]] || die "usage: host.sh up LAB NAME"
	mkdir -p "$1"
	local lab dir pid lock
	lab=$(readlink -f "$1")
	dir=$lab/$2
	check "$lab" "$2"
	exec {lock}<"$lab"
	flock "$lock"
	starting=$dir
	trap give_up EXIT
	furnish "$dir"
	open_kvm
	add_bridge "$lab"
	setsid env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 unshare --mount --uts --propagation private "$self" inhabit "$dir" \
		</dev/null >"$dir/log/host.log" 2>&1 {lock}<&- &
	pid=$!
	echo "$pid" >"$dir/pid"
	exec {lock}<&-
	await "$dir" "$pid"
	remember "$dir"
	trap - EXIT
	printf '%s\n' "dir=$dir" "uri=$(uri "$dir")" "bridge=$(bridge "$lab")" "pid=$pid"
}

# run LAB NAME: the caller's death closes standard input too, so that no host
# outlives the program that wanted it.
run() {
	up "$@"
	trap 'down "$starting"' EXIT
	echo ready
	cat >/dev/null
}

enter() {
	local pid
	pid=$(cat "$1/pid" 2>/dev/null) || die "no host at $1"
	exec nsenter --target "$pid" --mount --uts --wdns="$PWD" -- "${@:2}"
}

# inhabitants DIR: the ids of all processes for which /run is this host's, so
# of all that were started on it; the one that waits for the daemons comes last.
inhabitants() {
	local holder pid last=
	holder=$(cat "$1/pid")
	for pid in /proc/[0-9]*; do
		[[ $pid/root/run -ef $1/run ]] || continue
		pid=${pid#/proc/}
		if [[ $pid == "$holder" ]]; then
			last=$pid
		else
			echo "$pid"
		fi
	done
	[[ -z $last ]] || echo "$last"
}

# alive PID: false for a zombie as well, which whoever adopted it may reap late.
alive() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ ${stat##*) } != Z* ]]
}

# gone PID...: ends processes, each within 5 s.
gone() {
	local pid tries
	for pid in "$@"; do
		kill -TERM "$pid" 2>/dev/null || continue
		for ((tries = 0; tries < 250; tries++)); do
			alive "$pid" || continue 2
			sleep 0.02
		done
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# end_guests DIR: as libvirt does, which gives image files back to their owners.
end_guests() {
	local name
	[[ -S $1/run/libvirt/libvirt-sock ]] || return 0
	ask "$1" list --name | while read -r name; do
		[[ -z $name ]] || ask "$1" destroy "$name" >/dev/null
	done
}

# clear DIR: the host's folder and, after the last host, the bridge.
clear() {
	local lab others
	lab=$(dirname "$1")
	rm -rf "$1"
	others=("$lab"/*/pid)
	[[ ${#others[@]} -gt 0 ]] || ip link delete "$(bridge "$lab")" 2>/dev/null || true
}

down() {
	local dir lab pids lock
	dir=$(readlink -f "$1")
	[[ -e $dir/pid ]] || die "no host at $1"
	lab=$(dirname "$dir")
	exec {lock}<"$lab"
	flock "$lock"
	end_guests "$dir" || true # a host whose libvirtd is gone has an end as well
	mapfile -t pids < <(inhabitants "$dir")
	gone "${pids[@]}"
	clear "$dir"
	exec {lock}<&-
}

case ${1:-} in
up) up "${@:2}" ;;
run) run "${@:2}" ;;
exec) enter "${@:2}" ;;
down) down "${@:2}" ;;
inhabit) inhabit "${@:2}" ;;
*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" && exit 2 ;;
esac
