"""A tar of plain members: what is written is read back, by us and by others; whatever else it could be is refused."""

import io
import tarfile
from datetime import UTC, datetime

import pytest

from esimctl.store.tarball import BLOCK, RECORD, packed, pieces, places

AT = datetime(2026, 11, 20, tzinfo=UTC)


def tar_of(members, at=AT):
    """The bytes of a tar of these names and contents."""
    return b"".join(packed(((name, len(data), iter((data,))) for name, data in members.items()), at))


@pytest.mark.parametrize("at", [AT, datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_others_read_what_is_written_and_so_do_we(at):
    """Whatever the clock says: a tar's header has no room for every year."""
    members = {"a": b"", "b/c": b"x" * 511, "d": b"y" * 512, "e": b"z" * 100_000}
    data = tar_of(members, at)
    assert len(data) % RECORD == 0
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert {member.name: tar.extractfile(member).read() for member in tar} == members
    file = io.BytesIO(data)
    found = places(file, lambda _: 1 << 20, 10)
    assert {name: b"".join(pieces(file, place)) for name, place in found.items()} == members


def test_more_members_than_allowed_a_name_that_is_none_and_one_twice_are_refused():
    data = tar_of({"a": b"1", "b": b"2", "c": b"3"})
    assert len(places(io.BytesIO(data), lambda _: 1, 3)) == 3
    for most, number in ((lambda _: 1, 2), (lambda name: None if name == "c" else 1, 3), (lambda _: 0, 3)):
        with pytest.raises(ValueError, match=r"more than|no place|at most"):
            places(io.BytesIO(data), most, number)
    with pytest.raises(ValueError, match="no place"):
        places(io.BytesIO(data[: 2 * BLOCK] + data), lambda _: 1, 9)


@pytest.mark.parametrize("length", [0, 100, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_a_tar_that_ends_early_is_cut(length):
    file = io.BytesIO(tar_of({"a": b"1" * 700})[:length])
    with pytest.raises(ValueError, match=r"cut|begins"):
        b"".join(pieces(file, places(file, lambda _: 700, 9)["a"]))


KINDS = (
    tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.GNUTYPE_SPARSE,
    tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_plain_file_is_refused_by_its_header(kind):
    info = tarfile.TarInfo("a")
    info.type = kind
    with pytest.raises(ValueError, match="no place"):
        places(io.BytesIO(info.tobuf(tarfile.USTAR_FORMAT) + bytes(10_240)), lambda _: 1, 9)
