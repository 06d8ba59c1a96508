"""The library and the web process of Genebank; never imports torch, transformers or workers."""

from importlib.metadata import version

__version__ = version("genebank")
