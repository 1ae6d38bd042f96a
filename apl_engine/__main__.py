"""``python -m apl_engine`` is the command ``apl``."""

from .cli import main

main(prog_name="apl")
