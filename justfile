# `just` alone: everything that takes seconds. The same parts run on a machine without just as `scripts/test lint|pure|io|e2e`.
default: lint pure

lint:
    scripts/test lint

pure *args:
    scripts/test pure {{args}}

io *args:
    scripts/test io {{args}}

e2e *args:
    scripts/test e2e {{args}}

# Mend what the tools can mend.
fix:
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .

# Write the golden files anew; review the difference like code.
regold *args:
    .venv/bin/python -m tests.regold {{args}}

# Resolve the locks anew.
lock *args:
    scripts/lock {{args}}

# Write the generated documents anew.
docs:
    .venv/bin/python -m tests.redoc
