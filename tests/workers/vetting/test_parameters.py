import pytest
import torch
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, AutoModelForSeq2SeqLM

from app.errors import ModelError
from tests.workers.models import CONFIG
from workers.vetting.architectures import ARCHITECTURES
from workers.vetting.config import vet_config
from workers.vetting.parameters import SLACK, check_parameters, implied_parameters


@pytest.mark.parametrize(
    "model_type", ["bart", "bloom", "gpt2", "gpt_neo", "llama", "mpt", "opt", "qwen3_moe", "t5"]
)
def test_the_estimate_is_low_for_what_transformers_builds(model_type):
    config = CONFIG_MAPPING[model_type]()
    kind = ARCHITECTURES[model_type].kind
    auto = AutoModelForCausalLM if kind == "causal" else AutoModelForSeq2SeqLM
    with torch.device("meta"):
        model = auto.from_config(config)
    real = sum(parameter.numel() for parameter in model.parameters())
    vetted = vet_config(config.to_json_string().encode())
    assert 0 < implied_parameters(vetted.values) <= real


def test_weights_that_fit_pass():
    check_parameters(CONFIG, implied_parameters(CONFIG))


@pytest.mark.parametrize(
    "change",
    [
        {"num_hidden_layers": 512, "hidden_size": 4_096},
        {"vocab_size": 2_000_000},
        {"intermediate_size": 1_048_576},
        {"num_hidden_layers": 1, "n_layer": 512, "hidden_size": 65_536},
    ],
)
def test_a_large_config_over_small_weights_is_refused(change):
    with pytest.raises(ModelError) as error:
        check_parameters(CONFIG | change, stored=SLACK)
    assert error.value.code == "config_refused"
