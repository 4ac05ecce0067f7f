"""Files on disk: whole or not at all, never over another one in silence, one clear line when it cannot be done."""

import builtins
import errno
import os
from pathlib import Path

import pytest

from imganalytics.errors import UserError
from imganalytics.export.saving import check_free, save


def test_a_file_is_written(tmp_path):
    file = tmp_path / "out.bin"
    assert save(file, b"\x00new") == file and file.read_bytes() == b"\x00new" and list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_there_is_kept_unless_told_otherwise(tmp_path):
    file = tmp_path / "out.bin"
    file.write_bytes(b"the user's own")
    for refuse in (lambda: save(file, b"new"), lambda: check_free(file)):
        with pytest.raises(UserError, match=r"out\.bin: exists already; choose another name or say --overwrite$"):
            refuse()
    assert file.read_bytes() == b"the user's own"
    check_free(file, overwrite=True)
    save(file, b"new", overwrite=True)
    assert file.read_bytes() == b"new" and list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link_and_a_link_to_nothing_is_something(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    save(link, b"new", overwrite=True)
    assert link.is_symlink() and real.read_bytes() == b"new"
    real.unlink()
    with pytest.raises(UserError, match="exists already"):
        save(link, b"new")


@pytest.mark.parametrize("name, words", [
    ("missing/out.bin", r"cannot be written \(No such file or directory\): there is no such folder"),
    ("file/out.bin", r"cannot be written \(Not a directory\): a part of that path is a file"),
    ("folder", r"is a folder; name a file in it$"),
    ("x" * 300, r"the name is too long; choose a shorter one$"),
    ("a\0b", "is no name of a file$"),
])
def test_a_place_that_cannot_take_it_is_told_in_one_line(tmp_path, name, words):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match=words) as caught:
        save(tmp_path / name, b"new")
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert list((tmp_path / "folder").iterdir()) == []


@pytest.mark.parametrize("number, words", [
    (errno.ENOSPC, "the disk is full; make room or choose another disk"),
    (errno.EACCES, "you may not write there; choose another folder, or close the file where it is open"),
    (errno.EROFS, "that disk cannot be written to; choose another folder"),
])
@pytest.mark.parametrize("owner, step", [(os, "fsync"), (os, "replace"), (builtins, "open")])
def test_when_the_disk_refuses_nothing_half_written_is_left(tmp_path, monkeypatch, owner, step, number, words):
    file = tmp_path / "out.bin"
    file.write_bytes(b"the user's own")

    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, fail)
        with pytest.raises(UserError) as caught:
            save(file, b"new", overwrite=True)
    assert str(caught.value) == f"{file}: cannot be written ({os.strerror(number)}): {words}"
    assert list(tmp_path.iterdir()) == [file] and file.read_bytes() == b"the user's own"


def test_an_error_without_a_hint_is_told_as_the_system_says_it(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "Input/output error")))
    with pytest.raises(UserError, match=r"out: cannot be written \(Input/output error\)$"):
        save(tmp_path / "out", b"new")
    assert list(tmp_path.iterdir()) == []


def test_stopped_by_the_user_leaves_what_was_there(tmp_path, monkeypatch):
    file = tmp_path / "out.bin"
    file.write_bytes(b"the user's own")
    monkeypatch.setattr(os, "fsync", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        save(file, b"new", overwrite=True)
    assert list(tmp_path.iterdir()) == [file] and file.read_bytes() == b"the user's own"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="you may not write there"):
        save(Path(tmp_path, "out"), b"new")
