"""Philox4x32-10 in plain Python, from its definition (Salmon et al., 2011)."""

from __future__ import annotations

_WORD = 2**32
_ROUNDS = 10


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> list[int]:
    """Return four random words of 32 bits."""
    a, b, c, d = counter
    for turn in range(_ROUNDS):
        first, second = (key[0] + turn * 0x9E3779B9) % _WORD, (key[1] + turn * 0xBB67AE85) % _WORD
        high_a, low_a = divmod(0xD2511F53 * a, _WORD)
        high_c, low_c = divmod(0xCD9E8D57 * c, _WORD)
        a, b, c, d = high_c ^ b ^ first, low_c, high_a ^ d ^ second, low_a
    return [a, b, c, d]


def words(group: int, model: int, draw: int, seed: int) -> list[int]:
    """Return the words of one group of persons or places in a draw."""
    counter = (group, model, draw % _WORD, draw // _WORD)
    return philox(counter, (seed % _WORD, seed // _WORD))


def shorts(group: int, model: int, draw: int, seed: int) -> list[int]:
    """Return the same as eight numbers of 16 bits."""
    return [part for word in words(group, model, draw, seed) for part in (word % 2**16, word >> 16)]
