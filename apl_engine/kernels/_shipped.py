"""Machine code that comes with the package: one file per target, with every kernel.

It is made when a wheel is built. A kernel is in it by a name that has a digest of its source, so
that code of another source is never used. A processor gets the file of the best target that it
supports; where none suits, kernels are compiled. The package states the digest of each file: no
other is loaded from its folder.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ._code import (
    LIBRARY,
    OBJECT,
    Code,
    DamagedError,
    Image,
    Refusal,
    digest_of,
    load_file,
    seal,
    symbol_of,
)
from ._targets import SHIPPED, supported

if TYPE_CHECKING:
    from ._jit import Kernel

FOLDER = Path(__file__).parent / "compiled"
# The digest of each file by name.
DIGESTS = "digests.json"


def load_shipped(kernel: Kernel) -> Code | Refusal:
    """Return the code of a kernel that comes with the package, or why it cannot be used."""
    file = _file()
    if not isinstance(file, Path):
        return file
    image = _image(file)
    if not isinstance(image, Image):
        return image
    address = image.find(symbol_of(kernel))
    return Code(address, image, file, None) if address else "other_source"


@functools.cache
def _file() -> Path | Refusal:
    """Return the file for this processor."""
    if not FOLDER.is_dir():
        return "none_shipped"
    named = (FOLDER / (target.name + end) for target in supported() for end in (LIBRARY, OBJECT))
    return next((file for file in named if file.exists()), "other_platform")


@functools.cache
def _image(file: Path) -> Image | Refusal:
    try:
        pinned = _pinned(file.parent / DIGESTS).get(file.name)
        return load_file(file, pinned) if pinned else "damaged"
    except DamagedError:
        return "damaged"
    except OSError:
        return "not_loadable"


def _pinned(file: Path) -> dict[str, str]:
    with suppress(OSError, ValueError, RecursionError):
        stated = json.loads(file.read_bytes())
        return stated if isinstance(stated, dict) else {}
    return {}


def build(kernels: Iterable[Kernel], folder: Path) -> list[Path]:
    """Compile kernels for every target; see `kernels.build`."""
    from ._compiler import draft, is_known, library_of, module_of, object_of

    drafts, files = [draft(kernel) for kernel in kernels], []
    for target in filter(is_known, SHIPPED):
        module = module_of(drafts, target)
        library = library_of(module, target)
        file = folder / (target.name + (LIBRARY if library else OBJECT))
        file.write_bytes(seal(library or object_of(module, target)))
        files.append(file)
    digests = folder / DIGESTS
    pinned = {file.name: digest_of(file.read_bytes()) for file in files}
    digests.write_text(json.dumps(pinned, indent=1, sort_keys=True) + "\n", "utf-8")
    return [*files, digests]
