"""What is shipped: the package list, the wheel's files, and three kinds of install that run from anywhere."""

import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OUTSIDE = ("tests", "docs", "benchmarks", "build", "dist", "work")
ROOT_MODULES = {"__init__.py", "__main__.py", "errors.py", "flow.py", "pipeline.py"}


def package_folders() -> list[Path]:
    """Gives every folder of the checkout that is a package, relative to the root."""
    found = [path.parent.relative_to(ROOT) for path in ROOT.rglob("__init__.py")]
    return sorted(f for f in found if not f.parts or not (f.parts[0] in OUTSIDE or f.parts[0].startswith(".")))


def package_files() -> set[str]:
    """Gives the files that a wheel must hold, by their path under ``benchwright/``."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in package_folders()
        for path in [*(ROOT / folder).iterdir(), *(ROOT / folder / "data").glob("*")]
        if path.is_file() and (folder.parts or path.name in ROOT_MODULES | {"py.typed"})
    }


def test_the_package_list_is_the_folders():
    listed = PROJECT["tool"]["setuptools"]["packages"]
    assert listed == sorted(".".join(["benchwright", *folder.parts]) for folder in package_folders())


def test_the_root_has_no_other_modules():
    """Every module at the root is packed into the wheel, whatever the settings say."""
    assert {path.name for path in ROOT.glob("*.py")} == ROOT_MODULES


def third_party(path: Path, *, at_import: bool) -> set[str]:
    """Gives the third-party top-level modules that a file imports: all, or those loaded when it is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_import else list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level and node.module}
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"benchwright"}


def declared(*groups: str) -> set[str]:
    """Gives the import names of the dependencies, and those of optional groups."""
    optional = PROJECT["project"]["optional-dependencies"]
    lines = [*PROJECT["project"]["dependencies"], *(line for group in groups for line in optional[group])]
    modules = {"pyyaml": "yaml", "scikit-learn": "sklearn", "crowd-kit": "crowdkit"}
    names = {canonicalize_name(Requirement(line).name) for line in lines}
    return {modules.get(name, name.replace("-", "_")) for name in names}


def test_what_is_imported_is_declared():
    files = [ROOT / name for name in package_files() if name.endswith(".py")]
    at_import = set().union(*(third_party(path, at_import=True) for path in files))
    anywhere = set().union(*(third_party(path, at_import=False) for path in files))
    assert at_import <= declared()
    assert anywhere <= declared("local", "semantic", "ray", "annotate", "checks", "labels")
    assert "polars" in at_import, "the scan finds nothing"


def resolved(name: str) -> set[str]:
    """Gives all distributions that one needs without extras, itself included, as installed here."""
    found: set[str] = set()
    todo = [(canonicalize_name(name), "")]
    seen = set(todo)
    while todo:
        current, extra = todo.pop()
        try:
            needs = distribution(current).requires or []
        except PackageNotFoundError:
            pytest.fail(f"{current} is required and not installed")
        found.add(current)
        for requirement in map(Requirement, needs):
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            for wanted in ["", *requirement.extras]:
                key = (canonicalize_name(requirement.name), wanted)
                if key not in seen:
                    seen.add(key)
                    todo.append(key)
    return found


def test_the_core_needs_few_packages():
    needs = resolved("benchwright") - {"benchwright"}
    assert {"polars", "typer", "datasets"} <= needs
    assert len(needs) <= 45, sorted(needs)


def clone(to: Path) -> Path:
    """Copies what git would clone into a folder called ``benchwright-main``, with what is not committed yet."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs a git checkout: the files of a clone are those git lists")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    folder = to / "benchwright-main"
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, Path]:
    """Builds the sdist, and the wheel from the sdist, as ``python -m build`` does for an upload."""
    folder = clone(tmp_path_factory.mktemp("clone"))
    out = folder.parent / "dist"
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder.parent)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist, "editable": clone(tmp_path_factory.mktemp("editable"))}


@pytest.mark.install
def test_the_wheel_holds_the_package_and_nothing_else(built):
    names = [name for name in zipfile.ZipFile(built["wheel"]).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {"benchwright"}
    held = {name.removeprefix("benchwright/") for name in names}
    assert {name for name in held if name.endswith(".py") and "/" not in name} == ROOT_MODULES
    assert held == package_files()
    metadata = zipfile.ZipFile(built["wheel"]).namelist()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in metadata)


@pytest.mark.install
def test_the_sdist_can_be_built_from(built):
    names = {name.split("/", 1)[-1] for name in tarfile.open(built["sdist"]).getnames()}
    assert package_files() | {"pyproject.toml", "README.md", "LICENSE"} <= names


@pytest.fixture(scope="module")
def dependencies(tmp_path_factory) -> Path:
    """Gives a folder with all that is installed here but benchwright, which pip would take for installed."""
    folder = tmp_path_factory.mktemp("dependencies")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "benchwright" not in entry.name.lower() and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


def install(form: str, what: Path, dependencies: Path, folder: Path) -> Path:
    """Installs one form into a fresh environment that borrows the dependencies; gives its ``bin`` folder."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (packages / "deps.pth").write_text(f"{dependencies}\n", encoding="utf-8")
    command = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run(
        [*command, *(["--editable"] if form == "editable" else []), str(what)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder / "bin"


@pytest.mark.install
@pytest.mark.parametrize("form", ["wheel", "sdist", "editable"])
def test_every_form_installs_and_runs_elsewhere(built, dependencies, tmp_path, form):
    programs = install(form, built[form], dependencies, tmp_path / "env")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def run(*command):
        done = subprocess.run([str(part) for part in command], cwd=elsewhere, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    version = f"benchwright {PROJECT['project']['version']}\n"
    assert run(programs / "benchwright", "--version") == version
    assert run(programs / "python", "-m", "benchwright", "--version") == version
    where = Path(run(programs / "python", "-c", "import benchwright; print(benchwright.__file__)").strip())
    assert where.is_relative_to(built["editable"] if form == "editable" else tmp_path / "env")
    # Reads the packaged recipe, its instructions and every plug-in; asks no model.
    planned = json.loads(run(programs / "benchwright", "plan", "starter", "--json").splitlines()[-1])
    assert [stage["name"] for stage in planned["stages"]][:2] == ["collect", "filter"]
    reading = "from importlib.resources import files as f; print(*sorted(p.name for p in f('benchwright').iterdir()))"
    assert "py.typed" in run(programs / "python", "-c", reading).split()
