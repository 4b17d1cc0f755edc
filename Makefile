# Every target sets up what it needs first. Nothing but python3 and pip has to be there.
PYTHON ?= python3
BIN := .venv/bin
LOCK = $(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --all-extras

.PHONY: setup demo run test lint bench messages migrate lock format

setup: .venv/ready

.venv/ready: requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --require-hashes -r requirements/bootstrap.txt
	$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements/dev.txt requirements/bootstrap.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

demo: setup
	$(BIN)/perkchat demo

run: setup
	$(BIN)/perkchat run

migrate: setup
	$(BIN)/perkchat migrate

test: setup
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m locales check

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m benchmarks

# Texts: collect the msgids from the code into the catalogues, new ones empty.
messages: setup
	$(BIN)/python -m locales collect

# Locked requirements: names, versions and hashes, nothing else.
lock: setup
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) pyproject.toml --group dev -o requirements/dev.txt
	$(LOCK) pyproject.toml -o requirements/run.txt
