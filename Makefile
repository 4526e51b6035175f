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

.venv/ready: requirements/dev.txt pyproject.toml
	$(make_venv)
	@.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(LOCAL)/venvs/%/ready: requirements/%.txt
	$(make_venv)
	@touch $@

clean: ## remove everything that was built or installed
	rm -rf .venv .local .aws-sam .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
