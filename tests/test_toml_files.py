import os

import pytest

from evidence_mapper.errors import FrameworkError
from evidence_mapper.framework import load_framework
from framework_builders import list_problems, make_framework_text


def test_two_thousand_problems_are_cut_short_and_counted(tmp_path):
    path = tmp_path / "f.toml"
    path.write_text("".join(f"k{i} = 1\n" for i in range(2000)) + make_framework_text(1, 2))
    problems = list_problems(path)
    assert len(problems) == 201
    assert problems[-1] == "... and 1,800 more"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"title = ", "is not TOML: Invalid value (at end of document)"),
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "is not UTF-8 (line 2); save it as UTF-8"),
        ("title = 'Ysgol â'".encode("utf-16"), "is not UTF-8 (line 1); save it as UTF-8"),
        (b"a = " + b"[" * 5000, "lists or tables are nested too deeply"),
        (b"a = " + b"9" * 5000, "is not TOML: Exceeds the limit"),
        (b"#" * 1_000_001, "has more than 1,000,000 bytes"),
        (
            b"title = 'x'\n" + b"a." * 400_000 + b"a = 1",
            "is not TOML that is read here: 20 or more keys are joined by dots (line 2)",
        ),
        (
            b"b = {" + b"'a' . \"b\".'' . " * 20 + b"a = 1}",
            "is not TOML that is read here: 20 or more keys are joined by dots (line 1)",
        ),
    ],
)
def test_a_file_that_is_no_toml_to_be_read_here_says_so(tmp_path, content, problem):
    path = tmp_path / "f.toml"
    path.write_bytes(content)
    (found,) = list_problems(path)
    assert found.startswith(problem)


def test_a_missing_file_and_a_folder_and_a_pipe_are_told_apart(tmp_path):
    assert list_problems(tmp_path / "f.toml") == ("there is no such file",)
    assert list_problems(tmp_path) == ("is a folder; name the file in it",)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert list_problems(pipe) == ("is not a file",)
    assert list_problems(tmp_path / ("f" * 300)) == ("cannot be read (File name too long)",)


def test_a_file_name_with_control_characters_is_shown_escaped(tmp_path):
    with pytest.raises(FrameworkError, match=r"\\x1b\[2Jf.toml': 1 problem") as caught:
        load_framework(tmp_path / "\x1b[2Jf.toml")
    assert "\x1b" not in str(caught.value)
