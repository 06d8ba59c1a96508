import pytest
from transformers import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
)

from workers.vetting.architectures import ARCHITECTURES


@pytest.mark.parametrize("model_type", ARCHITECTURES)
def test_transformers_knows_the_type_and_how_it_is_asked(model_type):
    known = {
        "causal": MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
        "seq2seq": MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    }
    assert model_type in CONFIG_MAPPING
    assert model_type in known[ARCHITECTURES[model_type].kind]
