#!/usr/bin/env bash
# generate.sh: makes proto/gen from the .proto files. Needs protoc (Debian:
# protobuf-compiler, libprotobuf-dev); the Go plugins are pinned here.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
GOBIN=$bin go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
GOBIN=$bin go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.0
PATH=$bin:$PATH protoc -I proto \
	--go_out=. --go_opt=module=github.com/cairn-kvm/cairn \
	--go-grpc_out=. --go-grpc_opt=module=github.com/cairn-kvm/cairn \
	proto/cairn/agent/v1/*.proto
