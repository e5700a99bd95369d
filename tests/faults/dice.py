"""Chance, but the same in every run."""

import random
import threading


class Dice:
    """In the place of `secrets`: the same names in every run, and a list of them."""

    def __init__(self) -> None:
        self.rolls: dict[str, int] = {}
        #: The random letters that each thread has drawn.
        self.letters: dict[str, str] = {}

    def choice(self, letters: str) -> str:
        letter = self._next().choice(letters)
        name = threading.current_thread().name
        self.letters[name] = self.letters.get(name, "") + letter
        return letter

    def randbits(self, count: int) -> int:
        return self._next().getrandbits(count)

    def _next(self) -> random.Random:
        actor = threading.current_thread().name
        self.rolls[actor] = self.rolls.get(actor, 0) + 1
        return random.Random(f"{actor}/{self.rolls[actor]}")
