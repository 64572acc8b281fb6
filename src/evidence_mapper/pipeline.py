"""The order of the steps: read, split, map, position."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Self

from evidence_mapper import __version__
from evidence_mapper.data_files import DEFAULT_MODEL
from evidence_mapper.errors import ModelError, ReadingError
from evidence_mapper.framework import Framework, load_framework
from evidence_mapper.language import LANGUAGE_NAMES
from evidence_mapper.mapping import ModelSet, load_models
from evidence_mapper.mapping.cache import MappingCache
from evidence_mapper.passages import split_document
from evidence_mapper.positions import MappedPassage, PositionSettings, suggest_positions
from evidence_mapper.reading import DEFAULT_LIMITS, ReadingJob, ReadingLimits, start_reading
from evidence_mapper.records import (
    Document,
    DocumentKind,
    DocumentSummary,
    Passage,
    Profile,
    Versions,
)
from evidence_mapper.wording import count_things

# Each reader is a process of its own; a third would wait for a core on a small machine.
READERS_AT_ONCE = 2


class Step(StrEnum):
    """What an assessment is at, for a progress bar."""

    READ = "reading"
    LOAD = "loading the model"
    MAP = "mapping passages"


Progress = Callable[[Step, int, int], None]
"""Is told the step, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A profile with all that led to it.

    `passages` are all passages of all documents in reading order, each with its mapping.
    """

    profile: Profile
    documents: tuple[Document, ...]
    passages: tuple[MappedPassage, ...]


class Mapper:
    """Finds the evidence in school documents and suggests a position in every area.

    Example:
        >>> from evidence_mapper import Mapper
        >>> profile = Mapper.load().assess("report.pdf")
        >>> for position in profile.positions:
        ...     print(position.area, position.stage, position.reason)
    """

    def __init__(self, models: ModelSet, settings: PositionSettings | None = None) -> None:
        self.models = models
        self.settings = settings or PositionSettings()

    @property
    def framework(self) -> Framework:
        """The framework that passages are placed in."""
        return self.models.framework

    @classmethod
    def load(
        cls,
        model: str = DEFAULT_MODEL,
        *,
        framework: Path | None = None,
        encoder: str | None = None,
        settings: PositionSettings | None = None,
        cache: Path | None = None,
    ) -> Self:
        """Return a mapper; its encoder is loaded while the first documents are read.

        Args:
            model: that of a shipped model, or a folder that `evidence-mapper train --out` made.
            framework: a framework file with the model's areas and stages; `None` for Estyn's.
            encoder: the hub model that a trained model may fetch.
            settings: the numbers of the rule for positions.
            cache: an SQLite file where mappings are kept between runs, or `None` for none.

        Raises:
            EvidenceMapperError: the model or the framework cannot be used.
        """
        models = load_models(
            model,
            framework=load_framework(framework),
            encoder=encoder,
            cache=MappingCache(cache) if cache else None,
        )
        return cls(models, settings)

    def assess(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        kind: DocumentKind | None = None,
        limits: ReadingLimits = DEFAULT_LIMITS,
        on_progress: Progress | None = None,
    ) -> Profile:
        """Return the profile of one school from one or more of its documents.

        Raises:
            ReadingError: a document cannot be read; with several, the message has a line for each.
        """
        return self.assess_fully(paths, kind=kind, limits=limits, on_progress=on_progress).profile

    def assess_fully(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        kind: DocumentKind | None = None,
        limits: ReadingLimits = DEFAULT_LIMITS,
        on_progress: Progress | None = None,
    ) -> Assessment:
        """Return the profile with the documents, passages and mappings that led to it.

        Raises:
            ReadingError: as `assess`.
        """
        tell = on_progress or (lambda *_: None)
        files = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
        documents = self._read(files, kind, limits, tell)
        by_document = [split_document(document) for document in documents]
        passages = [passage for group in by_document for passage in group]
        answers = self.models.map_texts(
            [passage.text for passage in passages],
            [passage.language for passage in passages],
            lambda done, total: tell(Step.MAP, done, total),
        )
        labels = _label_pages(documents)
        mapped = tuple(
            MappedPassage(passage, mapping, *labels[passage.document, passage.spans[0].page])
            for passage, mapping in zip(passages, answers.mappings, strict=True)
            if mapping is not None
        )
        if passages and not mapped:
            raise ModelError("\n".join(_describe_gaps(passages, answers.gaps)))
        profile = Profile(
            documents=tuple(
                _summarise(document, group, answers.gaps)
                for document, group in zip(documents, by_document, strict=True)
            ),
            positions=suggest_positions(mapped, self.framework, self.settings),
            versions=self._describe_versions(),
        )
        return Assessment(profile, documents, mapped)

    def _read(
        self,
        files: Sequence[Path],
        kind: DocumentKind | None,
        limits: ReadingLimits,
        tell: Progress,
    ) -> tuple[Document, ...]:
        """Return the documents; the model is loaded while the first of them are read."""
        documents: list[Document] = []
        problems: list[ReadingError] = []
        with ExitStack() as stack:
            waiting = iter(files)
            jobs = [_start(file, kind, limits, stack) for file in _take(waiting)]
            tell(Step.LOAD, 0, 1)
            if jobs and all(isinstance(job, ReadingJob) for job in jobs):
                _ = self.models.chosen.encoder
            tell(Step.LOAD, 1, 1)
            for done in range(len(files)):
                tell(Step.READ, done, len(files))
                job = jobs[done]
                try:
                    if isinstance(job, ReadingError):
                        raise job
                    documents.append(job.result())
                except ReadingError as error:
                    problems.append(error)
                jobs += [_start(file, kind, limits, stack) for file in _take(waiting, 1)]
        tell(Step.READ, len(files), len(files))
        if problems:
            raise _join_problems(problems)
        return _name_apart(documents)

    def _describe_versions(self) -> Versions:
        return Versions(
            program=__version__,
            model=self.models.name,
            model_digest=self.models.digest,
            framework=self.framework.title,
            framework_digest=self.framework.digest,
        )


def _take(files: Iterator[Path], count: int = READERS_AT_ONCE) -> list[Path]:
    return list(islice(files, count))


def _start(
    file: Path, kind: DocumentKind | None, limits: ReadingLimits, stack: ExitStack
) -> ReadingJob | ReadingError:
    try:
        return stack.enter_context(start_reading(file, kind=kind, limits=limits))
    except ReadingError as error:
        return error


def _join_problems(problems: Sequence[ReadingError]) -> ReadingError:
    if len(problems) == 1:
        return problems[0]
    return ReadingError("\n".join(str(problem) for problem in problems))


def _name_apart(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return the documents with a number after each name that an earlier one has too."""
    taken: set[str] = set()
    named = []
    for document in documents:
        name, number = document.name, 1
        while name in taken:
            number += 1
            name = f"{document.name} ({number})"
        taken.add(name)
        named.append(replace(document, name=name))
    return tuple(named)


def _label_pages(documents: Sequence[Document]) -> dict[tuple[str, int], tuple[int | None, str]]:
    return {
        (document.name, page.number): (page.number if document.is_paged else None, page.label)
        for document in documents
        for page in document.pages
    }


def _describe_gaps(passages: Sequence[Passage], gaps: MappingType[str, str]) -> list[str]:
    """Return a sentence for each language whose passages could not be answered."""
    return [
        f"{count_things(count, 'passage')} in {LANGUAGE_NAMES.get(language, language)} could not "
        f"be mapped and count for nothing: {reason}"
        for language, reason in gaps.items()
        if (count := sum(passage.language == language for passage in passages))
    ]


def _summarise(
    document: Document, passages: Sequence[Passage], gaps: MappingType[str, str]
) -> DocumentSummary:
    return DocumentSummary(
        name=document.name,
        kind=document.kind,
        digest=document.digest,
        is_paged=document.is_paged,
        page_count=len(document.pages),
        passage_count=len(passages),
        languages=tuple(sorted({passage.language for passage in passages})),
        notes=(*document.notes, *_describe_gaps(passages, gaps)),
    )
