"""Are an indicator's bytes read wherever they come from, and is a dead source said to be dead?"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from threading import Event, Thread

import pytest

from devices.weighbridge import capture
from devices.weighbridge.capture import SourceLost, address_of, is_port, open_source


@pytest.mark.parametrize(
    ("source", "port", "address"),
    [
        ("192.0.2.7:4001", True, "socket://192.0.2.7:4001"),
        ("scale.local:4001", True, "socket://scale.local:4001"),
        ("rfc2217://192.0.2.7:4001", True, "rfc2217://192.0.2.7:4001"),
        ("COM3", True, "COM3"),
        ("capture.bin", False, "capture.bin"),
        ("-", False, "-"),
    ],
)
def test_ports_and_files_are_told_apart(source: str, port: bool, address: str) -> None:
    """A serial server taken for a file would be reported missing."""
    assert (is_port(source), address_of(source)) == (port, address)


def test_a_serial_port_of_this_machine_is_a_port() -> None:
    """A device file must be opened as a port with a baud rate, not read to an end that never comes."""
    leader, follower = os.openpty()
    stop = Event()

    def send() -> None:
        while not stop.wait(0.02):
            os.write(leader, b"\x02+0")

    sending = Thread(target=send)
    try:
        name = os.ttyname(follower)
        assert is_port(name)
        source = open_source(name, 9600)
        os.write(leader, b"stale")
        sending.start()
        heard = source.listen(0.4)
        assert source.live
        assert b"\x02+0\x02+0" in heard
        assert b"stale" not in heard
        source.close()
    finally:
        stop.set()
        sending.join()
        os.close(leader)
        os.close(follower)


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    """A capture taken at the gate must be worth as much as the line itself."""
    path = tmp_path / "capture.bin"
    path.write_bytes(b"\x02+0")
    source = open_source(str(path), 9600)
    assert (source.live, source.listen(0.1), source.name) == (False, b"\x02+0", str(path))
    source.close()


def test_an_indicator_that_is_asked_answers(tmp_path: Path) -> None:
    """One that speaks only when asked would look like a dead line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = open_source(f"127.0.0.1:{server.getsockname()[1]}", 9600)
        line, _ = server.accept()
        with line:
            line.settimeout(10)
            answering = Thread(target=lambda: line.sendall(line.recv(4)[::-1]))
            answering.start()
            assert source.listen(0.5, b"SI\r\n").startswith(b"\n\rIS")
            answering.join()
            source.close()


def test_a_line_that_breaks_is_said_to_be_lost() -> None:
    """An installer must see that the serial server hung up, not that the indicator is silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        source = open_source(address, 9600)
        line, _ = server.accept()
        line.close()
        with pytest.raises(SourceLost, match=address):
            source.listen(5)
        source.close()


@pytest.mark.parametrize("source", ["no/such/file.bin", "127.0.0.1:1", "COM999", "nosuch://1", "."])
def test_what_cannot_be_opened_is_named(source: str) -> None:
    """A stack trace at the gate helps nobody."""
    with pytest.raises(SourceLost, match=source):
        open_source(source, 9600)


def test_an_endless_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk image given by mistake must not fill the memory of a small computer."""
    monkeypatch.setattr(capture, "LARGEST_BYTES", 8)
    path = tmp_path / "large.bin"
    path.write_bytes(bytes(9))
    source = open_source(str(path), 9600)
    with pytest.raises(SourceLost, match="more than 8 bytes"):
        source.listen(1)
    source.close()
