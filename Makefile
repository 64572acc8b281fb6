# Everything a person runs here; `make test` is what CI runs.
PYTHON ?= python3
VENV ?= .venv
TORCH ?= torch==2.13.0
FILE ?= corpus_samples/documents/maesyfelin.pdf
MODEL ?= accurate
BIN = $(VENV)/bin

.PHONY: analyse setup install test quality lock train samples figures clean

analyse: $(VENV)/.installed $(if $(filter fast,$(MODEL)),,setup)
	$(BIN)/evidence-mapper analyse "$(FILE)" --model "$(MODEL)" --out out
	@echo "Open out/profile.html in a browser."

# Fetches what the accurate and the Welsh model build on; the second time it takes no time.
setup: $(VENV)/.installed
	$(BIN)/evidence-mapper setup

install: $(VENV)/.installed-dev

test: $(VENV)/.installed-dev setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest
	$(BIN)/python benchmarks/quality.py --gate

# Holds the quality of the models against its floors.
quality: $(VENV)/.installed-dev setup
	$(BIN)/python benchmarks/quality.py --gate

# torch has no hash here: its CPU build is picked by plain pip, see the README.
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# `uv` resolves torch by the local CPU build where there is one (PIP_FIND_LINKS), so that no GPU
# package gets into the lists.
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links --no-emit-package torch \
	--find-links "$(PIP_FIND_LINKS)"

lock: $(VENV)/.installed-dev
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group build --group dev -o requirements-dev.lock

train: $(VENV)/.installed setup
	$(BIN)/evidence-mapper train --model accurate
	$(BIN)/evidence-mapper train --model fast
	$(BIN)/evidence-mapper train --model welsh

samples: $(VENV)/.installed-dev
	$(BIN)/python corpus_samples/build.py

# Tables of quality and speed, and the pictures of the model card; LABELLED=FILE.jsonl adds figures on
# real passages.
figures: $(VENV)/.installed-dev setup
	$(BIN)/python benchmarks/figures.py $(if $(LABELLED),--labelled "$(LABELLED)")
	$(BIN)/python benchmarks/pictures.py $(if $(LABELLED),--labelled "$(LABELLED)")

clean:
	rm -rf $(VENV) out dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
