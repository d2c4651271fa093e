# Every target does all of its own set-up. Needs Python 3.11 or newer and nothing else.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN ?= $(BIN)/python -m

# With it, every process that a test starts would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test conformance matrix check bench docs cover dev clean

dev: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "oncall-sync needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/.ready   ## plan, apply, plan again, an edit at the provider: all against a sandbox
	@$(BIN)/python demo/demo.py

test: $(VENV)/.ready   ## the suite but for the two targets below: four minutes on two cores
	$(RUN) pytest -q -n 3 --dist loadscope --no-loadscope-reorder -m 'not matrix' --ignore tests/conformance

conformance: $(VENV)/.ready ## against the vendors' own descriptions and recordings, where ../shared has them
	$(BIN)/python -m pytest -q -n 2 --dist loadscope tests/conformance

matrix: $(VENV)/.ready ## every fault at every write of a rich apply, at every provider, and what else takes long
	$(BIN)/python -m pytest -q -n 3 --dist load -m matrix

cover: $(VENV)/.ready  ## `make test`, measuring branches of core and adapters
	$(BIN)/coverage erase
	@$(MAKE) --no-print-directory test RUN='$(BIN)/coverage run -m'
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under 95

check: $(VENV)/.ready  ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready  ## figures, never assertions
	@$(BIN)/python bench/bench.py

docs: $(VENV)/.ready   ## write schemas/policy.json and docs/reference from the program itself
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
