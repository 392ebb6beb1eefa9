#!/usr/bin/env bash
# optuna 5.0.0 with sqlalchemy 2.1.9 on SQLite: of trials that were enqueued, several workers with connections of their own
#   are given the same one by `study.ask()`, and each trains it. Optuna keeps workers apart by SELECT ... FOR UPDATE, which
#   SQLite does not know, and Python's sqlite3 begins a transaction with the first change only. With BEGIN IMMEDIATE at
#   the beginning of each transaction (SQLAlchemy's events "connect" and "begin") every trial is given once.
# Source: measured, four threads over one file, 24 trials, three rounds.
# Needs python3.11 and a package index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check optuna==5.0.0 sqlalchemy==2.1.9
cat > ask.py <<'P'
import sys, threading, warnings
import optuna
from sqlalchemy import event

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")
TRIALS, WORKERS = 24, 4


def storage(url, immediate):
    made = optuna.storages.RDBStorage(url, engine_kwargs={"connect_args": {"timeout": 120}})
    if immediate:
        made.engine.dispose()

        @event.listens_for(made.engine, "connect")
        def connect(connection, _record):
            connection.isolation_level = None

        @event.listens_for(made.engine, "begin")
        def begin(connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return made


def given(name, immediate):
    url = f"sqlite:///{name}.db"
    study = optuna.create_study(study_name="s", storage=storage(url, immediate))
    for number in range(TRIALS):
        study.enqueue_trial({"x": number})
    numbers, together = [], threading.Barrier(WORKERS)

    def take():
        own = optuna.load_study(study_name="s", storage=storage(url, immediate))
        together.wait()
        while True:
            trial = own.ask()
            if "fixed_params" not in own.get_trials(deepcopy=False)[trial.number].system_attrs:
                return
            numbers.append(trial.number)

    threads = [threading.Thread(target=take) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(numbers), len(set(numbers))


plain = [given(f"plain{round}", False) for round in range(3)]
immediate = [given(f"immediate{round}", True) for round in range(3)]
print("given, different ones:", plain)
print("with BEGIN IMMEDIATE: ", immediate)
sys.exit(0 if any(a > b for a, b in plain) and all(a == b == TRIALS for a, b in immediate) else 1)
P
venv/bin/python ask.py
