"""Imports what loading any model imports, so that a process forked afterwards need not.

Nothing is loaded and no thread is started: a fork is only safe before both.
"""

import transformers.generation.utils
import transformers.models.auto.modeling_auto
import transformers.models.llama.modeling_llama
import transformers.models.t5.modeling_t5
import transformers.tokenization_utils_tokenizers

import workers.llms.transformers_llm

__all__ = ["transformers", "workers"]
