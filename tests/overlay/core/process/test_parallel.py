"""Work spread over processes."""

import contextlib
import os
import signal
from functools import partial

import pytest

from overlay.core.errors import SigncapError
from overlay.core.process.parallel import in_parallel
from tests.overlay.core.process.work import doubler, refuser, suicide

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_every_task_is_done_once_and_comes_with_its_number(jobs: int) -> None:
    done = dict(in_parallel(partial(doubler, 1), [5, 6, 7, 8], jobs))
    assert {number: made for number, (made, _) in done.items()} == {0: 11, 1: 13, 2: 15, 3: 17}
    assert (os.getpid() in {process for _, process in done.values()}) == (jobs == 1)


@pytest.mark.unit
def test_nothing_to_do_is_done_at_once() -> None:
    assert list(in_parallel(partial(doubler, 1), [], 2)) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_the_work_raises_is_raised_here(jobs: int) -> None:
    with pytest.raises(SigncapError, match="Three will not do"):
        list(in_parallel(refuser, [1, 2, 3, 4], jobs))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_process_that_is_killed_is_reported_in_a_sentence() -> None:
    with pytest.raises(SigncapError, match="fewer --jobs"):
        list(in_parallel(suicide, [1, 2, 3, 4], 2))


def test_closing_early_ends_the_processes() -> None:
    with contextlib.closing(in_parallel(partial(doubler, 0), list(range(1000)), 2)) as made:
        processes = {next(made)[1][1] for _ in range(20)}
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
