# Each target makes what it needs from a bare clone: Python 3.11 or later and git are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JUMEAU_DATA ?= ../shared/data
export JUMEAU_DATA

.PHONY: demo test lock matrix lowest lint types reproduce benchmark profile town reference wheel clean

# The versions of requirements.lock, with their checksums, then Jumeau itself from this folder.
# uv is used where it exists (seconds instead of a minute); pip does the same.
$(VENV)/.installed: pyproject.toml requirements.lock
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps -e .; \
	else \
	  $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip install --quiet --upgrade pip && \
	  $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --no-deps -e .; \
	fi
	@touch $@

# The newest versions that pyproject.toml allows, written down; uv alone resolves for all systems and Pythons at once.
lock: pyproject.toml
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra viz --extra excel --extra dev pyproject.toml -o requirements.lock

demo: $(VENV)/.installed
	$(BIN)/jumeau demo

test: $(VENV)/.installed lint types
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not reproduce"

# The tests under each Python that Jumeau promises and this machine has, each in an environment of its own.
PYTHONS := 3.11 3.12 3.13
matrix:
	@for version in $(PYTHONS); do \
	  if python$$version --version >/dev/null 2>&1; then \
	    $(MAKE) --no-print-directory PYTHON=python$$version VENV=.venv-$$version .venv-$$version/.installed && \
	    .venv-$$version/bin/python -m pytest -q -n 2 --dist worksteal -m "not reproduce" || exit 1; \
	  else echo "Python $$version: not on this machine, left out"; fi; \
	done

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
	$(BIN)/python -m pytest -q -s -m reproduce --ignore=tests/reproduction

# Where the time of a campaign goes: the demonstration, or `make profile SCENARIO=scenarios/montpellier/trafic.yaml`.
SCENARIO ?= demo
profile: $(VENV)/.installed
	$(BIN)/python benchmarks/profile_campaign.py --pictures $(SCENARIO)

benchmark: $(VENV)/.installed
	$(BIN)/python benchmarks/lighting_engine.py
	$(BIN)/python benchmarks/water_engine.py
	$(BIN)/python benchmarks/water_surrogate.py
	$(BIN)/python benchmarks/waste_rounds.py
	$(BIN)/python benchmarks/territory_build.py
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python -m pip install --quiet -e '.[benchmark]'
	$(BIN)/python benchmarks/traffic_equilibrium.py

# The bundled town, made again from its generator.
town: $(VENV)/.installed
	$(BIN)/python -m donnees_exemple.town_generator donnees_exemple/bourg_exemple.gpkg

wheel: $(VENV)/.installed
	$(BIN)/python -m pip wheel --quiet --no-deps -w dist .

clean:
	rm -rf $(VENV) $(PYTHONS:%=.venv-%) $(LOWEST) $(LOWEST).txt dist build .pytest_cache .mypy_cache .ruff_cache jumeau-demo
