"""One run's families from what it read."""

import dataclasses

import numpy as np
import pytest

from learning.graph.making import Before, Material, Terms, centroids, made
from learning.graph.numbering import NO_FAMILY

TERMS = Terms(least_members=10)


def material(law=30, maths=20, first=1, labels=()):
    """Two groups of questions, tied each to its own; ``labels``: (pattern, right, wrong) of openai."""
    ids = np.arange(first, first + law + maths)
    groups = np.split(ids, [law])
    sources = np.concatenate([np.repeat(group, len(group)) for group in groups])
    targets = np.concatenate([np.tile(group, len(group)) for group in groups])
    axis = (ids >= first + law).astype(int)
    vectors = np.eye(3, dtype=np.float16)[axis] * 0.9 + np.float16(0.1)
    return Material(
        sources=sources,
        targets=targets,
        cosines=np.full(len(sources), 0.6, np.float32),
        labelled=np.array([id_ for id_, _, _ in labels], dtype=np.int64),
        vendors=("openai",),
        right=np.array([[right] for _, right, _ in labels], np.float32).reshape(-1, 1),
        wrong=np.array([[wrong] for _, _, wrong in labels], np.float32).reshape(-1, 1),
        vector_ids=ids,
        vectors=vectors,
        words=[(id_, ("integral",) if a else ("court",)) for id_, a in zip(ids, axis, strict=True)],
    )


def test_two_groups_of_questions_are_two_families_the_larger_first():
    families = made(material(), terms=TERMS).families
    assert families.sizes == (30, 20)
    assert families.numbers == (1, 2)
    assert families.names == (("court",), ("integral",))
    assert families.patterns == 50
    assert families.run == 1


def test_a_question_like_theirs_is_placed_in_a_family():
    families = made(material(), terms=TERMS).families
    assert families.family_of(np.array([1.0, 0.0, 0.0]))[0] == 1
    assert families.family_of(np.array([0.0, 1.0, 0.0]))[0] == 2
    assert np.linalg.norm(families.centroids, axis=1) == pytest.approx([1.0, 1.0])


def test_labels_count_in_the_family_of_their_pattern_and_all_for_the_whole():
    labels = [(1, 8, 0), (30, 2, 1), (31, 0, 4), (999, 100, 0)]
    families = made(material(labels=labels), terms=TERMS).families
    assert families.right.tolist() == [[10.0], [0.0]]
    assert families.wrong.tolist() == [[1.0], [4.0]]
    odds = {family: families.odds(family)["openai"].mean for family in (1, 2, None)}
    assert odds[2] < odds[1]
    assert families.odds()["openai"].alpha > 100


def test_a_group_too_small_is_no_family():
    outcome = made(material(law=30, maths=8), terms=TERMS)
    assert outcome.families.sizes == (30,)
    assert outcome.members.tolist() == [1] * 30 + [NO_FAMILY] * 8


def test_no_more_families_than_allowed_and_the_largest_stay():
    outcome = made(material(), terms=dataclasses.replace(TERMS, most_families=1))
    assert outcome.families.sizes == (30,)


def test_families_keep_their_numbers_when_the_smaller_becomes_the_larger():
    first = made(material(), terms=TERMS)
    before = Before(1, first.ids, first.members, first.next_number)
    # Most of the first family's patterns are gone; the second has its own.
    later = material()
    left = (later.sources > 18) & (later.targets > 18)
    later = dataclasses.replace(
        later,
        sources=later.sources[left],
        targets=later.targets[left],
        cosines=later.cosines[left],
    )
    second = made(later, before, TERMS)
    assert second.families.numbers == (2, 1)
    assert second.families.run == 2


def test_families_of_other_patterns_have_other_numbers():
    first = made(material(), terms=TERMS)
    before = Before(1, first.ids, first.members, first.next_number)
    assert made(material(first=1000), before, TERMS).families.numbers == (3, 4)


def test_the_same_material_makes_the_same_families():
    one, other = made(material(), terms=TERMS), made(material(), terms=TERMS)
    assert one.members.tolist() == other.members.tolist()
    assert one.families.centroids.tolist() == other.families.centroids.tolist()


def test_without_patterns_there_are_no_families():
    families = made(material(law=0, maths=0), terms=TERMS).families
    assert len(families) == 0
    assert families.family_of(np.array([1.0, 0.0, 0.0])) is None
    assert set(families.odds()) == {"openai"}


def test_vectors_scaled_alike_as_whole_numbers_make_the_same_middles():
    given = material()
    codes = np.rint(given.vectors * 127).astype(np.int8)
    found = made(dataclasses.replace(given, vectors=codes), terms=TERMS).families.centroids
    assert found == pytest.approx(made(given, terms=TERMS).families.centroids, abs=0.01)


def test_the_middle_of_a_family_is_the_mean_of_its_vectors_however_many_pieces_they_come_in():
    draw = np.random.default_rng(1)
    vectors = draw.standard_normal((40_000, 4)).astype(np.float32)
    labels = draw.integers(-1, 3, 40_000).astype(np.int32)
    found = centroids(vectors, labels, 4)
    for label in range(3):
        mean = vectors[labels == label].mean(axis=0)
        assert found[label] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-4)
    assert found[3].tolist() == [0.0] * 4
