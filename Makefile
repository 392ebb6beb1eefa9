# What is typed all the time; README and CONTRIBUTING.md say more.
.PHONY: run unit test check

run:
	./setup.sh && .venv/bin/signcap

unit:
	.venv/bin/pytest -m unit

test:
	./setup.sh --dev && .venv/bin/pytest

check:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	npx --yes --package typescript@5.9 tsc -p jsconfig.json
