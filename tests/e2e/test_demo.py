"""The demo as a program: what it leaves behind when it ends, and when it refuses to begin."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.people import eventually
from tests.e2e.stack import ROOT, running_stack


def processes_of(folder):
    """Processes that were started for the demo in `folder`: their environment names it."""
    return [path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if str(folder) in read(path)]


def read(path):
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:  # ended meanwhile, or somebody else's
        return ""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes where Linux keeps them")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running_however_the_demo_ends(tmp_path, how):
    with running_stack(tmp_path) as stack:
        assert processes_of(tmp_path)
        stack.process.send_signal(how)
        stack.process.wait(30)
        eventually(lambda: not processes_of(tmp_path), "no process left", lambda: processes_of(tmp_path), seconds=20)


def test_a_second_demo_in_the_same_folder_is_refused(stack):
    folder = Path(stack.facts.logs_dir).parent
    command = [sys.executable, "-m", "scripts.demo", "--ports=auto", f"--state-dir={folder}"]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 1
    assert f"A demo is running in {folder} already." in second.stderr
    assert stack.process.poll() is None
