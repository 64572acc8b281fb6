"""The shipped model on a sample, through the command line, as a user runs it."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from evidence_mapper import Mapper, read_document
from evidence_mapper.data_files import find_data_folder
from evidence_mapper.errors import ReadingError
from evidence_mapper.framework import load_framework
from evidence_mapper.mapping import load_model, load_models
from evidence_mapper.mapping.manifest import load_manifest
from evidence_mapper.training import RECIPES, load_training_passages
from evidence_mapper.training.data import digest_passages
from evidence_mapper.training.tune import part_passages
from tiny_encoder import write_jsonl

pytestmark = pytest.mark.model

TOOL = [sys.executable, "-c", "from evidence_mapper.cli import main; main()"]
ROOT = Path(__file__).resolve().parents[1]
SAMPLES = find_data_folder("corpus_samples") / "documents"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    command = [*TOOL, "analyse", str(SAMPLES / "cwmhelyg.pdf"), "--out", str(folder), "--json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (folder / "printed.json").write_text(run.stdout, encoding="utf-8")
    return folder


def test_the_printed_profile_is_the_written_one_and_keeps_to_the_schema(results: Path) -> None:
    printed = (results / "printed.json").read_text(encoding="utf-8")
    assert printed == (results / "profile.json").read_text(encoding="utf-8")
    schema = json.loads((ROOT / "docs" / "profile.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(printed), schema)


def test_every_quote_is_verbatim_and_on_its_page(results: Path) -> None:
    profile = json.loads((results / "profile.json").read_text(encoding="utf-8"))
    pages = read_document(SAMPLES / "cwmhelyg.pdf").pages
    quotes = [quote for position in profile["positions"] for quote in position["quotes"]]
    assert len(quotes) > 20
    for quote in quotes:
        slices = [
            pages[span["page"] - 1].text[span["start"] : span["end"]] for span in quote["spans"]
        ]
        assert " ".join(slices) == quote["text"]
        assert quote["page"] == quote["spans"][0]["page"]


def test_the_table_has_a_row_for_every_quote(results: Path) -> None:
    profile = json.loads((results / "profile.json").read_text(encoding="utf-8"))
    with (results / "quotes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(position["quotes"]) for position in profile["positions"])


def test_a_shopping_list_is_ten_times_insufficient_evidence(tmp_path: Path) -> None:
    shopping = tmp_path / "shopping.txt"
    goods = ("two pints of milk", "six eggs from the market", "a bag of flour", "some cheese")
    lines = [f"- {number} times {item} please" for number in range(2, 60) for item in goods]
    shopping.write_text("\n".join(lines), encoding="utf-8")
    profile = Mapper.load().assess(shopping)
    assert [position.stage for position in profile.positions] == [None] * 10
    assert {position.outcome.value for position in profile.positions} == {"insufficient evidence"}


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_files_of_one_name_are_all_read_and_told_apart(tmp_path: Path, count: int) -> None:
    text = "The school council meets often and pupils decide what to change. It has worked well."
    files = [tmp_path / str(number) / "ser.txt" for number in range(1, count + 1)]
    for file in files:
        file.parent.mkdir()
        file.write_text(f"{text} In house {file.parent.name}.", encoding="utf-8")
    names = [document.name for document in Mapper.load().assess(files).documents]
    assert names == ["ser.txt", *(f"ser.txt ({number})" for number in range(2, count + 1))]


def test_every_broken_file_of_several_is_named(tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text("Pupils make good progress in most lessons.", encoding="utf-8")
    (tmp_path / "empty.pdf").touch()
    with pytest.raises(ReadingError) as caught:
        Mapper.load().assess([tmp_path / "gone.pdf", good, tmp_path / "empty.pdf", good])
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "gone.pdf",
        "empty.pdf",
    ]


def test_classify_gives_every_passage_a_line_with_probabilities(tmp_path: Path) -> None:
    texts = {
        "a": "Most teachers give helpful feedback and pupils respond to it well.",
        "b": "The school has 210 pupils on roll.",
    }
    file = write_jsonl(tmp_path / "in.jsonl", [{"id": k, "text": v} for k, v in texts.items()])
    run = subprocess.run([*TOOL, "classify", str(file)], capture_output=True, text=True, check=True)
    first, second = map(json.loads, run.stdout.splitlines())
    assert (first["id"], first["area"]) == ("a", "teaching_assessment")
    assert (second["area"], second["stage"], second["abstained"]) == ("none", None, False)
    for answer in (first, second):
        assert set(answer["area_probabilities"]) == {*load_framework().area_keys, "none"}
        assert sum(answer["area_probabilities"].values()) == pytest.approx(1, abs=1e-4)
        assert sum(answer["stage_probabilities"]) == pytest.approx(1, abs=1e-4)
        assert len(answer["stage_probabilities"]) == 4


def test_an_answer_does_not_depend_on_its_neighbours() -> None:
    model = load_model(framework=load_framework())
    text = "Governors ask searching questions about progress."
    alone = model.map_texts([text])[0]
    among = model.map_texts(["Short one here.", text, "A much longer passage " * 20])[1]
    assert among.areas == pytest.approx(alone.areas, abs=0.02)
    assert among.stages == pytest.approx(alone.stages, abs=0.02)


@pytest.mark.parametrize("name", RECIPES)
def test_a_model_learned_from_the_passages_that_are_there(name: str) -> None:
    passages = part_passages(load_training_passages(load_framework()), RECIPES[name]).train
    record = load_manifest(find_data_folder("models")).models[name].training
    assert (record.sha256, record.passage_count) == (digest_passages(passages), len(passages))


@pytest.mark.parametrize("name", RECIPES)
def test_the_arithmetic_of_use_changes_next_to_nothing(name: str) -> None:
    precision = load_manifest(find_data_folder("models")).models[name].precision
    assert abs(precision.qwk_difference) <= 0.01
    assert min(precision.same_area, precision.same_stage) >= 0.97


def test_what_is_shipped_of_a_model_is_small() -> None:
    sizes = {
        name: sum(path.stat().st_size for path in (find_data_folder("models") / name).iterdir())
        for name in RECIPES
    }
    assert max(sizes.values()) < 25_000_000


def test_each_language_is_answered_by_the_model_that_was_measured_in_it() -> None:
    models = load_models(framework=load_framework())
    assert {key: model.name for key, model in models.by_language.items()} == {
        "en": "accurate",
        "cy": "welsh",
    }
    profile = Mapper(models).assess(SAMPLES / "aberhelyg.docx")
    assert profile.versions.model == "accurate + welsh"
    assert not [note for note in profile.documents[0].notes if "could not" in note]
    assert sum(position.stage is not None for position in profile.positions) >= 7
