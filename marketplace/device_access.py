"""Where do devices find the broker, and with which key does this instance sign commands to them?"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from devices.codecs.weighing_json import public_key_of
from devices.weighbridge.keys import load_or_create_key
from marketplace.settings import Settings


def broker_for_devices(settings: Settings) -> str:
    """Return the broker's address for devices, without anybody's password."""
    told = settings.mqtt_public_url or settings.mqtt_url
    if not told:
        return f"mqtt://127.0.0.1:{settings.mqtt_port}"
    place = urlsplit(told)
    port = place.port or (8883 if place.scheme == "mqtts" else 1883)
    return f"{place.scheme}://{place.hostname}:{port}"


def broker_authority(settings: Settings) -> str:
    """Return the certificate that devices check the broker by, empty for a public authority's."""
    return Path(settings.mqtt_ca).read_text("ascii") if settings.mqtt_ca else ""


def command_key(settings: Settings) -> str:
    """Return the private key that signs commands, made at the first asking where no file is named."""
    named = settings.command_key
    return load_or_create_key(Path(named) if named else settings.var / "secrets" / "command-key.txt")


def command_public_key(settings: Settings) -> str:
    """Return the key by which devices check commands."""
    return public_key_of(command_key(settings))
