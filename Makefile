# Everything a person does here, in short targets. `make` alone lists them.
SHELL := /bin/bash -euo pipefail
.DEFAULT_GOAL := help

# What is started a hundred times is compiled once, also where a machine's settings say otherwise.
export PYTHONDONTWRITEBYTECODE :=
# Files are UTF-8, whatever the person's language.
export PYTHONUTF8 := 1

PYTHON ?= python3.13
LOCAL := .local
VENV := .venv/bin
STACK := $(LOCAL)/venvs/local/bin
SAM := $(LOCAL)/venvs/sam/bin/sam

.PHONY: help demo test unit coverage local build check site no-secrets fix audit checkov sbom deploy preflight rollback prune remove docs walkthrough faults soak rotation fuzz bench bench-quick release dist clean setup

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Makes the named environments where their pins have changed.
define environments
	@$(PYTHON) -c 'import sys; sys.exit(sys.implementation.cache_tag != "cpython-313")' 2>/dev/null || \
	  { echo "error: Python 3.13 is needed and '$(PYTHON)' is not it. Install it, or name it: make PYTHON=/path/to/python3.13" >&2; exit 1; }
	@$(PYTHON) tools/environments.py $(1)
endef

setup: ## make all environments: project, local stack, SAM CLI, site, embedded AWS, Lambda, audits
	$(call environments,dev local sam site ministack lambda audit)

# ENV is an environment of samconfig.toml; the local one runs on this machine's processor.
ENV := default
ifeq ($(ENV),local)
ARCHITECTURE := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
endif
export SAM_CLI_TELEMETRY := 0

build: ## build what is deployed [ENV=default] [ARCHITECTURE=arm64]
	$(call environments,local sam)
	@PATH="$(CURDIR)/$(STACK):$$PATH" $(SAM) build --config-env $(ENV) $(if $(ARCHITECTURE),--parameter-overrides Architecture=$(ARCHITECTURE))
	@$(STACK)/python tools/lean.py .aws-sam/build

# make ends with 2 whatever has failed. tools/deploy.py itself: 1 begun and failed, 2 wrong words, 3 nothing is changed.
WITH = --sam $(SAM) --env '$(ENV)' $(if $(PLAN),--plan) $(if $(CONFIRM),--confirm '$(CONFIRM)')
# By the environment and as they are: make and the shell would carry out what stands in them, a dollar or a semicolon too.
$(foreach name,OSV OUT PARAMETERS REMOVE VERSION,$(eval export override $(name) := $$(value $(name))))
NAMED = --remove "$${REMOVE-}"
GIVEN = $(if $(ARCHITECTURE),Architecture=$(ARCHITECTURE)) --parameters "$${PARAMETERS-}"
define tool
	$(call environments,local sam)
	@$(STACK)/python tools/deploy.py $(1)
endef

preflight: ## check a deploy and build nothing [the variables of deploy]
	$(call tool,preflight $(WITH) $(NAMED) $(GIVEN))

deploy: ## check, build, deploy, prove that every alias runs it [ENV=default] [PARAMETERS="Name=value ..."] [REMOVE=orders] [PLAN=1] [CONFIRM=no]
	$(call tool,deploy --build $(WITH) $(NAMED) $(GIVEN))

rollback: ## put back the build before the present one; again, and it is there again [ENV=default] [REMOVE=orders] [PLAN=1] [CONFIRM=no]
	$(call tool,rollback $(WITH) $(NAMED))

prune: ## delete old versions of functions and client layer [ENV=default] [PLAN=1] [CONFIRM=no]
	$(call tool,prune $(WITH))

remove: ## remove a stack, and name what stays [ENV=default] [PLAN=1] [CONFIRM=no]
	$(call tool,remove $(WITH))

demo: ## show every promise on this machine, and check it: no account, no containers
	$(call environments,local sam ministack lambda)
	@$(STACK)/python -m sfmint_local.demo

local: ## run the local stack until Ctrl-C [CONNECTIONS=orders,billing] [TOKEN_HOSTS=host:port] [CA_BUNDLE=file] [SFMINT_ENV_FILE=.local/second]
	$(call environments,local sam ministack lambda)
	@$(STACK)/python -m sfmint_local $(if $(CONNECTIONS),--connections "$(CONNECTIONS)") \
	  $(if $(TOKEN_HOSTS),--token-hosts "$(TOKEN_HOSTS)") $(if $(CA_BUNDLE),--ca-bundle "$(CA_BUNDLE)")

