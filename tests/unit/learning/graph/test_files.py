"""The graph's files."""

import dataclasses

import numpy as np
import pytest

from learning.graph.errors import GraphFileError
from learning.graph.families import Families
from learning.graph.family_file import load_families, load_members, save_families
from learning.graph.material_files import (
    read_tallies,
    read_vectors,
    read_words,
    write_tallies,
    write_vectors,
    write_words,
)

IDS = np.array([3, 5, 9], dtype=np.int64)
ARRAYS = {
    name: np.array([[0.25], [0.5]], dtype=np.float32)
    for name in ("right", "wrong", "alpha", "beta")
} | {name: np.array([0.75], dtype=np.float32) for name in ("whole_alpha", "whole_beta", "strength")}
TWO = Families(
    run=4,
    numbers=(7, 2),
    names=(("裁判", "contract"), ()),
    sizes=(2, 1),
    centroids=np.array([[1.0, 0.0], [0.0, 0.0]], dtype=np.float32),
    vendors=("openai",),
    patterns=3,
    modularity=0.5,
    **ARRAYS,
)


def save(path, families=TWO, members=(7, 7, 2), following=8):
    save_families(path, families, IDS, np.array(members, dtype=np.int64), following)


def test_tallies_are_read_as_written(tmp_path):
    right, wrong = np.array([[1, 0], [2, 3], [0.5, 0]]), np.array([[0, 1], [0, 0], [0, 2]])
    write_tallies(tmp_path / "tallies.npz", IDS, ("openai", "any:gpt.x-1 b"), right, wrong)
    ids, vendors, *read = read_tallies(tmp_path / "tallies.npz")
    assert ids.tolist() == [3, 5, 9]
    assert vendors == ("openai", "any:gpt.x-1 b")
    assert [x.tolist() for x in read] == [right.tolist(), wrong.tolist()]


@pytest.mark.parametrize(
    "vendors", [("",), ("模型", "f0"), tuple(f"vendor-{n}" for n in range(1_000))]
)
def test_vendors_may_be_many_and_have_any_name(tmp_path, vendors):
    right = np.arange(3 * len(vendors)).reshape(3, -1)
    write_tallies(tmp_path / "t.npz", IDS, vendors, right, right)
    _, read, *figures = read_tallies(tmp_path / "t.npz")
    assert read == vendors
    assert figures[0].tolist() == right.tolist()


def test_tallies_without_a_vendor_are_none(tmp_path):
    write_tallies(tmp_path / "t.npz", IDS, (), np.zeros((3, 0)), np.zeros((3, 0)))
    ids, vendors, right, wrong = read_tallies(tmp_path / "t.npz")
    assert (len(ids), vendors, right.shape, wrong.shape) == (3, (), (3, 0), (3, 0))
    assert read_tallies(tmp_path / "none.npz")[1] == ()


@pytest.mark.parametrize("count", [-1.0, np.nan, np.inf])
def test_tallies_that_count_nothing_are_refused(tmp_path, count):
    write_tallies(tmp_path / "t.npz", IDS[:1], ("openai",), np.array([[count]]), np.array([[1]]))
    with pytest.raises(GraphFileError):
        read_tallies(tmp_path / "t.npz")


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.int8])
def test_vectors_are_read_as_written(tmp_path, kind):
    vectors = np.arange(6, dtype=kind).reshape(3, 2)
    write_vectors(tmp_path, IDS, vectors)
    ids, read = read_vectors(tmp_path)
    assert ids.tolist() == [3, 5, 9]
    assert read.tolist() == vectors.tolist()
    assert read_vectors(tmp_path / "none") is None


def test_vectors_of_other_patterns_than_told_are_refused(tmp_path):
    write_vectors(tmp_path, IDS, np.zeros((2, 4), dtype=np.float16))
    with pytest.raises(GraphFileError, match="2, 4"):
        read_vectors(tmp_path)


def test_vectors_of_something_else_are_refused(tmp_path):
    write_vectors(tmp_path, IDS, np.full((3, 2), "word"))
    with pytest.raises(GraphFileError):
        read_vectors(tmp_path)


def test_words_are_read_as_written(tmp_path):
    write_words(tmp_path / "w.npz", IDS, [("裁判", "contract"), (), ("solve",)])
    assert read_words(tmp_path / "w.npz") == [(3, ["裁判", "contract"]), (5, []), (9, ["solve"])]
    assert read_words(tmp_path / "none.npz") == []


def test_without_patterns_there_are_no_words(tmp_path):
    write_words(tmp_path / "w.npz", IDS[:0], [])
    assert read_words(tmp_path / "w.npz") == []


def test_families_are_loaded_as_saved(tmp_path):
    save(tmp_path / "families.npz")
    loaded = load_families(tmp_path / "families.npz")
    for field in dataclasses.fields(Families):
        expected, found = getattr(TWO, field.name), getattr(loaded, field.name)
        assert np.array_equal(found, expected) if field.name in ARRAYS else True
        if not isinstance(expected, np.ndarray):
            assert found == expected
    assert loaded.centroids.tolist() == TWO.centroids.tolist()
    ids, members, following = load_members(tmp_path / "families.npz")
    assert (ids.tolist(), members.tolist(), following) == ([3, 5, 9], [7, 7, 2], 8)


@pytest.mark.parametrize(
    "families",
    [
        pytest.param({"names": ((),)}, id="a name short"),
        pytest.param({"sizes": (1, 1, 1)}, id="a size too many"),
        pytest.param({"vendors": ()}, id="no vendor for the figures"),
        pytest.param({"centroids": np.zeros((1, 2), np.float32)}, id="a middle short"),
        pytest.param({"alpha": np.array([[0.0], [1.0]])}, id="a belief in nothing"),
        pytest.param({"right": np.array([[np.nan], [1.0]])}, id="a figure that is no number"),
    ],
)
def test_families_that_do_not_add_up_are_refused(tmp_path, families):
    save(tmp_path / "families.npz", dataclasses.replace(TWO, **families))
    with pytest.raises(GraphFileError):
        load_families(tmp_path / "families.npz")


@pytest.mark.parametrize("read", [load_families, load_members, read_words, read_tallies])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"garbage" * 99])
def test_garbage_is_refused_by_one_kind_of_error(tmp_path, read, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(GraphFileError):
        read(tmp_path / "file")


@pytest.mark.parametrize("read", [load_families, load_members])
def test_a_file_cut_short_or_with_a_byte_changed_is_refused(tmp_path, read):
    path = tmp_path / "families.npz"
    save(path)
    content = path.read_bytes()
    for at in range(0, len(content), 41):
        path.write_bytes(content[:at])
        with pytest.raises(GraphFileError):
            read(path)
    changed = bytearray(content)
    changed[content.index(b'"run"') + 2] ^= 1
    path.write_bytes(changed)
    with pytest.raises(GraphFileError):
        read(path)


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path):
    save(tmp_path / "families.npz")
    broken = dataclasses.replace(TWO, modularity=object())
    with pytest.raises(TypeError):
        save(tmp_path / "families.npz", broken)
    with pytest.raises(ValueError, match="right"):
        write_tallies(tmp_path / "t.npz", IDS, ("a", "b"), np.zeros((3, 1)), np.zeros((3, 1)))
    assert [file.name for file in tmp_path.iterdir()] == ["families.npz"]
    assert load_families(tmp_path / "families.npz").run == 4
