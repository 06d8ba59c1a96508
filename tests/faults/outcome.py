"""A leaf: what came of one scenario, as a line of JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """`faults` were made while `jobs` were accepted. Of these `lost` did not end well or have no
    entry, and `doubled` were made twice. The one that waited longest was claimed by whoever
    finished it `worst_delay_s` seconds after it was accepted.

    `broken` says in words what does not hold; `more` is what only this scenario counts.
    """

    scenario: str
    faults: int
    jobs: int
    lost: int
    doubled: int
    worst_delay_s: float
    broken: tuple[str, ...] = ()
    more: Mapping[str, float] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing was lost or doubled, and nothing else is wrong."""
        return not (self.lost or self.doubled or self.broken)

    def line(self, seed: int, seconds: float) -> str:
        """One line of JSON, with what it takes to do it again."""
        facts = {
            "scenario": self.scenario,
            "seed": seed,
            "faults": self.faults,
            "jobs": self.jobs,
            "lost": self.lost,
            "doubled": self.doubled,
            "worst_delay_s": round(self.worst_delay_s, 2),
            **{name: round(value, 2) for name, value in self.more.items()},
            "seconds": round(seconds, 1),
            "broken": list(self.broken),
        }
        return json.dumps(facts)
