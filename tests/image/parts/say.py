"""Progress and refusals, one line each."""

import sys


class Refused(Exception):
    """The image cannot be made: what, of what, what to do."""


def say(line: str) -> None:
    print(f"== {line}", file=sys.stderr, flush=True)
