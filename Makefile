# Needs Python >= 3.11, make and git. Everything else is installed into .venv.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
THREADS ?= 1
RUN     ?= runs/demo

.PHONY: demo test check install bench clean help

help:            ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

# torch comes first and alone: on a machine without a GPU its CPU build, which no other package may replace.
$(BIN)/.torch:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --upgrade pip
	if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L 2>/dev/null | grep -q GPU; then \
	  $(BIN)/pip install -q torch==2.13.0; \
	else \
	  $(BIN)/pip install -q torch==2.13.0+cpu 2>/dev/null \
	  || $(BIN)/pip install -q --index-url https://download.pytorch.org/whl/cpu torch==2.13.0 \
	  || $(BIN)/pip install -q torch==2.13.0; \
	fi
	touch $@

$(BIN)/.installed: $(BIN)/.torch pyproject.toml constraints.txt
	$(BIN)/pip install -q -c constraints.txt -e .
	touch $@

$(BIN)/.dev: $(BIN)/.installed
	$(BIN)/pip install -q -c constraints.txt -e '.[dev]'
	touch $@

install: $(BIN)/.installed   ## make .venv and install cotkd

demo: $(BIN)/.installed      ## teacher, rationales, student, scores and report, on this machine, in minutes
	$(BIN)/cotkd run fine_tune_cot --out $(RUN)

test: $(BIN)/.dev            ## the whole test-suite, offline
	OMP_NUM_THREADS=$(THREADS) HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -n 2 --dist worksteal -q

check: $(BIN)/.dev           ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(BIN)/.dev           ## speed ratios, see benchmarks/README.md
	$(BIN)/python -m pytest benchmarks --benchmark-only -q

clean:
	rm -rf $(VENV) build dist runs .pytest_cache .mypy_cache .ruff_cache
