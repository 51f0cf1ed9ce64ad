# `make` lists the targets. Everything runs in .venv, which is made on first use.

STACK ?= local
PROCESSES ?= auto# that tests run in: one for each core, up to four; 0: in pytest's own
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

# What a stack needs beside `local`: the SDK of the target that its file names.
TARGET = $(shell sed -n 's/^ *orderly:target: *\([a-z]*\).*/\1/p' Pulumi.$(STACK).yaml 2>/dev/null)
SDK = .venv/.$(or $(filter aws gcp azure,$(TARGET)),local)

BIN := .venv/bin
SCRIPTS := tools/pulumi/pulumi-language-python local_provider/pulumi-resource-local \
  azure_publisher/pulumi-resource-azurepublisher
SIMULATED := tests/engine/aws/provider/pulumi-resource-aws tests/engine/gcp/provider/pulumi-resource-gcp \
  tests/engine/azure/provider/pulumi-resource-azure-native tests/engine/azure/publisher/pulumi-resource-azurepublisher \
  tests/e2e/aws/provider/pulumi-resource-aws
TOOLS := tools/pulumi/install.py tools/pulumi/environment.py

# The exports go through a variable because `eval "$(...)"` alone would go on after a failure.
IN_PATH = exports=$$($(BIN)/python tools/pulumi/environment.py) && eval "$$exports" &&
IN_STACK = exports=$$($(BIN)/python tools/pulumi/environment.py $(STACK)) && eval "$$exports" &&
# Pulumi writes the salt of this machine's passphrase into the tracked Pulumi.local.yaml, though its state has it too.
PULUMI = $(IN_STACK) trap 'sh tools/pulumi/forget-salt' EXIT && pulumi stack select --create --non-interactive $(STACK) && pulumi --non-interactive --stack $(STACK)
OPERATE = $(BIN)/python -m operations --stack $(STACK)

.PHONY: help demo up preview refresh destroy test test-unit test-conformance test-engine test-program test-e2e \
	check bench bench-cold chaos conformance conformance-mutants cost dead-letters engines env hostile lint lock orders \
	parity queues redrive screenshots smoke soak test-browser test-hostile types clean
.NOTPARALLEL: # the order of prerequisites is the order of work, with -j too
.DELETE_ON_ERROR:
.SECONDEXPANSION: # a stack's SDK is known once STACK is

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: override STACK := local
demo: up ## Start the local system, place three orders and show what became of them
	@$(IN_STACK) $(BIN)/python -m demo

up: $$(SDK) ## Create or update the system of STACK (default: local)
	@$(PULUMI) up --yes

preview: $$(SDK) ## Show what `make up` would change
	@$(PULUMI) preview

refresh: $$(SDK) ## Make the state of STACK match what is really there
	@$(PULUMI) refresh --yes

destroy: $$(SDK) ## Remove the system of STACK
	@$(PULUMI) destroy --yes

orders: $$(SDK) ## Show the newest orders of STACK (ID=: one with its timeline and saga; STATUS=, LIMIT=)
	@$(OPERATE) $(if $(ID),order '$(ID)',orders $(if $(STATUS),--status '$(STATUS)') $(if $(LIMIT),--limit '$(LIMIT)'))

queues: $$(SDK) ## Show how full each queue of STACK is
	@$(OPERATE) queues

dead-letters: $$(SDK) ## Show what no consumer of STACK could handle, and why (QUEUE=: of one queue)
	@$(OPERATE) dead-letters $(if $(QUEUE),--queue '$(QUEUE)')

redrive: $$(SDK) ## Send dead letters of QUEUE back (ID=: one of them; DRY_RUN=1: only show them)
	@$(OPERATE) redrive $(if $(QUEUE),--queue '$(QUEUE)') $(if $(ID),--id '$(ID)') $(if $(DRY_RUN),--dry-run)

env: $$(SDK) ## Print exports for typing pulumi by hand: eval "$(make -s env)"
	@$(BIN)/python tools/pulumi/environment.py $(STACK)

test: .venv/.dev engines ## Run every test
	@$(IN_PATH) pytest -n $(PROCESSES) $(if $(filter auto,$(PROCESSES)),--maxprocesses 4) --dist loadscope --no-loadscope-reorder

test-unit test-conformance test-engine test-program test-e2e test-browser test-hostile: test-%: .venv/.dev
	@$(IN_PATH) pytest tests/$*

test-conformance test-e2e test-browser test-hostile: engines

