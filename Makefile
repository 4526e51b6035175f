# Everything a person does here, in short targets. `make` alone lists them.
SHELL := /bin/bash -euo pipefail
.DEFAULT_GOAL := help

PYTHON ?= python3.13
LOCAL := .local
VENV := .venv/bin
SAM := $(LOCAL)/venvs/sam/bin/sam
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test unit local build check deploy clean setup

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready $(LOCAL)/venvs/sam/ready $(LOCAL)/venvs/ministack/ready $(LOCAL)/venvs/lambda/ready ## make the environments: project, SAM CLI, embedded AWS, Lambda

# An environment is ready when its marker is newer than its pins.
define make_venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || \
	  { echo "error: Python 3.13 is needed and '$(PYTHON)' is not it. Install it, or name it: make PYTHON=/path/to/python3.13" >&2; exit 1; }
	@echo "making $(@D)" >&2
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r $<
endef

.venv/ready: requirements/dev.txt
	$(make_venv)
	@.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(LOCAL)/venvs/%/ready: requirements/%.txt
	$(make_venv)
	@touch $@

check: setup ## format, lint, types, directions of imports, template
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	@for function in functions/*; do echo "mypy $$function"; $(VENV)/mypy $$function/app.py; done
	$(VENV)/lint-imports --no-logo
	$(VENV)/cfn-lint template.yaml
	$(SAM) validate --lint --config-env local
	@! git grep -nIE -e '-----BEGIN [A-Z ]*PRIVATE KEY-----$$' -e 'eyJ[A-Za-z0-9_-]{20,}' || { echo "error: a key or a token stands in a file" >&2; exit 1; }

test: setup ## run every test: units and semantics in process, the deploy on the embedded AWS
	$(VENV)/pytest $(TESTS)

unit: .venv/ready ## run the fast tests only
	$(VENV)/pytest tests/unit

clean: ## remove everything that was built or installed
	rm -rf .venv .local .aws-sam .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
