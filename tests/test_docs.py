"""What the documents say can be done."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted(path for path in ROOT.rglob("*.md") if not {".venv", "out"} & set(path.parts))
TOOL = [sys.executable, "-c", "from evidence_mapper.cli import main; main()"]


@pytest.mark.parametrize(
    "command", ["analyse", "classify", "evaluate", "train", "framework show", "framework check"]
)
def test_the_readme_shows_every_command(command: str) -> None:
    assert f"    evidence-mapper {command}" in README


def test_every_command_of_the_readme_exists_with_its_options() -> None:
    lines = re.findall(r"^    evidence-mapper (.+)$", README, flags=re.MULTILINE)
    assert lines
    for line in lines:
        words = line.split()
        command = words[:2] if words[0] == "framework" else words[:1]
        options = [word for word in words if word.startswith("--")]
        help_text = subprocess.run(
            [*TOOL, *command, "--help"], capture_output=True, text=True, check=True
        ).stdout
        assert all(option in help_text for option in options), line


@pytest.mark.model
def test_the_python_example_of_the_readme_runs() -> None:
    (example,) = re.findall(r"```python\n(.+?)```", README, flags=re.DOTALL)
    run = subprocess.run(
        [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    areas = [line for line in run.stdout.splitlines() if line and not line.startswith(" ")]
    assert len(areas) == 10


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_the_documents_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text)
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing
