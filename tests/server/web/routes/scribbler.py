"""In place of the process that draws: `python -m tests.server.web.routes.scribbler`. Loads nothing, is there at once.

It gives the job that it was given, and of a long text something more for as long as somebody reads.
"""

import json
import sys
import time
from pathlib import Path

LONG = 20  # characters, from which on it does not come to an end

if __name__ == "__main__" and (line := sys.stdin.readline()):
    job = json.loads(line)
    if job["path"] is None:
        print(line, flush=True)
    else:
        Path(job["path"]).write_text(line)
        print(50, flush=True)
    while len(job["text"]) > LONG:
        print("scribble" * 200, flush=True)
        time.sleep(0.01)
