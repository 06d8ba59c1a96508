"""A leaf: Llamas of several sizes, and how much arithmetic it takes to ask them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Llama:
    """An architecture with tied embeddings, and its arithmetic."""

    name: str
    vocabulary: int
    width: int
    inner: int
    layers: int
    heads: int
    kv_heads: int

    @property
    def kv_width(self) -> int:
        """The numbers that one layer keeps as the keys of a token, and again as its values."""
        return self.width // self.heads * self.kv_heads

    @property
    def layer_weights(self) -> int:
        """Weights that every token is multiplied with, over all layers."""
        attention = 2 * self.width * (self.width + self.kv_width)
        return self.layers * (attention + 3 * self.width * self.inner)

    @property
    def parameters(self) -> int:
        """All weights."""
        return self.layer_weights + self.width * (self.vocabulary + 2 * self.layers + 1)

    @property
    def cached_numbers(self) -> int:
        """Keys and values of one token, over all layers."""
        return 2 * self.layers * self.kv_width

    def flops(self, start: int, end: int, predicted: int) -> int:
        """The least arithmetic that reads tokens `start` .. `end` - 1 of one text.

        The tokens before them are in the cache; `predicted` is how many of them need logits.
        """
        seen = (end * (end + 1) - start * (start + 1)) // 2
        attention = 4 * self.layers * self.width * seen
        logits = 2 * self.width * self.vocabulary * predicted
        return 2 * self.layer_weights * (end - start) + attention + logits


NURSERY = Llama("nursery", 1536, 64, 192, 3, 4, 2)
M100 = Llama("100m", 32_000, 768, 2048, 12, 12, 4)
M500 = Llama("500m", 32_000, 1536, 4096, 18, 24, 8)
