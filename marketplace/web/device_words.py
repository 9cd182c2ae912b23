"""By which word do people know a code of devices, of what they are told and of what they count?"""

from __future__ import annotations

from compliance.record.errors import N_

DEVICE_WORDS: dict[str, str] = {
    # devices, and what they are told
    "kind_vehicle": N_("vehicle terminal"),
    "kind_scale": N_("scale"),
    "kind_gateway": N_("gateway"),
    "kind_phone": N_("phone"),
    "stream_pos": N_("positions"),
    "stream_evt": N_("events"),
    "stream_wgt": N_("weighings"),
    "command_queued": N_("waits to be sent"),
    "command_sent": N_("sent"),
    "command_received": N_("the device has it"),
    "command_accepted": N_("being carried out"),
    "command_done": N_("carried out"),
    "command_failed": N_("failed"),
    "command_expired": N_("expired"),
    "say_ping": N_("Ask whether it is there"),
    "say_restart": N_("Restart"),
    "say_factory_reset": N_("Reset to factory settings"),
    "say_text": N_("Send a message"),
    "say_locate": N_("Ask where it is"),
    "say_frames": N_("Fetch its last raw frames"),
    "say_track": N_("Follow closely"),
    "say_parameters": N_("Set parameters"),
    "say_area": N_("Watch an area"),
    "say_forget_areas": N_("Forget areas"),
    "say_route": N_("Watch a route"),
    "say_forget_routes": N_("Forget routes"),
    "say_doors": N_("Doors"),
    "say_fuel": N_("Fuel"),
    "say_barrier": N_("Barrier"),
    "say_weigh": N_("Announce a vehicle"),
    "unknown_type": N_("the device does not know this command"),
    "bad_args": N_("the device cannot use these particulars"),
    "unsigned": N_("the signature is missing"),
    "too_many": N_("the device has too many commands open"),
    "no_answer": N_("the terminal did not answer"),
    "terminal_failed": N_("the terminal could not do it"),
    "terminal_bad_message": N_("the terminal did not understand it"),
    "terminal_unsupported": N_("the terminal cannot do this"),
    "not_fitted": N_("not fitted there"),
    "device_error": N_("a fault in the device"),
    # what devices count
    "counted_connections": N_("connections so far"),
    "counted_connected": N_("connected"),
    "counted_duplicates": N_("told twice"),
    "counted_unreadable": N_("unreadable"),
    "counted_registrations": N_("registrations"),
    "counted_taken_over": N_("taken over by a newer connection"),
    "counted_slowed": N_("read more slowly"),
    "counted_dropped_idle": N_("fell silent"),
    "counted_dropped_by_peer": N_("hung up"),
    "counted_no_longer_listed": N_("no longer listed"),
    "counted_parts_asked_again": N_("parts asked for again"),
    "counted_registry_bad_reads": N_("lists that could not be read"),
    "counted_commands": N_("commands"),
    "counted_command_disk": N_("commands the disk did not take"),
    "counted_tickets": N_("tickets"),
    "counted_shadow": N_("weighings without a ticket"),
    "counted_line_lost": N_("times the indicator was away"),
    "counted_photo_disk": N_("photos the disk did not take"),
    "counted_photo_lost": N_("photos lost"),
    # why a gateway refuses
    "address": N_("address shut out for a while"),
    "too_many_connections": N_("too many connections"),
    "disk": N_("the disk did not take it"),
    "bad_auth": N_("wrong authentication code"),
    "unauthenticated": N_("not authenticated"),
    "other_phone": N_("another terminal's number"),
    "other_plate": N_("another plate"),
    "outbox_full": N_("the store is full"),
}
"""Codes about devices, for `words.WORDS`."""


def counter_code(name: str) -> str:
    """Return the code of a device's counter: its own name where that is worded already."""
    code = f"counted_{name}"
    return code if code in DEVICE_WORDS else name
