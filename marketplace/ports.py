"""Is a TCP port free, who has it, and what is the way out?"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]


class PortInUse(Exception):
    """Another process listens on a port we need; the text names it and the way out."""

    def __init__(self, port: int, owner: str | None, way_out: str) -> None:
        self.port = port
        self.owner = owner
        held_by = f" by {owner}" if owner else ""
        super().__init__(f"Port {port} is already in use{held_by}. {way_out}")


def require_free_port(host: str, port: int, way_out: str) -> None:
    """Raise PortInUse when nobody can listen on host:port any more.

    `way_out` completes the message, e.g. "Stop that process, or take another port: make run PORT=8010".
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise PortInUse(port, owner_of(port), way_out) from error


def owner_of(port: int) -> str | None:
    """Name the process that listens on `port`, as far as this user may see it."""
    for process in psutil.process_iter(["pid", "name"]):
        try:
            connections = process.net_connections(kind="tcp")
        except psutil.Error:
            continue
        for connection in connections:
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                return f"{process.info['name']} (process {process.info['pid']})"
    return None


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port nobody listens on just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def answers(host: str, port: int) -> Callable[[], bool]:
    """Return a readiness question: does anybody accept a connection on host:port?"""

    def ask() -> bool:
        try:
            with socket.create_connection((host, port), timeout=1.0):
                return True
        except OSError:
            return False

    return ask
