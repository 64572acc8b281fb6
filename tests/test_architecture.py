"""Who may import whom, and what may be loaded when: read from the sources, not from memory."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import evidence_mapper

PACKAGE = Path(evidence_mapper.__file__).parent
NAME = "evidence_mapper"
FILES = sorted(PACKAGE.rglob("*.py"))

# A module or package may import those of rows above and what is inside itself.
ROWS = (
    ("errors", "records"),
    ("data_files", "toml_files", "wording"),
    ("framework_entries", "language", "passage_files"),
    ("framework", "sentences", "encoders"),
    ("reading", "passages", "mapping", "positions", "metrics"),
    ("explanations",),
    ("pipeline", "reports", "training"),
    ("evaluation",),
    ("cli",),
)
ROW_OF = {part: number for number, row in enumerate(ROWS) for part in row}

HEAVY = {
    *("torch", "sentence_transformers", "transformers", "sklearn", "scipy", "safetensors"),
    *("openvino", "tokenizers", "huggingface_hub", "platformdirs"),
    *("pdfplumber", "pypdfium2", "docx", "lxml", "bs4", "lingua", "sentencex", "jinja2", "rich"),
}
# What the command line prints for people is made of rich's parts.
MAY_LOAD = {"reports/terminal.py": {"rich"}}
SLOW_TO_LOAD = sorted(HEAVY | {"numpy", "pydantic"})

MAX_LINES = 350


def show(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def part_of(path: Path) -> str:
    """Return the module or package right under the root that a file belongs to."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def list_imports(tree: ast.AST, path: Path) -> Iterator[str]:
    """Yield the dotted name of everything that is imported anywhere in a module."""
    package = [NAME, *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def list_parts(path: Path, source: str) -> Iterator[str]:
    """Yield the parts of the package that a source imports, its own left out."""
    for name in list_imports(ast.parse(source), path):
        root, *rest = name.split(".")
        if root == NAME and rest and rest[0] != "__version__" and rest[0] != part_of(path):
            yield rest[0]


def find_trespasses(path: Path, source: str) -> list[str]:
    own = ROW_OF[part_of(path)]
    return [
        f"{show(path)} imports {part}"
        for part in list_parts(path, source)
        if part not in ROW_OF or ROW_OF[part] >= own
    ]


def list_loaded(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the root of every import that runs when the module is loaded."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from list_loaded(node.orelse)
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.split(".")[0]
        else:
            yield from list_loaded(ast.iter_child_nodes(node))


def find_heavy(path: Path, source: str) -> set[str]:
    return set(list_loaded([ast.parse(source)])) & (HEAVY - MAY_LOAD.get(show(path), set()))


@pytest.mark.parametrize("path", FILES, ids=show)
def test_a_module_imports_from_rows_above_only(path):
    if path != PACKAGE / "__init__.py":
        assert find_trespasses(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=show)
def test_no_heavy_library_is_loaded_with_a_module(path):
    assert find_heavy(path, path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("path", FILES, ids=show)
def test_no_module_uses_pickle(path):
    names = set(list_imports(ast.parse(path.read_text(encoding="utf-8")), path))
    roots = {name.split(".")[0] for name in names}
    assert roots.isdisjoint({"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve"})
    assert "pickle" not in path.read_text(encoding="utf-8").casefold()


@pytest.mark.parametrize("path", FILES, ids=show)
def test_openvino_is_imported_where_its_telemetry_is_barred(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    ]
    roots = {name.split(".")[0] for name in list_imports(tree, path)}
    assert "openvino" not in roots or show(path) == "encoders/runtime.py"


@pytest.mark.parametrize("path", FILES, ids=show)
def test_a_module_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_every_part_of_the_package_stands_in_one_row():
    parts = {part_of(path) for path in FILES} - {"__init__"}
    assert parts == set(ROW_OF)
    assert sum(map(len, ROWS)) == len(ROW_OF)


@pytest.mark.parametrize(
    ("name", "source", "part"),
    [
        ("positions.py", "from evidence_mapper.passages import MIN_WORDS", "passages"),
        ("positions.py", "def f():\n    import evidence_mapper.pipeline", "pipeline"),
        ("mapping/heads.py", "from ..training import fit", "training"),
        (
            "metrics.py",
            "if TYPE_CHECKING:\n    from evidence_mapper.mapping import Model",
            "mapping",
        ),
        ("errors.py", "from evidence_mapper import records", "records"),
        ("reading/pdf.py", "from evidence_mapper import Mapper", "Mapper"),
    ],
)
def test_an_import_of_the_same_row_or_below_would_be_found(name, source, part):
    assert find_trespasses(PACKAGE / name, source) == [f"{name} imports {part}"]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("positions.py", "import numpy\nfrom evidence_mapper.framework import Framework"),
        (
            "mapping/heads.py",
            "from .encoder import Vectors\nfrom evidence_mapper import __version__",
        ),
        ("cli/app.py", "def f():\n    from evidence_mapper.pipeline import Mapper"),
    ],
)
def test_an_import_from_a_row_above_or_from_inside_is_allowed(name, source):
    assert find_trespasses(PACKAGE / name, source) == []


def test_a_heavy_import_would_be_found_in_a_class_and_not_in_a_function():
    path = PACKAGE / "pipeline.py"
    assert find_heavy(path, "class A:\n    import torch.nn") == {"torch"}
    assert find_heavy(path, "try:\n    from lxml import etree\nexcept ImportError: ...") == {"lxml"}
    assert find_heavy(path, "def f():\n    import torch") == set()
    assert find_heavy(path, "if TYPE_CHECKING:\n    import torch\nelse:\n    import rich") == {
        "rich"
    }


@pytest.mark.parametrize("module", ["evidence_mapper", "evidence_mapper.cli"])
def test_the_command_line_loads_nothing_slow_before_it_knows_the_command(module):
    code = f"import sys, {module}; print([m for m in {SLOW_TO_LOAD} if m in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("name", sorted({*evidence_mapper.__all__} - {"__version__"}))
def test_every_public_name_can_be_had_from_the_package(name):
    assert getattr(evidence_mapper, name).__name__ == name


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Scorer'"):
        _ = evidence_mapper.Scorer
