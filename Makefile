# The commands of this project. Each sets up what it needs in .venv and runs; nothing else is needed
# than Python 3.11 or later and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check

.PHONY: help demo serve simulate test test-transformers check format bench bench-% lock clean

help:
	@echo "make demo    a question through the whole gateway, with simulated vendors"
	@echo "make serve   the gateway on 127.0.0.1:4000 (ARGS='--port 4001 --workers 2')"
	@echo "make test    all tests            make check   ruff, mypy, import-linter"
	@echo "make bench   all benchmarks       make bench-overhead, make bench-start: one of them"

$(VENV)/.base: requirements.lock requirements-build.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed, $(PYTHON) is older"; exit 1; }
	@echo "Setting up $(VENV) (a minute or two the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --quiet --require-hashes -r requirements-build.lock
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m compileall -q gateway learning consensus providers
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements-dev.lock
	@echo "Adding the development tools ..."
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# torch comes first and outside the hash lock: the pinned CPU build carries a local hash.
$(VENV)/.transformers: $(VENV)/.base constraints.txt
	@echo "Adding sentence-transformers (PyTorch: some hundred megabytes) ..."
	@$(PIP) install --quiet --constraint constraints.txt torch
	@$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable '.[transformers,train]'
	@touch $@

demo: $(VENV)/.base
	@$(BIN)/wallbounce demo $(ARGS)

serve: $(VENV)/.base
	@$(BIN)/wallbounce serve $(ARGS)

simulate: $(VENV)/.base
	@$(BIN)/wallbounce simulate $(ARGS)

test: $(VENV)/.dev
	@$(BIN)/pytest $(ARGS)

test-transformers: $(VENV)/.dev $(VENV)/.transformers
	@HF_HUB_OFFLINE=1 $(BIN)/pytest -m transformers $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev
	@$(BIN)/python -m bench all $(ARGS)

bench-%: $(VENV)/.dev
	@$(BIN)/python -m bench $* $(ARGS)

# Prints no registry's host into the locks.
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe
lock: $(VENV)/.dev
	@$(LOCK) --output-file requirements.lock pyproject.toml
	@$(LOCK) --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) .venv-bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache bench/out
