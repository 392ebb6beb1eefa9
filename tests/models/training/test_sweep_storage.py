"""A study in SQLite that several processes share."""

import threading
from pathlib import Path

import optuna
import pytest

from models.training.sweep import FIXED, _storage

pytestmark = pytest.mark.integration
WAITING, PROCESSES = 24, 4


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")  # which is of no matter where nothing is trained
def test_each_trial_that_waits_is_given_to_one_alone(tmp_path: Path) -> None:
    """Connections of their own, as processes have: without a lock, some trials are given twice or thrice."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    url = f"sqlite:///{tmp_path / 'sweeps.db'}"
    study = optuna.create_study(study_name="grid", storage=_storage(url))
    for number in range(WAITING):
        study.enqueue_trial({"batch": number})
    given: list[int] = []
    together = threading.Barrier(PROCESSES)

    def take() -> None:
        own = optuna.load_study(study_name="grid", storage=_storage(url))
        together.wait()
        while True:
            trial = own.ask()
            if FIXED not in own.get_trials(deepcopy=False)[trial.number].system_attrs:
                return  # nothing waits any more
            given.append(trial.number)

    threads = [threading.Thread(target=take) for _ in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(WAITING))
