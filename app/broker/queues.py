"""The queues there are, and which of them a model's jobs belong to. A leaf."""

from dataclasses import dataclass

# Small models, and whatever runs no weights: endpoints, responses that were handed in, trees.
CPU = "cpu"
# Models for which a CPU takes long.
GPU = "gpu"
# Models that need the largest devices, or are streamed.
LARGE = "large"
QUEUES = (CPU, GPU, LARGE)


@dataclass(frozen=True)
class SizeClasses:
    """From how many bytes of weights a model belongs to `gpu`, and from how many to `large`."""

    gpu_bytes: int
    large_bytes: int

    def queue(self, weight_bytes: int | None) -> str:
        """The queue of a model with so many bytes of weights; None: it has none, or none knows."""
        if weight_bytes is None or weight_bytes < self.gpu_bytes:
            return CPU
        return GPU if weight_bytes < self.large_bytes else LARGE
