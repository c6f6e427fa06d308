# One target a habit; `.ci/run` calls the same ones. Written for GNU Make 3.81, the one macOS ships.

CARGO ?= cargo
# Where tests/tools/build.sh puts the tools; it also says what it needs when something is missing.
BIN := .cache/bin
TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
MUTANTS_FILES ?= core/src/rules/*.rs
# In CI a stale Cargo.lock is a failure; at a desk cargo brings it up to date.
LOCKED := $(if $(CI),--locked)

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench bench-audit bench-check fuzz mutants certs clean dev need-cargo

help: ## Show this list
	@echo 'vcluster-guard'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Built without optimisation: what a newcomer waits for on a cold machine is the compiler.
run: certs ## Serve on https://localhost:9443 without a cluster, send it the samples of examples/, stay until ^C
	$(CARGO) run $(LOCKED) --quiet --example send

demo: need-cargo ## Start a real control plane with the guard installed, tell its story with kubectl, stay until ^C
	tests/tools/build.sh
	$(CARGO) build $(LOCKED) --bin vcluster-guard --example demo
	$(CARGO) run $(LOCKED) --quiet --example demo

test: need-cargo ## Run every test, those against a real control plane too
	tests/tools/build.sh
	$(CARGO) test $(LOCKED) --workspace

check: need-cargo $(BIN)/helm ## Check format, lints, documentation, chart, generated files and dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy $(LOCKED) --workspace --all-targets -- -D warnings
	$(CARGO) clippy $(LOCKED) --test fuzz -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc $(LOCKED) --no-deps --workspace
	$(BIN)/helm lint --strict deploy/chart
	$(BIN)/helm lint --strict deploy/chart --values deploy/chart/ci/secret-values.yaml
	$(BIN)/helm lint --strict deploy/chart --values deploy/chart/ci/audit-values.yaml
	deploy/render.sh --check
	$(CARGO) build $(LOCKED) --bin vcluster-guard
	docs/generate.sh --check $(TARGET_DIR)/debug/vcluster-guard
	@if $(CARGO) deny --version >/dev/null 2>&1; then \
	  set -x; $(CARGO) deny check; \
	else \
	  echo 'NOT CHECKED: licences, bans and advisories (deny.toml). To check them: cargo install --locked cargo-deny'; \
	fi

# BENCH_STRICT=1 fails when a target is missed; BENCH_ROUNDS and BENCH_SLICE_MS say how long it takes.
bench: need-cargo ## Measure the release build against the least that a webhook can cost: under a minute, after the build
	$(CARGO) bench $(LOCKED) --bench admission

# BENCH_VCLUSTERS names other sizes: BENCH_VCLUSTERS='100 1000' make bench-audit
bench-audit: need-cargo ## Measure an audit of 100, 1,000 and 10,000 vClusters in a real control plane: some ten minutes
	tests/tools/build.sh kubernetes etcd
	$(CARGO) bench $(LOCKED) --bench audit

# BENCH_RELEASES says over how many, BENCH_MANIFESTS takes a directory of real ones.
bench-check: need-cargo $(BIN)/helm ## Measure check over a thousand rendered releases, and beside Helm
	$(CARGO) bench $(LOCKED) --bench check -- --helm $(CURDIR)/$(BIN)/helm

# FUZZ_SECONDS says how long, FUZZ_SEED where to begin.
fuzz: need-cargo ## Compare the config reader with that of vCluster, which is Go, on generated texts
	@command -v go >/dev/null || { echo 'error: go was not found. Install Go 1.26 or newer (see go.dev/dl).' >&2; exit 1; }
	mkdir -p $(BIN)
	cd tests/fuzz && GOWORK=off CGO_ENABLED=0 go build -mod=readonly -trimpath -o $(CURDIR)/$(BIN)/yaml-oracle .
	$(CARGO) test $(LOCKED) --test fuzz -- --oracle $(BIN)/yaml-oracle

# MUTANTS_FILES says where; what may survive stands in docs/mutants.md. Two hours for all rules on two cores.
mutants: need-cargo ## Break the rules in every small way and see that a test notices
	@$(CARGO) mutants --version >/dev/null 2>&1 || { \
	  echo 'error: cargo-mutants was not found. Install it: cargo install --locked cargo-mutants' >&2; exit 1; }
	CARGO_PROFILE_DEV_DEBUG=0 $(CARGO) mutants --package vcluster-guard-core --output $(TARGET_DIR) --file '$(MUTANTS_FILES)'

certs: certs/tls.crt ## Make development certificates in certs/, when there are none

clean: ## Remove what was built and the development certificates; the cached tools in .cache/ stay
	$(CARGO) clean
	rm -f certs/*.crt certs/*.key

# Server and client in one cargo call: two calls would select features apart and compile some dependencies twice.
dev: need-cargo
	$(CARGO) build $(LOCKED) --bin vcluster-guard --example send

certs/tls.crt: | dev
	$(TARGET_DIR)/debug/vcluster-guard certs dev --dir certs

$(BIN)/helm:
	tests/tools/build.sh helm

need-cargo:
	@command -v $(CARGO) >/dev/null || { \
	  echo 'error: cargo was not found. Install Rust with rustup (see rust-lang.org/tools/install), or set CARGO=/path/to/cargo.' >&2; \
	  exit 1; }
