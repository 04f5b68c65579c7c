.PHONY: run app test test-all check docs bench clean
PYTHON ?= python3
BIN := .venv/bin
EXTRA_app := [ui]
EXTRA_dev := [dev]

run: .venv/run ## set up, and answer a shipped scenario
	$(BIN)/capsim run scenarios/image-classification.yaml

app: .venv/app ## the explorer in the browser, for this machine alone
	$(BIN)/capsim explore

test: .venv/dev check ## lint, types and the fast tests
	$(BIN)/pytest -m "not slow" -n auto

test-all: .venv/dev check ## the slow tests too
	$(BIN)/pytest -n auto

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: .venv/dev ## the reference pages, and what the other pages show, from the code
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/shown.py

bench: .venv/dev ## engine speed beside others
	$(BIN)/pip install --quiet -e '.[bench]'
	$(BIN)/python benchmarks/engine.py

.venv/run .venv/app .venv/dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.$(EXTRA_$(@F))'
	touch $@

clean:
	rm -rf .venv build dist
