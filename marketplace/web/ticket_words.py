"""Which words do people use for what a weigh ticket holds beside the weight?"""

from __future__ import annotations

from compliance.record.errors import N_

TICKET_WORDS: dict[str, str] = {
    "reprints": N_("printed again, times"),
    "zero": N_("zero seen before"),
    "peak": N_("peak only"),
    "void": N_("makes another ticket void"),
    "void_ticket": N_("void by ticket"),
    "plates": N_("plates"),
    "view": N_("view"),
    "other_ticket": N_("number of the other ticket"),
    "voided": N_("void"),
    "view_front": N_("front"),
    "view_rear": N_("rear"),
    "view_top": N_("top"),
    "view_operator": N_("at the desk"),
    "photo_here": N_("hash matches the signed ticket"),
    "photo_waiting": N_("not arrived yet"),
    "photo_lost": N_("arrived and lost"),
    "lacks_timeout": N_("the camera did not answer in time"),
    "lacks_unreachable": N_("the camera was not reached"),
    "lacks_denied": N_("the camera refused"),
    "lacks_no_picture": N_("what the camera gave is no whole picture"),
    "lacks_too_large": N_("the picture was too large"),
    "lacks_nothing_new": N_("the camera had put down no new picture"),
    "lacks_store_full": N_("the agent's store was full"),
    "lacks_disk": N_("the agent's disk took no more"),
    "plate_seen": N_("recognised"),
    "plate_typed": N_("typed"),
    "plate_told": N_("told by the server"),
    "weight_weighed": N_("read off the indicator"),
    "weight_stored": N_("preset tare, from the store"),
    "weight_typed": N_("preset tare, typed by hand"),
    "mode_attended": N_("attended"),
    "mode_unattended": N_("unattended"),
    "print_gate": N_("at the gate"),
    "print_server": N_("here"),
}
"""The words for the codes of `devices.codecs.ticket_json`, each behind the name of its key."""
