import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_mapper import data_files
from evidence_mapper.data_files import find_data_folder

FIND = (
    "from evidence_mapper.data_files import find_data_folder; print(find_data_folder('framework'))"
)


def copy_package(folder: Path) -> Path:
    """Return a copy of the package's three modules that are needed to find a folder."""
    package = folder / "evidence_mapper"
    package.mkdir(parents=True)
    source = Path(data_files.__file__).parent
    for name in ("__init__.py", "errors.py", "data_files.py"):
        shutil.copy(source / name, package / name)
    return package


def run_find(folder: Path) -> subprocess.CompletedProcess[str]:
    # -S leaves site-packages out, where the real package may be installed.
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); {FIND}"
    return subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("name", ["framework", "models", "corpus_samples"])
def test_every_folder_is_found(name):
    assert find_data_folder(name).is_dir()
    assert find_data_folder(name).name == name


def test_an_installed_package_uses_its_own_data_before_a_folder_further_up(tmp_path):
    package = copy_package(tmp_path / "lib" / "site-packages")
    packed = package / "data" / "framework"
    packed.mkdir(parents=True)
    (tmp_path / "lib" / "framework").mkdir()
    (tmp_path / "lib" / "pyproject.toml").touch()
    assert run_find(package.parent).stdout.strip() == str(packed.resolve())


def test_a_checkout_uses_the_folder_at_its_root(tmp_path):
    package = copy_package(tmp_path / "checkout" / "src")
    at_root = tmp_path / "checkout" / "framework"
    at_root.mkdir()
    (tmp_path / "checkout" / "pyproject.toml").touch()
    assert run_find(package.parent).stdout.strip() == str(at_root.resolve())


def test_a_folder_of_the_same_name_outside_a_checkout_is_not_taken(tmp_path):
    package = copy_package(tmp_path / "lib" / "site-packages")
    (tmp_path / "lib" / "framework").mkdir()
    answer = run_find(package.parent)
    assert answer.returncode != 0
    assert "this folder of the program is missing. Install the program again." in answer.stderr