check: setup ## format, lint, types, directions of imports, template, site
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	@for function in functions/*; do echo "mypy $$function"; MYPYPATH=$$function $(VENV)/mypy $$function/app.py; done
	PYTHONPATH=functions/salesforce_request:functions/key_rotation:functions/prober $(VENV)/lint-imports --no-logo
	$(VENV)/cfn-lint template.yaml examples/*/template.yaml
	$(SAM) validate --lint --config-env local
	$(VENV)/python tools/expanded_template.py
	@$(VENV)/python tools/docs_site.py
	$(VENV)/python tools/scanned_template.py
	@$(MAKE) --no-print-directory no-secrets

audit: ## ask the public index whether a weakness of a pinned package is known [OSV=URL of another service]
	$(call environments,dev audit)
	@$(VENV)/python tools/audit.py $(if $(OSV),--osv "$$OSV")

checkov: ## have checkov look at what the template expands to; part of check
	$(call environments,dev sam audit)
	@$(VENV)/python tools/scanned_template.py

sbom: ## write what each thing that is delivered is made of, as CycloneDX [OUT=.local/sbom]
	$(call environments,dev)
	@$(VENV)/python tools/sbom.py "$${OUT:-$(LOCAL)/sbom}"

no-secrets: ## find keys and tokens in the files that git knows
	@! git grep -nIE -e '-----BEGIN [A-Z ]*PRIVATE KEY-----$$' -e 'eyJ[A-Za-z0-9_-]{20,}' || { echo "error: a key or a token stands in a file" >&2; exit 1; }

fix: .venv/ready ## repair what lint and format can repair by themselves
	$(VENV)/ruff check --fix-only .
	$(VENV)/ruff format .

test: setup ## run every test: units and semantics in process, the deploy on the embedded AWS
	$(VENV)/pytest --numprocesses 2 $(TESTS)

unit: ## run the fast tests only
	$(call environments,dev)
	$(VENV)/pytest -n 2 tests/unit

# These run our code in the process of the test, where coverage sees it.
COVERAGE_TESTS := unit adapters client cli functions contracts rotation
coverage: setup ## measure what the tests reach of our code; fails under the floor in pyproject.toml
	$(VENV)/pytest --cov --quiet --numprocesses auto $(addprefix tests/,$(COVERAGE_TESTS))

docs: setup ## write the pages that are made from the code
	$(VENV)/python tools/errors_page.py
	$(VENV)/python tools/cli_page.py
	$(VENV)/python tools/python_page.py
	PYTHONPATH=tests $(VENV)/python tools/protocol_page.py
	$(VENV)/python tools/scaling_page.py
	$(VENV)/python tools/secrets_page.py
	$(VENV)/python tools/metrics_page.py
	$(VENV)/python tools/alarms_page.py
	$(VENV)/python tools/supply_chain_page.py
	$(VENV)/python tools/dashboard_page.py

site: ## make the site of docs/ in .local/site/html: look at it with `python3 -m http.server --directory .local/site/html`
	$(call environments,dev site)
	@$(VENV)/python tools/docs_site.py

walkthrough: setup ## have three calls refused, and write what an operator sees into docs/runbooks/refused-at-1042.md
	$(VENV)/python tools/walkthrough_page.py

faults: setup ## bring about every fault in every state, and write docs/faults.md
	$(VENV)/python tools/faults_page.py

soak: setup ## load with faults at every layer; fails on one wrong answer [MINUTES=3] [SEED=7] [STORE=dynamodb|parameter-store]
	@$(VENV)/python -m sfmint_local.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(STORE),--store $(STORE))

rotation: setup ## rotate a key under load, in full time; fails on one failed call [PAGE=1 to write docs/rotation.md]
	@$(VENV)/python -m sfmint_local.rotation $(if $(PAGE),--page)

fuzz: setup ## give every reader of foreign text hostile inputs; fails on one finding [MINUTES=10] [TARGETS=paths,keys]
	@PYTHONPATH=tests $(VENV)/python tools/fuzzing.py $(if $(MINUTES),--minutes $(MINUTES)) $(if $(TARGETS),--targets "$(TARGETS)")

bench: setup ## measure what a call costs, side by side; write bench/results.json, and where all gates are passed docs/performance.md
	@$(VENV)/python -m sfmint_bench

bench-quick: setup ## the same with fewer rounds, in two minutes; write nothing
	@$(VENV)/python -m sfmint_bench --quick

define releasing
	$(call environments,dev local sam)
	@$(STACK)/python tools/release.py $(1)
endef

release: ## commit a version, build dist/ from that commit, tag it [VERSION=0.1.0]
	$(call releasing,release -- "$${VERSION-}")

dist: ## rebuild dist/ from the commit that is checked out, byte for byte
	$(call releasing,dist)

clean: ## remove everything that was built or installed
	rm -rf .coverage* .venv .local .aws-sam dist .dist-* examples/*/.aws-sam .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