test-unit: ## Run the tests that do no I/O beyond files of their own
test-conformance: ## Run each port's and contract's suite against the targets
test-engine: ## Run the tests that drive the real Pulumi engine
test-program: ## Run the stack files end to end under mocks
test-browser: ## Use the console in a headless Chromium
test-hostile: ## Send the local system what it must refuse
test-e2e: ## Place orders over HTTP on a system made for it, or at ORDERLY_E2E_URL

conformance: .venv/.dev engines ## Run CASES generated sagas on each engine (default: 5000, drawn anew)
	@CASES=$${CASES:-5000} $(BIN)/pytest tests/conformance/saga/test_generated.py

conformance-mutants: .venv/.dev engines ## Break each saga compiler in over 20 ways and show that the suite notices
	@$(BIN)/python -m tests.conformance.saga.mutants

parity: .venv/.dev engines ## Run the saga rules on each engine and print docs/parity.md and docs/order-saga anew
	@$(BIN)/python -m components.saga.artefacts docs/order-saga
	@WRITE_SAGA_RUNS=1 $(BIN)/pytest -q tests/conformance/saga/test_rules.py
	@$(BIN)/python -m components.parity > docs/parity.md

bench: .venv/.dev ## Measure the local system: orders a second, latencies, next to DBOS and bare SQLite (about 5 minutes)
	@$(BIN)/python -m benchmarks.local --write benchmarks/results/local.json
	@$(BIN)/python -m benchmarks.local.plot benchmarks/results/local.json docs/local-performance.svg

soak: .venv/.dev ## Run the local system at half load for MINUTES (default: 10); fails when memory, files, threads or log grow
	@$(BIN)/python -m benchmarks.local.soak --minutes $${MINUTES:-10}

chaos: .venv/.dev ## Kill the local system KILLS times while ORDERS arrive, then audit it (MODE=kill|disk-full|torn-wal, SEED=, KEEP=)
	@$(IN_PATH) python -m chaos --mode $${MODE:-kill} --rounds $${KILLS:-100} --orders $${ORDERS:-1000} $(if $(SEED),--seed $(SEED)) $(if $(KEEP),--keep '$(KEEP)')

hostile: .venv/.dev engines ## Send the local system more of what it must refuse: HOSTILE made-up requests (default: 200), drawn anew
	@HOSTILE=$${HOSTILE:-200} $(BIN)/pytest -s tests/hostile

bench-cold: .venv/.dev .engines/azure-worker/.made ## Measure how long each function takes to start on each cloud, next to the bare SDK and other frameworks
	@$(BIN)/python -m benchmarks.cold_start --write benchmarks/results/cold_start.json

cost: .venv/.dev ## Price ORDERS orders (default: 1000000) as STACK is set, by the calls of one that were counted (ON=aws|gcp|azure: there)
	@$(BIN)/python -m benchmarks.cost --stack $(STACK) --orders $${ORDERS:-1000000} $(if $(ON),--target $(ON))

screenshots: .venv/.dev ## Take the pictures of the console anew
	@$(BIN)/python -m tests.browser.screenshots docs/console

smoke: $$(SDK) .venv/.dev ## Place orders on the live system of STACK, with ORDERLY_E2E_TOKEN
	@$(IN_STACK) $(BIN)/python -m tests.e2e.smoke $(STACK)

check: lint types test ## Run everything that CI runs

lint: .venv/.dev ## Check format and style
	@$(BIN)/ruff format --check . $(SCRIPTS) $(SIMULATED)
	@$(BIN)/ruff check . $(SCRIPTS) $(SIMULATED)

types: .venv/.dev ## Check types
	@$(BIN)/mypy
	@$(BIN)/mypy --scripts-are-modules $(TOOLS) $(SCRIPTS)

