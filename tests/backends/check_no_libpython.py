"""`check_no_libpython.py BRIDGE BINARY...`: each BINARY holds the loader and must not need libpython.

The bridge must, which shows that the check sees what it looks for.
"""

from __future__ import annotations

import subprocess
import sys


def mentions_python(binary: str) -> list[str]:
    """Needed libraries and undefined symbols of Python in an ELF or Mach-O binary."""
    if sys.platform == "darwin":
        reads = (["otool", "-L", binary], ["nm", "-u", binary])
    else:
        reads = (["readelf", "-d", binary], ["nm", "-D", "-u", binary])
    text = "".join(
        subprocess.run(read, check=True, capture_output=True, text=True).stdout for read in reads
    )
    words = [word.lstrip("_") for word in text.replace("[", " ").replace("]", " ").split()]
    return [word for word in words if "libpython" in word or word.startswith("Py")]


bridge, *loaders = sys.argv[1:]
for loader in loaders:
    if found := mentions_python(loader):
        sys.exit(f"{loader} needs Python: {' '.join(found)}")
if not mentions_python(bridge):
    sys.exit(f"{bridge} shows no need of Python: the check is blind")
