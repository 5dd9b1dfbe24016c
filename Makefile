# Cairn. `make` alone lists what can be made.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
TAGS := libvirt_dlopen
# Without gRPC's request traces, which nothing shows, a program is a fifth smaller.
BUILDTAGS := $(TAGS),grpcnotrace
GO := go
BIN := bin

.PHONY: help build test demo demo-down bench fuzz lint fmt gen sizes clean packages

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

packages: ## install the Debian packages that tests and the demo need (as root)
	@test/lab/packages.sh

build: ## build both programs into bin/
	@mkdir -p $(BIN)
	$(GO) build -trimpath -tags $(BUILDTAGS) -o $(BIN)/ ./controller/cmd/cairn-controller ./agent/cmd/cairn-agent

demo: packages build ## a whole cloud on this machine: deploys a VM and shows what its guest saw (as root)
	@$(GO) run -tags $(TAGS) ./test/demo up

demo-down: ## end the demo's cloud
	@$(GO) run -tags $(TAGS) ./test/demo down

test: packages ## every test, on real components (as root)
	@test -z "$$(gofmt -s -l $$(git ls-files '*.go'))" || { gofmt -s -d $$(git ls-files '*.go'); exit 1; }
	$(GO) vet -tags $(TAGS) ./...
	$(GO) test -race -tags $(TAGS) -timeout 20m -p 2 ./...

bench: packages build ## the figures, each beside a named rival in the same run (as root)
	@$(GO) run -tags $(TAGS) ./test/bench/print

FUZZTIME ?= 30s
fuzz: packages ## each fuzz target for FUZZTIME (30s)
	@test/fuzz.sh $(FUZZTIME)

lint: ## golangci-lint, pinned
	$(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run --build-tags $(TAGS) ./...

fmt: ## format
	gofmt -s -w $$(git ls-files '*.go' ':!proto/gen')

gen: ## make the Go code of the protocol anew (needs protoc)
	@proto/generate.sh

sizes: ## the largest files and functions
	@git ls-files '*.go' ':!proto/gen' | xargs wc -l | grep -v ' total$$' | sort -rn | head -10

clean: ## remove what was built
	rm -rf $(BIN) .bench
