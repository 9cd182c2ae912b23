"""Which optional parts does this machine have, and what brings the others?"""

from __future__ import annotations

import sys

from tools.parts import PARTS, install_command


def main() -> int:
    """Print one line per part; missing ones with the exact command. Always a success: all are optional."""
    missing = False
    for part in PARTS:
        found = part.find()
        missing = missing or (found is None and part.wanted)
        print(f"{'found  ' if found else 'missing'}  {part.name:<22} {found or part.use}")
        if not found:
            print(f"{'':<9}{'':<22} {install_command(part)}")
    print("\n`make system` installs what is missing." if missing else "\nNothing is missing.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
