"""The nursery raises tiny real language models whose genealogy is known; it never imports `app`."""

from nursery.errors import NurseryError
from nursery.genealogy import Member
from nursery.rearing import raise_nursery

__all__ = ["Member", "NurseryError", "raise_nursery"]
