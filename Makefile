# The commands of this repository. `make help` lists them.
# Everything is installed into .venv from hash-locked requirements; a second call finds it done.

PYTHON ?= python3
WORLD := examples/small-world
BIN := .venv/bin
RECOMMEND := $(BIN)/ringfence recommend $(WORLD)/flows --snapshot $(WORLD)/cluster
# Compiled afterwards on all cores: where Python may not write beside what it imports, each start takes 0.5 s longer.
PIP_INSTALL := -m pip --disable-pip-version-check install --quiet --no-compile
PIP := $(BIN)/python $(PIP_INSTALL)
PEERS := .venv/peers
WORKERS ?= 2
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command 'make lock'

# Say which stage runs; where a file is named by STAGE_SECONDS, note what it took there.
define stage
@printf '\n== %s\n' "$(1)"; began=$$(date +%s); $(2) && \
	if [ -n "$$STAGE_SECONDS" ]; then printf '%s %s\n' "$(1)" "$$(( $$(date +%s) - began ))" >> "$$STAGE_SECONDS"; fi
endef

install = $(PYTHON) -c '$(REFUSE_OLD_PYTHON)' && $(PYTHON) -m venv .venv && \
	$(PIP) --require-hashes --requirement requirements/$(1).txt && \
	$(PIP) --no-deps --no-build-isolation --editable . && \
	$(BIN)/python -m compileall -q -j 0 .venv/lib src

REFUSE_OLD_PYTHON := import sys; sys.exit(sys.version_info < (3, 11) and \
	f"{sys.executable} is Python {sys.version.split()[0]}, Ringfence needs 3.11 or newer: make … PYTHON=python3.13")

.DEFAULT_GOAL := help
.PHONY: help run test check format lint types imports pytest bench evaluate docs cases lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: .venv/run.stamp ## Recommend policies for the bundled small world
	@$(RECOMMEND)
	@printf '\nThe policy of namespace messaging:\n\n'
	@$(RECOMMEND) -n messaging -o yaml 2> /dev/null
	@printf '\nWhat it lets through, and what is not known yet:\n\n'
	@$(RECOMMEND) -n messaging 2> /dev/null

test: .venv/dev.stamp check pytest ## Run every check and every test

check: format lint types imports ## Run the checks that are not tests

format: .venv/dev.stamp
	$(call stage,format,$(BIN)/ruff format --check)

lint: .venv/dev.stamp
	$(call stage,lint,$(BIN)/ruff check)

types: .venv/dev.stamp
	$(call stage,types,$(BIN)/mypy)

imports: .venv/dev.stamp
	$(call stage,imports,$(BIN)/lint-imports)

pytest: .venv/dev.stamp
	$(call stage,pytest,$(BIN)/pytest -n $(WORKERS) --dist worksteal)

bench: .venv/dev.stamp $(if $(filter --peer,$(BENCH)),.venv/peers.stamp) ## Measure reading and recommending on a generated world
	@$(BIN)/python -m ringfence_lab.bench $(BENCH)

evaluate: .venv/dev.stamp ## Judge recommendations on generated worlds whose truth is known
	@$(BIN)/python -m ringfence_lab.evaluate $(EVALUATE)

docs: .venv/dev.stamp ## Write the generated parts of the documents anew
	@REGENERATE=1 $(BIN)/pytest -q -p no:randomly tests/docs

cases: .venv/dev.stamp ## Write the goldens of the tests anew, to be read in review
	@REGENERATE=1 $(BIN)/pytest -q

lock: .venv/dev.stamp ## Resolve requirements/*.txt anew from pyproject.toml
	$(LOCK) pyproject.toml --group build --output-file requirements/run.txt
	$(LOCK) pyproject.toml --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	$(LOCK) --group peers --output-file requirements/peers.txt

clean: ## Remove everything that a command made
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache dist
	find src lab tests docs -name __pycache__ -type d -prune -exec rm -rf {} +

# What runs is a part of what tests, with the same versions, so a venv made for tests also runs.
.venv/run.stamp: requirements/run.txt pyproject.toml
	$(call stage,install,$(call install,run))
	@touch $@

.venv/dev.stamp: requirements/dev.txt pyproject.toml
	$(call stage,install for tests,$(call install,dev))
	@touch .venv/run.stamp $@

# Programs of others that the benchmark runs beside ours: what they depend on stays apart from what we do.
.venv/peers.stamp: requirements/peers.txt | .venv/dev.stamp
	$(call stage,install the peers,$(PYTHON) -m venv $(PEERS) && \
		$(PEERS)/bin/python $(PIP_INSTALL) --require-hashes --requirement requirements/peers.txt)
	@touch $@
