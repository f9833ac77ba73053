# The ways to use this tree. `make help` lists them.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

root := $(filter 0,$(shell id -u))
export CAMBIUM_CACHE ?= $(if $(root),/var/cache/cambium,$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/cambium)
# A libtorch of the user's own is used as it is; otherwise the pinned one is fetched.
ifeq ($(LIBTORCH),)
fetch := env -u LIBTORCH python3 scripts/fetch.py
export LIBTORCH := $(CAMBIUM_CACHE)/libtorch-2.13.0
else
fetch := python3 scripts/fetch.py
export LIBTORCH
endif
# Queries are checked against the stored descriptions, whatever database the environment names.
export SQLX_OFFLINE := true
export PATH := $(PATH):$(HOME)/.cargo/bin
export PORT ?= 8123
export DEMO ?= 1
SECONDS ?= 180

.PHONY: help run test check fuzz generate generate-check bench clean system system-tests fetch web

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; do \
		printf '  make %-15s %s\n' "$$name" "$$what"; done
	@echo "  PORT=8123 and DEMO=1 are for run; CAMBIUM_DATA, CAMBIUM_CACHE and LIBTORCH name folders"

run: system fetch web ## build, start on http://127.0.0.1:PORT, publish the demo (DEMO=0: none)
	@cargo build --release --features torch --bins
	@exec scripts/run.sh

test: system-tests fetch ## everything that must hold: style, lints, generated files, all tests
	@exec python3 scripts/test.py

check: fetch ## the fast part of test: style, lints, unit tests
	cargo fmt --check
	cargo clippy --all-targets --features torch -- -D warnings
	cargo test --features torch --lib

fuzz: ## hostile bytes for all that reads uploads, SECONDS=180 for each reader
	@scripts/fuzz.sh $(SECONDS)

generate: system fetch ## query descriptions, openapi.json and what the web derives from it
	@exec scripts/generate.sh

generate-check: system fetch ## fails when generate would change a file
	@exec scripts/generate.sh --check

bench: system fetch web ## measurements
	cargo build --release --features torch
	python3 benches/smoke.py

clean: ## removes what was built here; CAMBIUM_CACHE stays
	rm -rf target fuzz/corpus fuzz/artifacts web/dist web/node_modules

system:
	@scripts/system.sh

system-tests:
	@scripts/system.sh chromium

fetch:
	@$(fetch)

# The web user interface, once there is one; rebuilt when something in it changed.
web_sources := $(shell find web \( -name node_modules -o -name dist -o -name test-results \
	-o -name playwright-report -o -name coverage \) -prune -o -type f -print 2>/dev/null)

web: $(if $(wildcard web/package.json),web/dist/index.html)

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(web_sources)
	cd web && npm run build
	@touch $@
