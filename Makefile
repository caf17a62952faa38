# `make run` and `make test` are all that is needed; `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run dev test check secrets lock clean

help:  ## list these commands
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1	/p' Makefile

run:  ## install what is missing and start everything (PORT=8000, OCRSITE_DATA=var); Ctrl-C stops it
	@$(PYTHON) -m ocrsite.install
	@$(VENV)/python -m ocrsite.launch

dev:  ## like run, for development: the web server reloads changed code and shows errors
	@$(PYTHON) -m ocrsite.install
	@$(VENV)/python -m ocrsite.launch --dev

test:  ## install what the tests need and run all of them
	@$(PYTHON) -m ocrsite.install test
	@$(VENV)/python -m tests.run_all

check:  ## check lint, formatting and types only
	@$(PYTHON) -m ocrsite.install check
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	PATH="$(CURDIR)/$(VENV):$$PATH" node_modules/.bin/tsc --project jsconfig.json

secrets:  ## generate the passwords that docker-compose.yml reads from secrets/, once
	@mkdir -m 700 secrets
	@cd secrets && for name in admin-password postgres-password redis-password s3-access-key s3-secret-key secret-key; do \
		$(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(36), end="")' > $$name; done
	@cd secrets && printf 'postgres://ocrsite:%s@postgres/ocrsite' "$$(cat postgres-password)" > database-url
	@cd secrets && printf 'redis://ocrsite:%s@redis:6379/0' "$$(cat redis-password)" > redis-url
	@cd secrets && printf 'user default off\nuser ocrsite on >%s ~* &* +@all -@admin -@dangerous +info\n' \
		"$$(cat redis-password)" > redis-acl && rm redis-password
	@cd secrets && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout tls-key -out tls-certificate 2>/dev/null
	@chmod 644 secrets/*  # the folder is closed; inside their containers other users read the files

lock:  ## pin the newest versions that requirements*.in and package.json allow
	$(VENV)/uv pip compile --upgrade --quiet --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(VENV)/uv pip compile --upgrade --quiet --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt
	$(VENV)/uv pip compile --upgrade --quiet --python-version 3.11 --generate-hashes requirements-node.in -o requirements-node.txt
	npm update --package-lock-only --ignore-scripts

clean:  ## remove everything that was installed or built; the data folder stays
	rm -rf .venv node_modules static/vendor build .pytest_cache .mypy_cache .ruff_cache
