.PHONY: run app test test-all test-slow test-newest fast check docs bench lock wheel clean
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCK = constraints.txt
WORKERS = -n auto --dist loadgroup
EXTRA_app := [ui]
EXTRA_dev := [dev]
EXTRA_bench := [dev,bench]

run: $(VENV)/run ## set up, and answer a shipped scenario
	$(BIN)/capsim run scenarios/image-classification.yaml

app: $(VENV)/app ## the explorer in the browser, for this machine alone
	$(BIN)/capsim explore

test: $(VENV)/dev ## lint, types and the fast tests, side by side
	$(MAKE) --no-print-directory --jobs=2 check fast

test-all: test test-slow

test-slow: $(VENV)/dev ## what is left out of make test: minutes of simulation
	$(BIN)/pytest -m slow $(WORKERS) $(PYTEST)

test-newest: ## the fast tests with the newest releases of everything, in an environment of their own
	rm -rf .venv-newest
	$(MAKE) --no-print-directory VENV=.venv-newest LOCK= fast

fast: $(VENV)/dev
	$(BIN)/pytest -m "not slow" $(WORKERS) $(PYTEST)

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/dev ## the reference pages, and what the other pages show, from the code
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/shown.py

bench: $(VENV)/bench ## engine speed beside others
	$(BIN)/python benchmarks/engine.py

lock: build/uv ## constraints.txt anew: the newest releases, the same for every Python and system
	UV_CUSTOM_COMPILE_COMMAND="make lock" build/uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	    --fork-strategy fewest --no-annotate --extra dev --extra bench --output-file $(LOCK) pyproject.toml

wheel: $(VENV)/run ## dist/capsim-….whl, for other environments, with machine code for common processors
	-$(BIN)/python -m capsim.engine.compiled.ahead build/machine-code
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

build/uv:
	$(PYTHON) -m venv $@ && $@/bin/pip install --quiet --disable-pip-version-check uv

# Installed, and built, from the lock and nothing newer; the second name is the one that newer pips build by. Then all
# machine code is compiled, so that no answer waits for it.
$(VENV)/run $(VENV)/app $(VENV)/dev $(VENV)/bench: export PIP_CONSTRAINT = $(LOCK)
$(VENV)/run $(VENV)/app $(VENV)/dev $(VENV)/bench: export PIP_BUILD_CONSTRAINT = $(LOCK)
$(VENV)/run $(VENV)/app $(VENV)/dev $(VENV)/bench: pyproject.toml $(LOCK)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.$(EXTRA_$(@F))'
	-$(BIN)/python -m capsim.engine.compiled.ahead
	touch $@

clean:
	rm -rf .venv .venv-newest build dist
