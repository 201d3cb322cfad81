# ZeperGo Order Management. `make help` says what there is.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
PIP := $(PY) -m pip install -q --disable-pip-version-check
SYNC := $(UV) pip sync -q --python $(PY) --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-all lint bench lock migrations messages translations clean

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.run: requirements.lock
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(PIP) uv==0.13.8
	@test -e $(VENV)/.dev || $(SYNC) requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@test -x $(UV) || $(PIP) uv==0.13.8
	@$(SYNC) requirements-dev.lock
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## set everything up and start the whole system
	@exec $(PY) -m config.embedded

lint: $(VENV)/.dev ## the gate: style, types, layers, migrations, templates
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/mypy .
	@PYTHONWARNINGS=ignore $(PY) manage.py makemigrations --check --dry-run
	@find templates -name '*.html' -print0 | xargs -0 $(VENV)/bin/djade --check
	@DEBUG=0 BEHIND_TLS=1 SECRET_KEY=$$(head -c 48 /dev/urandom | base64 | tr -d '\n') $(PY) manage.py check --deploy --fail-level WARNING

test: lint ## the gate and every test but the slow ones
	@$(PY) -m pytest -n 2 -m "not slow"

test-fast: $(VENV)/.dev ## tests without browser, races and the slow ones
	@$(PY) -m pytest -q -n 2 -m "not slow and not browser and not race"

test-all: lint ## every test there is
	@$(PY) -m pytest -n 2

bench: $(VENV)/.dev ## measure, as ratios
	@$(PY) -m benchmarks

lock: $(VENV)/.dev ## pin what pyproject.toml asks for
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group dev pyproject.toml -o requirements-dev.lock

migrations: $(VENV)/.dev ## write the initial migrations anew (while nothing is released)
	@$(PY) -m config.migrations
	@$(VENV)/bin/ruff format -q */migrations

messages: $(VENV)/.dev ## bring the catalogues up to what code and templates say
	@$(PY) -m config.translations update

translations: $(VENV)/.run ## compile the catalogues, for a server that is not started by make run
	@$(PY) -m config.translations

clean: ## remove what was generated, data included
	@rm -rf var staticfiles .mypy_cache .ruff_cache .pytest_cache
