# Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3.11
# An index with CPU builds of torch, for machines without a GPU: make TORCH_INDEX=URL
TORCH_INDEX ?=
PIP = .venv/bin/python -m pip --disable-pip-version-check -q
BIN = .venv/bin

.PHONY: demo test check slow clean help

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/.installed: pyproject.toml constraints-cpu.txt
	@$(PYTHON) -m venv .venv || { echo "Python 3.11 with its venv module is needed (Debian: apt-get install python3.11-venv)" >&2; exit 1; }
	$(PIP) install --upgrade pip
	$(PIP) install $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -c constraints-cpu.txt -e '.[demo,measure,torchcodec,dev]'
	@touch $@

demo: .venv/.installed  ## make small stand-in corpora, build the benchmark from them and load it
	$(BIN)/python build_dataset.py standin --out demo/corpora --size demo
	$(BIN)/python build_dataset.py --corpora demo/corpora --out demo/sseu-bench
	$(BIN)/python build_dataset.py verify demo/sseu-bench --corpora demo/corpora

test: .venv/.installed  ## run the tests
	$(BIN)/python -m pytest -n 2

check: .venv/.installed  ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

slow: .venv/.installed  ## rehearse the full build on full-size stand-in corpora (minutes, 10 GB of disk)
	$(BIN)/python -m pytest -m slow

clean:  ## remove what the targets made
	rm -rf .venv demo build dist
