import json
import subprocess
import sys
from pathlib import Path

import pytest

import evidence_mapper
from evidence_mapper import cli
from evidence_mapper.framework import load_framework
from framework_builders import LIBRARY, write_framework
from tiny_encoder import make_training_passages, write_jsonl, write_passage, write_report

COMMANDS = [
    *("analyse", "classify", "explain", "evaluate", "train", "setup"),
    *("framework show", "framework check"),
]
STAGES = {"curriculum": 3, "pupil_voice": 1}


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "ser.md"
    path.write_text(write_report(STAGES), encoding="utf-8")
    return path


def list_labels(passages):
    return [passage.model_dump(mode="json") for passage in passages]


def refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def parse_json(text: str) -> object:
    return json.loads(text, parse_constant=refuse_constant)


# Help and usage


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_shows_an_example_of_it(run, command):
    answer = run(*command.split(), "--help")
    assert (answer.code, answer.err) == (0, "")
    (example,) = [line for line in answer.out.splitlines() if "Example: " in line]
    assert f"Example: evidence-mapper {command}" in example
    for word in example.split():
        if word.startswith("--"):
            assert answer.out.count(word) > 1


def test_the_help_of_the_program_names_every_command(run):
    answer = run("-h")
    assert answer.code == 0
    assert "Example: evidence-mapper analyse" in answer.out
    for command in COMMANDS:
        assert command.split()[0] in answer.out


def test_the_version_is_that_of_the_package(run):
    assert run("--version") == (0, f"evidence-mapper {evidence_mapper.__version__}\n", "")


