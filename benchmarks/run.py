"""Runs every proof and, asked to, writes ``RESULTS.md``: ``python -m benchmarks.run [--small] [--write] [NAME …]``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from . import agreement, kill, published, speed, starter, wildchat
from .proof import Proof, Skipped

PROOFS = {
    "agreement": agreement,
    "published": published,
    "speed": speed,
    "kill": kill,
    "starter": starter,
    "wildchat": wildchat,
}


def _machine() -> str:
    cores = os.cpu_count()
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}"


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or f"version {version('benchwright')}"


def _write(proofs: list[tuple[Proof, float]], path: Path) -> None:
    lines = [
        "# Results",
        "",
        "Written by `make proof`. Figures are of one machine: read ratios, not absolute times.",
        "",
        f"- commit: {_commit()}",
        f"- machine: {_machine()}",
        "",
    ]
    for proof, seconds in proofs:
        lines += [f"## {proof.name}", "", f"`{proof.command}` ({seconds:.0f} s)", ""]
        lines += ["```json", json.dumps(proof.figures, indent=1, ensure_ascii=False), "```", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def main() -> int:
    """Runs the proofs named, or all; exits 1 when one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*PROOFS, []], metavar="NAME", help=", ".join(PROOFS))
    parser.add_argument("--small", action="store_true", help="about 20 seconds each")
    parser.add_argument("--write", action="store_true", help="write benchmarks/RESULTS.md")
    asked = parser.parse_args()
    done, failed = [], False
    for name in asked.names or PROOFS:
        began = time.monotonic()
        try:
            proof = PROOFS[name].prove(asked.small)
        except Skipped as reason:
            print(f"proof {name}: skipped: {reason}")
            continue
        except AssertionError as error:
            print(f"proof {name}: FAILED: {error}")
            failed = True
            continue
        seconds = time.monotonic() - began
        done.append((proof, seconds))
        print(f"proof {name}: ok in {seconds:.0f} s: {json.dumps(proof.figures, ensure_ascii=False)[:600]}")
    if asked.write and not failed:
        _write(done, Path(__file__).with_name("RESULTS.md"))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
