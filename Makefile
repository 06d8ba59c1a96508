# Every target works on a fresh machine: each one makes .venv first if it is missing or stale.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(STAMP) ## make .venv from the lock file

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Genebank needs Python 3.11: install it, or say PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## raise a nursery of tiny models, fingerprint them over HTTP, print their tree
	$(BIN)/python -m nursery.demo

serve: $(STAMP) ## serve the embedded registry on http://127.0.0.1:8321
	$(BIN)/genebank serve

up: $(STAMP) ## the whole stack as plain processes: PostgreSQL, Redis, API, worker, reconciler
	@$(BIN)/python -m ops up

down: $(STAMP) ## end it; its data stay in var/up
	@$(BIN)/python -m ops down

env: ## .env for docker compose, with keys drawn here
	@test ! -e .env || { echo ".env is there already" >&2; exit 2; }
	@umask 077; sed -e "s|^POSTGRES_PASSWORD=$$|&$$(openssl rand -hex 24)|" \
	  -e "s|^REDIS_PASSWORD=$$|&$$(openssl rand -hex 24)|" \
	  -e "s|^GENEBANK_SECRET_KEY=$$|&$$(openssl rand -base64 32 | tr +/ -_)|" .env.example > .env

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest

check: $(STAMP) ## the one gate: format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

faults: $(STAMP) ## kill, stop and fill up what can be; nothing may be lost (ONLY=api_killed, SEED=1, TIMES=50)
	@$(BIN)/python -m tests.faults $(ONLY) --seed $(or $(SEED),1) $(if $(TIMES),--times $(TIMES))

bench: $(STAMP) ## print every figure as one JSON line (ONLY=encode, DATA=answer-set)
	@$(BIN)/python -m benchmarks $(ONLY) $(if $(DATA),--data $(DATA))

fmt: $(STAMP) ## format and mend what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: help setup demo serve up down env test check bench fmt
