"""Every error that is raised on purpose.

EvidenceMapperError            what a person can put right; one line on stderr, exit 1
├── FrameworkError             a framework file breaks its rules; holds every problem
├── ModelError                 a model is missing, damaged or made for something else
├── LabelledDataError          a JSON Lines file of passages cannot be used
├── OutputError                a result could not be written
└── ReadingError               a document could not be read
    ├── DocumentNotFound       no such file, or a folder
    ├── EmptyDocument          the file holds no byte, or no word
    ├── UnsupportedDocument    not a kind of file that is read here
    ├── DamagedDocument        the file breaks the rules of its format
    ├── EncryptedDocument      a password is needed
    ├── NoTextFound            pages without a text layer
    ├── UnsafeDocument         built to harm: a zip bomb, external entities
    ├── DocumentTooLarge       too many bytes, pages or words
    └── ReadingTimedOut        the reader was killed at its time or memory limit
"""


class EvidenceMapperError(Exception):
    """The base of all errors that a person can put right.

    The message says which file, what is wrong and what to do.
    """


class FrameworkError(EvidenceMapperError):
    """A framework file breaks its rules.

    Args:
        file_name: the file, as the person named it.
        problems: every problem found, each beginning with its path in the file.
    """

    def __init__(self, file_name: str, problems: tuple[str, ...]) -> None:
        noun = "problem" if len(problems) == 1 else "problems"
        super().__init__(
            f"{file_name}: {len(problems)} {noun}; put them right and check again.\n"
            + "\n".join(f"  {problem}" for problem in problems)
        )
        self.file_name = file_name
        self.problems = problems


class ModelError(EvidenceMapperError):
    """A model is missing, damaged or was made for something else."""


class LabelledDataError(EvidenceMapperError):
    """A JSON Lines file of passages cannot be used; names the line."""


class OutputError(EvidenceMapperError):
    """A result could not be written."""


class ReadingError(EvidenceMapperError):
    """A document could not be read."""


class DocumentNotFound(ReadingError):
    """There is no such file, or it is a folder."""


class EmptyDocument(ReadingError):
    """The file holds no byte, or no word."""


class UnsupportedDocument(ReadingError):
    """The file is not of a kind that is read here."""


class DamagedDocument(ReadingError):
    """The file breaks the rules of its format."""


class EncryptedDocument(ReadingError):
    """A password is needed to read the file."""


class NoTextFound(ReadingError):
    """The pages have no text layer."""


class UnsafeDocument(ReadingError):
    """The file is built to harm its reader."""


class DocumentTooLarge(ReadingError):
    """The file has too many bytes, pages or words."""


class ReadingTimedOut(ReadingError):
    """The reader was killed at its time or memory limit."""
