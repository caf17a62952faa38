# `make run` and `make test` are all that is needed; `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test check secrets lock clean

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1	/p' Makefile

run:  ## install what is missing and start everything (PORT=8000, OCRSITE_DATA=var); Ctrl-C stops it
	@$(PYTHON) -m ocrsite.install
	@$(VENV)/python -m ocrsite.launch

test:  ## install what the tests need and run all of them
	@$(PYTHON) -m ocrsite.install --tests
	@$(VENV)/python -m tests.run_all

check: export PATH := $(CURDIR)/$(VENV):$(PATH)
check:  ## install what the checks need; lint, formatting and types, of Python and JavaScript
	@$(PYTHON) -m ocrsite.install --checks
	ruff check .
	ruff format --check .
	mypy
	node_modules/.bin/tsc --project jsconfig.json

secrets:  ## make the passwords that docker-compose.yml reads from secrets/, once
	@mkdir -m 700 secrets
	@cd secrets && for name in admin-password postgres-password s3-access-key s3-secret-key secret-key; do \
		$(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(36), end="")' > $$name; done
	@cd secrets && printf 'postgres://ocrsite:%s@postgres/ocrsite' "$$(cat postgres-password)" > database-url
	@chmod 644 secrets/*  # the folder is closed; inside their containers other users read the files

lock:  ## pin the newest versions that requirements*.in and package.json allow
	$(VENV)/uv pip compile --upgrade --quiet --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(VENV)/uv pip compile --upgrade --quiet --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt
	$(VENV)/uv pip compile --upgrade --quiet --python-version 3.11 --generate-hashes requirements-node.in -o requirements-node.txt
	npm update --package-lock-only --ignore-scripts

clean:  ## remove what was installed and built; the data folder stays
	rm -rf .venv node_modules static/vendor build .pytest_cache .mypy_cache .ruff_cache
