"""How are the pictures in the documents made? From a private running instance, in a headless Chromium."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from marketplace.demo.known import PASSWORD
from marketplace.ports import free_port
from tools.parts import CHROMIUM_FLAGS, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SETTLE_MS = 3000
APPEARS_MS = 240_000


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: who looks at which page, what must be there, for how long the world has gone on, and
    what is chosen before the shutter; a choice that the world does not offer yet is left out.
    """

    login: str
    path: str
    name: str
    selector: str
    width: int
    height: int
    after_s: float
    choices: tuple[str, ...] = ()


PICTURES = (
    Picture(
        "inspector",
        "/map",
        "inspector-map.png",
        "#tab-in_transit",
        1440,
        900,
        15.0,
        ("#beside tr:has(.badge--moving) a[data-panel]", *[".maplibregl-ctrl-zoom-out"] * 3),
    ),
)


def main() -> int:
    """Start an instance, take every picture into docs/images/, end the instance."""
    if find_chromium() is None:
        print("Pictures need Chromium: `make system` installs it.", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as var:
        env = os.environ | {
            "HUANLIAN_VAR": var,
            "PORT": str(free_port()),
            "MQTT_PORT": str(free_port()),
            "DEMO_AUTOPILOT": "3",
        }
        command = [str(Path(sys.executable).with_name("huanlian")), "run"]
        instance = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)
        try:
            take_all(address_of(instance))
        finally:
            instance.terminate()
            instance.communicate()
    return 0


def address_of(instance: subprocess.Popen[str]) -> str:
    """Read the instance's greeting until it names its address."""
    assert instance.stdout is not None
    for line in instance.stdout:
        if found := re.search(r"http://\S+", line):
            return found.group()
    raise SystemExit("The instance ended before it was ready.")


def take_all(address: str) -> None:
    """Take every picture from the instance at `address`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        for picture in PICTURES:
            take(browser, address, picture)
            print(f"docs/images/{picture.name}", flush=True)
        browser.close()


def take(browser: Browser, address: str, picture: Picture) -> None:
    """Sign in as one person and photograph one page."""
    size = {"width": picture.width, "height": picture.height}
    page = browser.new_page(viewport=size, locale="zh-CN", color_scheme="light")  # type: ignore[arg-type]
    page.goto(f"{address}/sign-in?next={picture.path}")
    page.fill("input[name=login]", picture.login)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form [type=submit], main form button")
    page.wait_for_selector(picture.selector, timeout=APPEARS_MS)
    page.wait_for_timeout(picture.after_s * 1000)
    for choice in picture.choices:
        if page.locator(choice).count():
            page.locator(choice).first.click()
            page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=IMAGES / picture.name)
    page.close()


if __name__ == "__main__":
    sys.exit(main())
