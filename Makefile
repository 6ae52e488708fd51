# Rounds (巡岗). `make` alone lists the commands.

PYTHON ?= python3
OURS := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test dev check soak simulate bench cluster screens generate verify setup

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .python ## set up what is missing and serve on http://127.0.0.1:8080
	@$(PYTHON) -m tools.setup
	@exec $(OURS) -m server.cli serve

test: .python ## run all tests; ARGS="-k coverage" goes to pytest
	@$(PYTHON) -m tools.setup --dev
	@$(OURS) -m tools.run_tests $(ARGS)

dev: .python ## both sides with hot reload, on http://127.0.0.1:5173
	@$(PYTHON) -m tools.setup --dev --no-build
	@exec $(OURS) -m tools.dev

check: .python ## formatting, lint, types, import directions, sizes, stale files
	@$(PYTHON) -m tools.setup --dev --no-build
	@$(OURS) -m tools.check

soak: .python ## the full form of every long test
	@$(PYTHON) -m tools.setup --dev
	@$(OURS) -m tools.run_tests --soak $(ARGS)

simulate: .python ## N histories of devices and a server from SEED on, and all mutants
	@$(PYTHON) -m tools.setup --dev --no-build
	@$(OURS) -m tests.simulation $(or $(N),1000) $(or $(SEED),0)

bench: .python ## our figures beside the raw limits of this machine, one JSON line each; ARGS="sqlite growth" chooses
	@$(PYTHON) -m tools.setup --dev
	@$(OURS) -m bench $(ARGS)

cluster: .python ## several app servers on this machine: PostgreSQL, Redis, S3, nginx, on http://127.0.0.1:8090
	@$(PYTHON) -m tools.setup
	@exec $(OURS) -m tools.cluster

screens: .python ## every screen at its sizes, as PNG into build/screens/
	@$(PYTHON) -m tools.setup --dev
	@$(OURS) -m tests.browser.screens

generate: .python ## write what is derived from schemas/: JSON Schema, OpenAPI and pwa/src/contract/
	@$(PYTHON) -m tools.setup --dev --no-build
	@$(OURS) -m schemas.export
	@$(OURS) -m server.cli openapi schemas/generated/openapi.json

verify: .python ## prove every chain, record, photo and signature in ROUNDS_DATA; reads only
	@$(PYTHON) -m tools.setup --no-build
	@$(OURS) -m server.cli verify

setup: .python ## only set up: packages, and the app built
	@$(PYTHON) -m tools.setup --dev

# Asked first and in words that any Python understands, so that an old one is told what is wrong.
.PHONY: .python
.python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	  echo "Rounds needs Python 3.11 or newer, and '$(PYTHON)' is not on the path."; \
	  echo "Install it, or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Rounds needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name a newer one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
