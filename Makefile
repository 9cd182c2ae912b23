# `make` alone prints this list. Needs GNU make 3.81 or newer, and nothing of a system package by itself.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= $(shell sh tools/find-python.sh)
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
CODE := marketplace tracking matching compliance devices
CHECKED := $(CODE) tools tests benchmarks
TESTS ?= tests
WORKERS ?= 3
YES ?= 0
RUNS ?= 1
SIZE ?= small

BASE := $(VENV)/.stamp-base
DEV := $(VENV)/.stamp-dev
ASSETS := marketplace/web/static/vendor/.stamp
KERNELS := $(VENV)/.stamp-kernels
BYTECODE := $(VENV)/.stamp-bytecode

.PHONY: help env assets run test lint types format bench faults numbers doctor system requirements screenshots clean

help: ## This list
	@echo "Huanlian 环链. make TARGET:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile
	@echo "Variables: PORT=8000  DATABASE_URL=postgresql+psycopg://…  MQTT_URL=mqtt://…  PYTHON=python3.12  TESTS=tests/devices"

env: $(BASE) $(ASSETS) $(KERNELS) $(BYTECODE) ## Build .venv/ (with .venv/bin/huanlian), fetch the browser files, compile

assets: $(ASSETS) ## Fetch the third-party browser files and build the base map

run: env ## Start everything: web, ingest, worker, broker, simulated devices
	@exec $(BIN)/huanlian run

test: $(DEV) $(ASSETS) $(KERNELS) $(BYTECODE) lint types ## Lint, check the types, run every suite this machine has the parts for
	@$(PY) -m pytest -p tests.plugins.suites -n $(WORKERS) --dist worksteal $(TESTS)

lint: $(DEV) ## Style, formatting, the floors of the house, templates
	@$(PY) -m tools.lint

types: $(DEV) ## mypy, strict
	@$(BIN)/mypy
	@$(BIN)/mypy -p tools

format: $(DEV) ## Put code and templates into form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@if [ -d marketplace/web/templates ]; then $(BIN)/djlint --reformat --quiet marketplace/web/templates; fi

bench: $(DEV) $(ASSETS) $(KERNELS) $(BYTECODE) ## Measure the promised ratios
	@$(PY) -m benchmarks

faults: $(DEV) ## Kill everything in the telemetry's way, try orders of calls, RUNS=20 SIZE=full for the long form
	@FAULT_RUNS=$(RUNS) FAULT_SIZE=$(SIZE) $(PY) -m pytest -p tests.plugins.suites -n 0 tests/faults \
		tests/compliance/manifests/test_machine.py

numbers: $(DEV) ## Issue manifest numbers from several processes on both databases, SIZE=full for 8 x 1,000
	@NUMBERS_SIZE=$(SIZE) $(PY) -m pytest -p tests.plugins.suites -n 0 tests/compliance/manifests/test_numbering.py -k processes

doctor: ## Which optional parts are here, and the command for each that is not
	@$(if $(PYTHON),,$(call no_python)) $(PYTHON) -m tools.doctor

system: ## Install the optional parts (asks first; YES=1 does not)
	@$(if $(PYTHON),,$(call no_python)) YES=$(YES) $(PYTHON) -m tools.system

requirements: $(DEV) ## Compile requirements/*.txt anew from *.in
	@$(PY) -m tools.requirements

screenshots: $(DEV) $(ASSETS) ## Take the pictures the documents show
	@$(PY) -m tools.screenshots

clean: ## Remove what was built (.venv, browser files, caches); private data in var/ stays
	rm -rf $(VENV) node_modules marketplace/web/static/vendor build dist *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

define no_python
echo "No Python 3.11 or newer was found. Install one (Debian, Ubuntu: sudo apt install python3 python3-venv; \
macOS: brew install python@3.13) or name it: make $@ PYTHON=/path/to/python3.12" >&2; exit 1;
endef

$(BASE): requirements/base.txt requirements/build.txt pyproject.toml tools/environment.py
	@$(if $(PYTHON),,$(call no_python)) $(PYTHON) -m tools.environment base
	@touch $@

$(DEV): requirements/dev.txt requirements/build.txt pyproject.toml tools/environment.py
	@$(if $(PYTHON),,$(call no_python)) $(PYTHON) -m tools.environment dev
	@touch $(BASE) $@

$(KERNELS): matching/kernels.py matching/compiler.py $(wildcard matching/clearing/*.py matching/routing/search/*.py) | $(BASE)
	@$(BIN)/huanlian match prepare
	@touch $@

$(BYTECODE): $(shell find $(CODE) -name '*.py') | $(BASE)
	@$(PY) -m compileall -q -j 0 $(CODE)
	@touch $@

$(ASSETS): package.json package-lock.json .npmrc tools/assets.py tools/basemap.py requirements/node.txt | $(BASE)
	@$(PY) -m tools.assets
