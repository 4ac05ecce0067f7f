"""Files on disk: written whole or not at all, and never over another one unless told."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from imganalytics.errors import UserError

HINTS = {
    errno.ENOSPC: "the disk is full; make room or choose another disk",
    errno.EDQUOT: "your share of the disk is full; make room or choose another disk",
    errno.ENOENT: "there is no such folder; make it first, or choose another",
    errno.ENOTDIR: "a part of that path is a file; choose another folder",
    errno.EACCES: "you may not write there; choose another folder, or close the file where it is open",
    errno.EPERM: "you may not write there; choose another folder, or close the file where it is open",
    errno.EROFS: "that disk cannot be written to; choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def check_free(path: Path, overwrite: bool = False) -> None:
    """Refuse a place that cannot take the file, before any work is done for it.

    Raises:
        UserError: it is there already (unless `overwrite`), or is a folder.
    """
    if "\0" in str(path):
        raise UserError(f"{str(path)!r}: is no name of a file")
    try:
        if path.is_dir():
            raise UserError(f"{path}: is a folder; name a file in it")
        if os.path.lexists(path) and not overwrite:
            raise UserError(f"{path}: exists already; choose another name or say --overwrite")
    except OSError as error:
        raise _refusal(path, error) from None


def save(path: Path, content: bytes, overwrite: bool = False) -> Path:
    """Write `content` to `path`; when that fails, or is stopped, what was there is there still and nothing else is.

    Raises:
        UserError: the file is there already (unless `overwrite`), the folder cannot be written, the disk is full.
    """
    check_free(path, overwrite)
    place = path.resolve() if path.is_symlink() else path  # a link stays a link
    beside = place.with_name(f"{secrets.token_hex(8)}.part")
    try:
        with open(beside, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a full disk may say so only now
        os.replace(beside, place)
    except OSError as error:
        raise _refusal(path, error) from None
    finally:
        with suppress(OSError):  # it was renamed, or never made
            beside.unlink()
    return path


def _refusal(path: Path, error: OSError) -> UserError:
    hint = HINTS.get(error.errno or 0)
    return UserError(f"{path}: cannot be written ({error.strerror or error})" + (f": {hint}" if hint else ""))
