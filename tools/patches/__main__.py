"""python -m tools.patches write | check | draw OUT"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.patches import drawing, lint, max_file, pd_file
from tools.patches.contents import CONTENTS

ROOT = Path(__file__).resolve().parents[2]


def written() -> dict[Path, tuple[object, object]]:
    """path -> (module that writes such files, its page) of every patch."""
    found = {}
    for folder, stem, content in CONTENTS:
        suffix = ".maxhelp" if folder == "help" else ".maxpat"
        if hasattr(content, "max_page"):
            found[ROOT / folder / f"{stem}{suffix}"] = (max_file, content.max_page())
        if hasattr(content, "pd_page"):
            name = f"{stem}-help.pd" if folder == "help" else f"{stem}.pd"
            found[ROOT / folder / name] = (pd_file, content.pd_page())
    return found


def main(arguments: list[str]) -> int:
    match arguments:
        case ["write"]:
            for path, (module, page) in written().items():
                module.write(path, page)
                print(path.relative_to(ROOT))
            return 0
        case ["check"]:
            complaints = [f"{path.name}: {line}" for path in written() for line in lint.of_file(path)]
            print("\n".join(complaints) or f"{len(written())} patches: nothing to complain of")
            return bool(complaints)
        case ["draw", out]:
            for path in written():
                for picture in drawing.draw_file(path, Path(out)):
                    print(picture)
            return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
