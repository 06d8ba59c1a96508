"""A leaf: text that is as varied as English, from a seed: Zipf's law over made-up words."""

import numpy as np

_ONSETS = (*"bcdfghlmnprstvw", "br", "ch", "cl", "dr", "fl", "gr", "pl", "sh", "st", "th", "tr")
_HEARTS = (*"aeiou", "ai", "ea", "ee", "ie", "oo", "ou")
_CODAS = ("", "", "", *"nrstl", "nd", "ng", "st", "ck")

# Zipf-Mandelbrot: the second constant keeps the first few words from being half of the text.
_EXPONENT, _OFFSET = 1.05, 2.7
_LONGEST_SENTENCE = 28
_NUMBER, _COMMA = 0.02, 0.08


class Prose:
    """A language of `n_words` words; the same seed gives the same texts in the same order."""

    def __init__(self, seed: int, n_words: int = 5000) -> None:
        self._rng = np.random.default_rng(seed)
        # Frequent words tend to be short in every language.
        words = sorted(self._invent(n_words))
        ranks = np.array([len(word) for word in words]) + self._rng.uniform(0, 6, n_words)
        self._words = [words[index] for index in np.argsort(ranks)]
        weights = 1 / (np.arange(n_words) + _OFFSET) ** _EXPONENT
        self._shares = weights / weights.sum()

    def text(self, characters: int) -> str:
        """Return the next text of exactly so many characters, cut where it ends."""
        sentences = [self._sentence()]
        while sum(map(len, sentences)) < characters:
            sentences.append(self._sentence())
        return "".join(sentences)[:characters]

    def _invent(self, n_words: int) -> set[str]:
        words: set[str] = set()
        while len(words) < n_words:
            words.add("".join(self._syllable() for _ in range(1 + self._rng.poisson(1.0))))
        return words

    def _syllable(self) -> str:
        parts = (_ONSETS, _HEARTS, _CODAS)
        return "".join(part[int(self._rng.integers(len(part)))] for part in parts)

    def _sentence(self) -> str:
        length = int(self._rng.integers(4, _LONGEST_SENTENCE + 1))
        chosen = self._rng.choice(len(self._words), size=length, p=self._shares)
        marks = self._rng.random((2, length))
        words = [
            (str(int(index)) if number < _NUMBER else self._words[index])
            + ("," if comma < _COMMA else "")
            for index, number, comma in zip(chosen, *marks, strict=True)
        ]
        end = "\n\n" if marks[0, 0] < 2 * _COMMA else " "
        return " ".join(words).rstrip(",").capitalize() + "." + end