@pytest.mark.parametrize(
    "words",
    [
        ["analyze", "ser.pdf"],
        ["analyse"],
        ["analyse", "ser.pdf", "--colour"],
        ["analyse", "ser.pdf", "--format", "nonsense"],
        ["analyse", "ser.pdf", "--format", ""],
        ["analyse", "ser.pdf", "--quotes", "0"],
        ["analyse", "ser.pdf", "--quotes", "many"],
        ["analyse", "ser.pdf", "--kind", "novel"],
        ["analyse", "ser.pdf", "--read-timeout", "0"],
        ["classify"],
        ["evaluate"],
        ["framework", "show", "music"],
        ["framework", "paint"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_with_a_word_on_stderr(run, words):
    answer = run(*words)
    assert (answer.code, answer.out) == (2, "")
    assert "Error" in answer.err
    assert "Traceback" not in answer.err


def test_wrong_usage_says_what_would_be_right(run):
    assert "html,json,csv" in run("analyse", "ser.pdf", "--format", "pdf").err
    assert "pupil_voice" in run("framework", "show", "music").err


# Bad input


@pytest.fixture
def bad_words(request, tmp_path, report):
    """Return words that name a bad input, by what is wrong."""
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "data").mkdir()
    labels = [{"text": "A.", "area": "curriculum"}, {"text": "B.", "area": "music"}]
    lines = [{"id": 1, "text": "A."}, "nonsense"]
    return {
        "no such document": ["analyse", tmp_path / "none.pdf"],
        "a folder": ["analyse", tmp_path],
        "an empty file": ["analyse", tmp_path / "empty.pdf"],
        "no such model": ["analyse", report, "--model", "best"],
        "another encoder": ["analyse", report, "--encoder", "best"],
        "no such passages": ["classify", tmp_path / "none.jsonl"],
        "a bad line": ["classify", write_jsonl(tmp_path / "p.jsonl", lines)],
        "an unknown area": ["evaluate", write_jsonl(tmp_path / "l.jsonl", labels)],
        "no labels": ["evaluate", write_jsonl(tmp_path / "e.jsonl", [])],
        "no data": ["train", "--data", tmp_path / "data", "--out", tmp_path / "out"],
        "no framework": ["framework", "check", tmp_path / "none.toml"],
    }[request.param]


BAD = {
    "no such document": "none.pdf: there is no such file",
    "a folder": "it is a folder",
    "an empty file": "empty.pdf: the file is empty",
    "no such model": "--model best: no such model or folder",
    "another encoder": "--encoder best: model 'accurate' was trained on",
    "no such passages": "none.jsonl: no such file or directory",
    "a bad line": "p.jsonl: line 2: Invalid JSON",
    "an unknown area": "line 2: area: 'music' is none of strategic_vision",
    "no labels": "e.jsonl: holds no passage",
    "no data": "holds no .jsonl file",
    "no framework": "there is no such file",
}


@pytest.mark.parametrize(("bad_words", "problem"), BAD.items(), indirect=["bad_words"], ids=BAD)
def test_bad_input_is_exit_1_with_what_is_wrong_on_stderr(run, bad_words, problem):
    answer = run(*bad_words, *(["--quiet"] if bad_words[0] == "analyse" else []))
    assert (answer.code, answer.out) == (1, "")
    assert problem in answer.err
    assert "Traceback" not in answer.err
    # One line; files with several problems list them below, each on its own.
    first, *listed = answer.err.splitlines()
    assert first
    assert all(line.startswith("  ") for line in listed)


def test_every_document_that_cannot_be_read_has_its_line(run, tiny, tmp_path, report):
    answer = run("analyse", tmp_path / "a.pdf", report, tmp_path / "b.pdf", "--quiet", *tiny)
    assert answer.code == 1
    assert [line.split(":")[0] for line in answer.err.splitlines()] == ["a.pdf", "b.pdf"]


def test_every_problem_of_a_framework_is_told(run, tmp_path):
    path = write_framework(tmp_path, ("number = 1", "number = 7"), ("title =", "titel ="))
    answer = run("framework", "check", path)
    assert (answer.code, answer.out) == (1, "")
    assert "stages[0].number" in answer.err
    assert "did you mean title?" in answer.err


def test_a_folder_that_cannot_be_written_is_exit_1(run, tiny, report, tmp_path):
    (tmp_path / "file").touch()
    answer = run("analyse", report, "--out", tmp_path / "file", "--quiet", *tiny)
    assert (answer.code, answer.out) == (1, "")
    assert "file: file is a file; name another folder with --out." in answer.err


def test_a_folder_that_cannot_be_written_is_told_before_any_work(run, tiny, tmp_path):
    (tmp_path / "file").touch()
    answer = run("analyse", tmp_path / "gone.pdf", "--out", tmp_path / "file" / "below")
    assert answer.code == 1
    assert "file is a file; name another folder" in answer.err
    assert "gone.pdf" not in answer.err


def test_a_process_ends_with_one_line_and_no_traceback(tmp_path):
    answer = subprocess.run(
        [sys.executable, "-c", "from evidence_mapper.cli import main; main()", "analyse", "a.pdf"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.strip() == "a.pdf: there is no such file; check its name"


def test_a_person_who_stops_it_sees_no_traceback(run, monkeypatch):
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", stop)
    assert run("analyse", "a.pdf") == (130, "", "")


# Results


def test_analyse_prints_every_area_with_a_stage_or_a_reason(run, tiny, report, framework):
    answer = run("analyse", report, "--quiet", *tiny)
    assert (answer.code, answer.err) == (0, "")
    words = " ".join(answer.out.split())
    assert all(area.short_name.split()[0] in words for area in framework.areas)
    assert "3 Building momentum" in words
    assert "1 Starting the journey" in words
    assert words.count("insufficient evidence") == 8
    assert "it judges no school" in words


def test_analyse_prints_nothing_but_json_on_stdout(run, tiny, report):
    answer = run("analyse", report, "--json", *tiny)
    profile = parse_json(answer.out)
    stages = {p["area"]: p["stage"] for p in profile["positions"] if p["stage"]}
    assert stages == STAGES
    assert profile["schema_version"] == 2
    assert run("analyse", report, "--json", "--quiet", *tiny) == (0, answer.out, "")


def test_analyse_writes_its_files_and_says_where_on_stderr(run, tiny, report, tmp_path):
    out = tmp_path / "new" / "out"
    answer = run("analyse", report, "--json", "--quiet", "--out", out, *tiny)
    assert answer.code == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "profile.html",
        "profile.json",
        "quotes.csv",
    ]
    assert (out / "profile.json").read_text(encoding="utf-8") == answer.out
    assert [Path(line.removeprefix("Written: ")).parent for line in answer.err.splitlines()] == [
        out
    ] * 3


def test_analyse_writes_only_the_formats_that_are_asked_for(run, tiny, report, tmp_path):
    run("analyse", report, "--format", " csv, json,csv", "--out", tmp_path / "out", *tiny)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"profile.json", "quotes.csv"}


def test_analyse_shows_as_many_quotes_as_asked_for_and_takes_the_kind_given(run, tiny, report):
    answer = run("analyse", report, "--json", "--quotes", 1, "--kind", "minutes", *tiny)
    profile = parse_json(answer.out)
    assert max(len(position["quotes"]) for position in profile["positions"]) == 1
    assert [document["kind"] for document in profile["documents"]] == ["minutes"]


def test_analyse_keeps_mappings_between_runs_unless_it_is_told_not_to(run, tiny, report, tmp_path):
    plain = run("analyse", report, "--json", "--quiet", "--no-cache", *tiny)
    assert not (tmp_path / "cache").exists()
    first = run("analyse", report, "--json", "--quiet", *tiny)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["mappings.sqlite3"]
    assert run("analyse", report, "--json", "--quiet", *tiny) == first == plain
    (tmp_path / "cache" / "mappings.sqlite3").write_text("damaged")
    again = run("analyse", report, "--json", "--quiet", *tiny)
    assert again.out == plain.out
    assert again.code == 0


def test_classify_prints_a_line_for_each_passage_with_its_id(run, tiny, tmp_path):
    lines = [
        {"id": "a", "text": write_passage("curriculum", 4)},
        {"id": 7, "text": write_passage("pupil_voice", 1)},
    ]
    answer = run("classify", write_jsonl(tmp_path / "p.jsonl", lines), *tiny)
    assert (answer.code, answer.err) == (0, "")
    first, second = map(parse_json, answer.out.splitlines())
    assert (first["id"], first["area"], first["stage"]) == ("a", "curriculum", 4)
    assert (second["id"], second["area"], second["stage"]) == (7, "pupil_voice", 1)
    assert set(first) == {
        *("id", "area", "area_probabilities", "stage", "stage_probabilities", "abstained", "reason")
    }


def test_classify_prints_nothing_for_an_empty_file(run, tiny, tmp_path):
    assert run("classify", write_jsonl(tmp_path / "p.jsonl", []), *tiny) == (0, "", "")


@pytest.mark.usefixtures("few_draws")
def test_evaluate_prints_json_though_some_figures_cannot_be_measured(run, tiny, tmp_path):
    labels = [{"text": "Pupils meet.", "area": "pupil_voice"}] * 3
    answer = run("evaluate", write_jsonl(tmp_path / "l.jsonl", labels), "--json", *tiny)
    evaluation = parse_json(answer.out)
    assert (answer.code, answer.err) == (0, "")
    assert evaluation["overall"]["passage_count"] == 3
    assert evaluation["overall"]["stage_qwk"] == {"value": None, "low": None, "high": None}


@pytest.mark.usefixtures("few_draws")
def test_evaluate_prints_figures_with_intervals_and_confusions(run, tiny, tmp_path):
    path = write_jsonl(tmp_path / "l.jsonl", list_labels(make_training_passages()))
    answer = run("evaluate", path, *tiny)
    assert (answer.code, answer.err) == (0, "")
    line = next(row for row in answer.out.splitlines() if "area accuracy" in row)
    assert line.split()[-4:] == ["1.000", "1.000", "to", "1.000"]
    assert "Language cy: 8 passages" in answer.out
    assert "Starting the journey" in answer.out


@pytest.mark.usefixtures("few_draws", "use_tiny_encoder")
def test_a_trained_model_can_be_used_by_the_other_commands(run, tmp_path):
    data, out = tmp_path / "data", tmp_path / "model"
    data.mkdir()
    passages = make_training_passages()
    for source in ("first", "second"):
        labels = list_labels(passage for passage in passages if passage.source == source)
        write_jsonl(data / f"{source}.jsonl", labels)
    answer = run("train", "--data", data, "--out", out, "--encoder", "tiny")
    assert answer.code == 0
    assert parse_json(answer.out)["training"]["passage_count"] == len(passages)
    assert answer.err.splitlines()[0] == "encoding passages: 0 of 4"
    path = write_jsonl(tmp_path / "p.jsonl", [{"id": 1, "text": write_passage("curriculum", 2)}])
    assert '"stage": 2' in run("classify", path, "--model", out).out


def test_framework_show_prints_areas_stages_factors_and_characteristics(run, framework):
    answer = run("framework", "show")
    assert (answer.code, answer.err) == (0, "")
    words = " ".join(answer.out.split())
    assert all(area.key in words for area in framework.areas)
    assert all(stage.name in words for stage in framework.stages)
    assert framework.factors[0].text in words
    assert framework.characteristics[-1].text in words


@pytest.mark.parametrize("called", ["key", "short_name", "welsh_name"])
def test_framework_show_prints_every_descriptor_of_an_area(run, framework, called):
    answer = run("framework", "show", getattr(framework.find_area("pupil_voice"), called))
    shown = " ".join(answer.out.split())
    assert answer.code == 0
    for stage in framework.stages:
        for descriptor in framework.descriptors_of("pupil_voice", stage.number):
            assert " ".join(descriptor.text.split()) in shown


def test_a_framework_of_ones_own_is_shown_and_checked(run):
    library = load_framework(LIBRARY)
    shown = run("framework", "show", "--file", LIBRARY)
    assert library.title in shown.out
    assert all(area.key in shown.out for area in library.areas)
    answer = run("framework", "check", LIBRARY)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("library.toml: in order; ")


@pytest.mark.model
def test_classify_with_the_shipped_model_places_plain_passages(run, tmp_path):
    lines = [
        {"id": "low", "text": "There is no school council, and pupils have no say in decisions."},
        {"id": "none", "text": "The school has 210 pupils on roll."},
    ]
    answer = run("classify", write_jsonl(tmp_path / "p.jsonl", lines))
    low, none = map(parse_json, answer.out.splitlines())
    assert (low["area"], low["stage"]) == ("pupil_voice", 1)
    assert (none["area"], none["stage"]) == ("none", None)
