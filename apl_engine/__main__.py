"""``python -m apl_engine`` is the command ``apl``."""

from .entry import leave_when_interrupted

leave_when_interrupted()

from .cli import main  # noqa: E402

main(prog_name="apl")
