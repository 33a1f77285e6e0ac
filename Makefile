# The main jobs of the project. `make` alone tells what there is.
# Only relative paths, so that the checkout may lie anywhere, also where names have spaces.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PY := .venv/bin/python
# Not compiled ahead: half of the installing would go into files that nothing here ever loads.
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --no-compile

.DEFAULT_GOAL := help
.PHONY: run test check fmt bench help

# The one exec lets a signal to what make started reach the service itself.
run: .venv/ready-to-run
	@exec $(PY) -m bot.run

# Much of a test is waiting, so two go at a time, each with servers of their own. Real processes with
# deadlines may miss one on a busy machine: what fails has to pass by itself, with nothing beside it.
test: check
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder || { \
		echo 'Once more by themselves, those that failed:'; \
		$(PY) -m pytest --last-failed --last-failed-no-failures none; }

check: .venv/ready-to-test
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@.venv/bin/lint-imports

fmt: .venv/ready-to-test
	@$(PY) -m ruff format
	@$(PY) -m ruff check --fix

bench: .venv/ready-to-test
	@exec $(PY) -m tests.bench

help:
	@echo 'make run     everything on this machine, with pretend phones to play with; Ctrl-C stops it'
	@echo '             make run TIERS_FILE=config/tiers-fast.toml   hours pass in seconds'
	@echo '             make run PORT=9000 SIMULATOR_PORT=9010       other ports; .env.example has the rest'
	@echo 'make test    all checks and tests'
	@echo 'make check   only what needs no server: ruff, mypy, which way imports point'
	@echo 'make fmt     lay out the code'
	@echo 'make bench   measure'

# The stamps are written last, so that an interrupted installation is done again. Tests take warnings
# for errors: other people's files are compiled before, when those they cause disturb nobody.
.venv/ready-to-run: requirements.txt | .venv/bin/python
	@echo 'Installing what requirements.txt names into .venv ...'
	@$(PIP) -r requirements.txt
	@touch $@

.venv/ready-to-test: requirements.txt tests/requirements.txt | .venv/bin/python
	@echo 'Installing what tests/requirements.txt names into .venv ...'
	@$(PIP) -r tests/requirements.txt
	@$(PY) -m compileall -q -j 0 -x '/tests/' .venv/lib >.venv/compiled.log 2>&1 || true
	@touch $@ .venv/ready-to-run

.venv/bin/python:
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed: install it, or set PYTHON=/path/to/it' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo '$(PYTHON) is not Python 3.11 or newer: set PYTHON=/path/to/one' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo '$(PYTHON) cannot make a venv: install its package for that (Debian: apt-get install python3-venv)' >&2; exit 1; }
	@rm -rf .venv && $(PYTHON) -m venv .venv
