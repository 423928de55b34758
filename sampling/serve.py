"""The child process behind an embedded model: ``python -m benchwright.sampling.serve GGUF ALIAS THREADS``.

Deterministic: one slot, so that requests do not share a batch, and no prompt cache, so that none depends on an earlier
one. It prints ``READY`` and its address, serves, and ends when its standard input does: the parent holds the other end
of that pipe, so the child goes with it even when the parent is killed.
"""

from __future__ import annotations

import os
import sys

__all__ = ["CONTEXT", "READY", "serve"]

READY = "READY "
"""What the line with the address begins with."""
CONTEXT = 4096
"""Tokens of prompt and answer together."""


def serve(path: str, alias: str, threads: int) -> None:
    """Serves weights on loopback until standard input ends; never returns.

    Args:
        path: a GGUF file that is known to be whole: the engine says the same for a missing and a damaged one.
        alias: the model's name.
        threads: threads for one answer.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = path
    # A set; of a plain string every letter would become a name.
    params.model_alias = {alias}
    params.n_parallel = 1
    params.n_ctx = CONTEXT
    params.cache_prompt = False
    params.cache_ram_mib = 0
    params.n_ctx_checkpoints = 0
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.ui = False
    params.warmup = False
    params.verbosity = -1
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{READY}{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    # The engine's own end hangs now and then; the operating system takes back everything.
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], int(sys.argv[3]))
