"""How do the missing optional parts get onto this machine? By its own package manager, after asking."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys

from tools.parts import PARTS, Part, apt_packages, install_command


def main() -> int:
    """Install the missing parts; 0 when nothing is missing afterwards. YES=1 asks nobody."""
    missing = lacking()
    if not missing:
        print("Nothing is missing.")
        return 0
    commands = plan(missing)
    if commands is None:
        print("Neither apt-get nor brew is on this machine. Install by its own means:", file=sys.stderr)
        for part in missing:
            print(f"  {part.name}: {part.use}", file=sys.stderr)
        return 1
    print("To be run:", *(f"  {shlex.join(command)}" for command in commands), sep="\n")
    if os.environ.get("YES") != "1" and not agreed():
        print("Nothing was installed.")
        return 1
    for command in commands:
        if subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode != 0:
            print(f"\nThis failed: {shlex.join(command)}", file=sys.stderr)
            return 1
    return report(lacking())


def lacking() -> list[Part]:
    """Return the wanted parts that this machine does not have."""
    return [part for part in PARTS if part.wanted and part.find() is None]


def plan(missing: list[Part]) -> list[list[str]] | None:
    """Return the commands that bring the parts, or None where they need apt or brew and neither is here."""
    own = [part.command() for part in missing if part.command]
    packaged = [part for part in missing if not part.command]
    if not packaged:
        return own
    if shutil.which("apt-get"):
        settings = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
        apt = settings if os.geteuid() == 0 else ["sudo", *settings]
        packages = [package for part in packaged for package in apt_packages(part)]
        install = [*apt, "install", "-y", "-q", "--no-install-recommends", *packages]
        return [[*apt, "update", "-q"], install, *own]
    if shutil.which("brew"):
        brewed = [["brew", "install", *package.split()] for part in packaged for package in part.brew]
        return [*brewed, *own]
    return None


def agreed() -> bool:
    """Ask the person at the terminal."""
    try:
        return input("Go on? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def report(still: list[Part]) -> int:
    """Say what is missing even now."""
    for part in still:
        print(f"Still missing: {part.name}. Try: {install_command(part)}", file=sys.stderr)
    if not still:
        print("Nothing is missing now.")
    return 1 if still else 0


if __name__ == "__main__":
    sys.exit(main())