lock: .venv/.uv ## Pin requirements/*.in again (UPGRADE=--upgrade: to the newest versions)
	$(COMPILE) requirements/uv.in --output-file requirements/uv.txt
	$(COMPILE) requirements/local.in --output-file requirements/local.txt
	$(COMPILE) requirements/aws.in --constraint requirements/local.txt --output-file requirements/aws.txt
	$(COMPILE) requirements/gcp.in --constraint requirements/local.txt --output-file requirements/gcp.txt
	$(foreach zip,$(PACKAGES),$(COMPILE_ZIP) requirements/functions/$(zip).in --output-file requirements/functions/$(zip).txt &&) true
	$(PIN) $(GOOGLE) requirements/functions/gcp.in --constraint requirements/gcp.txt --constraint requirements/functions/aws.txt --output-file requirements/functions/gcp.txt
	$(COMPILE) requirements/azure.in $(foreach pins,local functions/gcp,--constraint requirements/$(pins).txt) --output-file requirements/azure.txt
	$(PIN) $(GOOGLE) requirements/functions/azure.in $(foreach pins,azure functions/aws functions/gcp,--constraint requirements/$(pins).txt) --output-file requirements/functions/azure.txt
	$(COMPILE_ZIP) requirements/benchmarks.in --constraint requirements/functions/aws.txt --output-file requirements/benchmarks.txt
	$(COMPILE) requirements/dev.in $(foreach pins,aws functions/aws gcp functions/gcp azure functions/azure,--constraint requirements/$(pins).txt) --output-file requirements/dev.txt
	$(PIN) --universal --python-version 3.13 requirements/engines/azure-worker.in --output-file requirements/engines/azure-worker.txt
	$(foreach engine,$(ENGINES),$(COMPILE) requirements/engines/$(engine).in --output-file requirements/engines/$(engine).txt &&) true
	@! grep -nE '^ *--(index|extra-index|find|trusted)|://' requirements/*.txt requirements/*/*.txt \
		|| { echo 'make lock: the lines above name a package index, which is each machine'"'"'s own: remove them' >&2; exit 1; }

COMPILE = $(PIN) --universal --python-version 3.11
COMPILE_ZIP = $(PIN) $(LAMBDA)
LAMBDA = --python-platform aarch64-manylinux_2_28 --python-version 3.13
GOOGLE = --python-platform x86_64-manylinux_2_28 --python-version 3.13
PACKAGES := aws aws-authorizer
PIN = $(BIN)/uv pip compile --quiet $(UPGRADE) --generate-hashes --no-emit-index-url --no-header

clean: ## Remove .venv and caches; the local system and its state in .orderly stay
	rm -rf .venv .engines .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes

.venv/.dev: requirements/dev.txt .venv/.aws .venv/.gcp .venv/.azure
	@$(INSTALL) -r $<
	@$(BIN)/python -m compileall -qq -j 0 .venv/lib || true # where Python may write none, each of the tests' processes would
	@touch $@

# Each in an environment of its own: they pin what they share, and none is loaded by Orderly.
ENGINES := ministack workflows durable parliament schemathesis
engines: $(ENGINES:%=.engines/%/.made) .engines/asl/.made .engines/axe/.made .engines/pstest/.made .engines/azure-worker/.made ## Install what the tests run beside Orderly: engines, fakes and checkers

.engines/asl/.made .engines/axe/.made: .engines/%/.made: tools/%/package.json tools/%/package-lock.json
	@command -v npm > /dev/null || { echo 'make: no npm on PATH: the tests check what is made for Step Functions' \
		'and the pages of the console with npm packages; install Node.js' >&2; exit 1; }
	@mkdir -p $(@D) && cp $^ $(@D)
	@npm ci --prefix $(@D) --silent --no-audit --no-fund
	@touch $@

PSTEST := tests/gcp/pubsub/server
.engines/pstest/.made: $(PSTEST)/main.go $(PSTEST)/go.mod $(PSTEST)/go.sum
	@command -v go > /dev/null || { echo 'make: no go on PATH: the tests publish to a fake of Pub/Sub that is' \
		'a Go module of Google'"'"'s; install Go' >&2; exit 1; }
	@mkdir -p $(@D)
	@cd $(PSTEST) && go build -trimpath -ldflags '-s -w' -o $(abspath $(@D))/pstest .
	@touch $@

# Its Python is the platform's. Where there is none, the tests call the SDK directly, and say so.
.engines/azure-worker/.made: requirements/engines/azure-worker.txt .venv/.uv
	@mkdir -p $(@D)
	@python=$$(python3.13 -c 'import sys; print(sys.executable)' 2> /dev/null) || exit 0; \
		$(BIN)/uv venv --quiet --clear --python "$$python" $(@D) \
		&& $(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

.engines/%/.made: requirements/engines/%.txt .venv/.uv
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .engines/$*
	@$(BIN)/uv pip install --quiet --python .engines/$*/bin/python --require-hashes -r $<
	@touch $@

.venv/.aws .venv/.gcp .venv/.azure: .venv/.%: requirements/%.txt .venv/.local
	@$(INSTALL) -r $<
	@touch $@

.venv/.local: requirements/local.txt .venv/.uv
	@$(INSTALL) -r $<
	@touch $@

.venv/.uv: requirements/uv.txt
	@test -n '$(PYTHON)' || { echo 'make: no Python of 3.11 or newer with its venv module on PATH:' \
		'install one (Debian: python3 python3-venv), or name it: make PYTHON=/path/to/python' >&2; exit 1; }
	@echo 'making .venv with $(PYTHON)' >&2
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< >&2
	@touch $@
