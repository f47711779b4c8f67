# Each target makes what it needs from a bare clone: Python 3.11 or later and git are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JUMEAU_DATA ?= ../shared/data
export JUMEAU_DATA

.PHONY: demo test lowest lint types reproduce benchmark town reference wheel clean

# uv is used where it exists (seconds instead of a minute); pip does the same.
$(VENV)/.installed: pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python -e '.[viz,excel,dev]'; \
	else \
	  $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --upgrade pip && \
	  $(BIN)/python -m pip install --quiet -e '.[viz,excel,dev]'; \
	fi
	@touch $@

demo: $(VENV)/.installed
	$(BIN)/jumeau demo

test: $(VENV)/.installed lint types
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not reproduce"

# The lowest versions that pyproject.toml allows, in an environment of their own; uv alone resolves downwards.
LOWEST := .venv-lowest
lowest: pyproject.toml
	uv pip compile --quiet --python 3.11 --resolution lowest-direct --extra viz --extra excel --extra dev pyproject.toml \
	  -o $(LOWEST).txt
	uv venv --quiet --allow-existing --python 3.11 $(LOWEST)
	uv pip install --quiet --python $(LOWEST)/bin/python -r $(LOWEST).txt
	uv pip install --quiet --python $(LOWEST)/bin/python --no-deps -e .
	$(LOWEST)/bin/python -m pytest -q -n 2 -o filterwarnings=default -m "not reproduce"

# The pages of docs/reference, written again from the tables and models.
reference: $(VENV)/.installed
	$(BIN)/python docs/generate.py

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed
	$(BIN)/mypy

reproduce: $(VENV)/.installed
	$(BIN)/python -m pytest -q -s tests/reproduction
	$(BIN)/python -m pytest -q -s -m reproduce

benchmark: $(VENV)/.installed
	$(BIN)/python benchmarks/lighting_engine.py
	$(BIN)/python benchmarks/water_engine.py
	$(BIN)/python benchmarks/water_surrogate.py
	$(BIN)/python benchmarks/waste_rounds.py
	$(BIN)/python -m pip install --quiet -e '.[benchmark]'
	$(BIN)/python benchmarks/traffic_equilibrium.py

# The bundled town, made again from its generator.
town: $(VENV)/.installed
	$(BIN)/python -m donnees_exemple.town_generator donnees_exemple/bourg_exemple.gpkg

wheel: $(VENV)/.installed
	$(BIN)/python -m pip wheel --quiet --no-deps -w dist .

clean:
	rm -rf $(VENV) $(LOWEST) $(LOWEST).txt dist build .pytest_cache .mypy_cache .ruff_cache jumeau-demo
