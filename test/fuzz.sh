#!/usr/bin/env bash
# fuzz.sh TIME: runs each fuzz target of the module for TIME (30s, 10m, …).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
time=${1:-30s}
grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do
	package=$(dirname "$file")
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$file" | while read -r target; do
		echo "fuzz $package $target $time"
		go test -tags libvirt_dlopen -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" </dev/null
	done
done
