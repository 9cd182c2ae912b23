"""Which of our names stand for what the sources of the JT/T 808 vectors call otherwise?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Told = Mapping[str, Any]

# Said of the vector by its source as a whole, not of a field: proved by the test itself.
OF_THE_VECTOR = {
    "kind",
    "attributes_non_empty",
    "device_model",
    "error",
    "min_count",
    "msg_id_of_body",
    "position_valid_ranges",
}
# Asserted by the source of one vector, but not said by its bytes.
NOT_IN_THE_BYTES = {
    # the source's object says 1 by default; a header without the version flag has no such byte
    "jt808-s-0138": {"protocol_version"},
    "jt808-s-0214": {"protocol_version"},
    "jt808-s-0155": {"auth_code"},  # result 4: the source's object keeps a code that it does not write
    "jt808-s-0078": {"param"},  # a 2013 body of one byte
    "jt808-s-0011": {"list[0].field_signal"},  # ten bytes, all of them told otherwise
}
# Contents of a payload that is the source's own: the bytes are told whole, as `data`, `parameter` or `tail`.
OWN_PAYLOAD = {
    "jt808-s-0075": {"field_value"},
    "jt808-s-0091": {"field_value", "field_u_i_d"},
    "jt808-s-0169": {"field_id", "field_sex"},
    "jt808-s-0222": {"field_value"},
    "jt808-s-0291": {"field_id", "field_sex"},
}
# Bare bodies that only the layout of 2019 tells.
BODIES_OF_2019 = {"jt808-s-0080", "jt808-s-0091", "jt808-s-0126"}
# What Traccar makes of vendor data whose layout we do not know: the bytes are told, their meaning is not.
UNKNOWN_LAYOUTS = {
    "jt808-s-0124": {"lock1Locked"},
    "jt808-s-0158": {"alarm"},
    "jt808-s-0160": {"alarm"},
    "jt808-s-0230": {"deviceTemp"},
    "jt808-s-0318": {"charge"},
}
# The model whose rows of `items.csv` tell the vendor items of a vector.
MODELS = {
    "jt808-s-0011": "cell_item",
    "jt808-s-0021": "obd_battery",
    "jt808-s-0023": "obd",
    "jt808-s-0064": "alarm_word",
    "jt808-s-0070": "listed",
    "jt808-s-0118": "logger",
    "jt808-s-0134": "listed",
    "jt808-s-0137": "card_reader",
    "jt808-s-0153": "asset_tracker",
    "jt808-s-0177": "battery_meter",
    "jt808-s-0180": "tyres",
    "jt808-s-0188": "imei_item",
    "jt808-s-0189": "external_power",
    "jt808-s-0198": "power_item",
    "jt808-s-0204": "listed",
    "jt808-s-0229": "alarm_word",
    "jt808-s-0256": "battery_steps",
    "jt808-s-0267": "listed",
    "jt808-s-0286": "obd_text",
    "jt808-s-0306": "listed",
    "jt808-s-0307": "cold_chain",
    "jt808-s-0320": "listed",
    "jt808-s-0329": "listed",
}
# Another name for a value we tell; by message, or for every message under "".
NAMES = {
    "": {
        "msg_id_body": "msg_id",
        "original_serial": "ack_serial",
        "field_multimedia_id": "id",
        "field_channel_id": "channelId",
    },
    "0x0702": {
        "field_i_c__card__plug_date_time": "time_local",
        "field_driver_user_name": "name",
        "field_qualification_code": "licenseNo",
        "field_license_issuing": "institution",
        "field_certificate_expires_date": "licenseValidPeriod",
        "field_driver_identity_card": "idCard",
    },
    "0x0900": {"field_passthrough_type": "transparent_type", "field_passthrough_content": "text"},
    "0x0A00": {"field_e": "e"},
    "0x8A00": {"field_e": "e"},
    "0x1210": {"ack_serial": "sequenceNo"},
    "0x8105": {"field_command_word": "command"},
    "0x8108": {"field_version_num": "version"},
    "0x8203": {"field_alarm_msg_num": "ack_serial", "field_manual_confirm_alarm_type": "alarm_type"},
    "0x8300": {"sign": "text_flag", "batch_type": "text_type", "content": "text"},
    "0x8302": {"field_flag": "text_flag", "field_issue": "question"},
    "0x8400": {"field_phone_number": "phoneNumber"},
    "0x8606": {
        "field_route_id": "id",
        "field_route_property": "attribute",
        "field_start_time": "startTime",
        "field_end_time": "endTime",
    },
    "0x8700": {"field_command_id": "command"},
    "0x8800": {"field_multimedia_id": "mediaId"},
    "0x8900": {"field_passthrough_type": "transparent_type"},
    "0x9208": {"ack_serial": "sequenceNo"},
}
# Names of the fields in a row that a source calls `list[n].…`.
ROWS = {
    "0x8301": ("events", {"field_event_id": "id", "field_event_content": "content"}),
    "0x8302": ("answers", {"field_id": "id", "field_content": "content"}),
    "0x8606": (
        "positions",
        {
            "field_inflection_point_id": "id",
            "field_inflection_point_lat": "lat_e6_raw",
            "field_inflection_point_lng": "lon_e6_raw",
            "field_section_driving_under_threshold": "lowerLimit",
            "field_section_highest_speed": "maxSpeed",
            "field_section_id": "routeId",
            "field_section_long_driving_threshold": "upperLimit",
            "field_section_overspeed_duration": "duration",
            "field_section_property": "attribute",
            "field_section_width": "width",
        },
    ),
}
# What our list of a message is counted by.
COUNTS = {
    "field_area_count": ("id", "positions"),
    "field_setting_count": ("events",),
    "field_control_type_count": ("controls",),
    "field_retransmit_package_count": ("id",),
    "resend_count": ("id",),
}
# An area of a row of 0x8600 and 0x8602, each of which asserts fields of its last or first row.
AREAS = {
    "field_area_id": "id",
    "field_area_property": "attribute",
    "field_center_point_lat": "lat_e6_raw",
    "field_center_point_lng": "lon_e6_raw",
    "field_radius": "radius",
    "field_highest_speed": "maxSpeed",
    "field_overspeed_duration": "duration",
    "field_start_time": "startTime",
    "field_end_time": "endTime",
    "field_up_left_point_lat": "latitudeUL",
    "field_up_left_point_lng": "longitudeUL",
    "field_low_right_point_lat": "latitudeLR",
    "field_low_right_point_lng": "longitudeLR",
}
# Values of additional items, in our names.
ITEMS = {
    "field_alarm": "vendor_alarm",
    "imei": "imei",
    "field_status": "charge_state",
    "field_power": "power",
    "field_power_percent": "battery_percent",
    "field_m_c_c": "mcc",
    "field_m_n_c": "mnc",
    "list[0].field_l_a_c": "lac",
}
ATTRIBUTES = {
    "batteryLevel": "battery_percent",
    "dtcs": "trouble_codes",
    "fuel1": "fuel_1",
    "fuel2": "fuel_2",
    "iccid": "iccid",
    "power": "power_v",
    "temp1": "temperature_1_c",
    "tire1Pressure": "tyre_1_bar",
    "motion": "moving",
}
ACTIVE_SAFETY = {
    "64": "adas",
    "65": "dsm",
    "66": "tpms",
    "67": "bsd",
}
ACTIVE_FIELDS = {
    "id": "id",
    "state": "state",
    "batch_type": "type",
    "level": "level",
    "frontSpeed": "front_speed",
    "frontDistance": "front_distance",
    "deviateType": "deviation",
    "roadSign": "sign",
    "roadSignValue": "sign_value",
    "fatigueDegree": "fatigue",
    "reserves": "reserves",
    "speed_tenth_kmh_raw": "speed_kmh",  # the source's name; the standard says km/h
    "altitude_m": "altitude_m",
    "alarmTime": "time",
    "status_bits": "vehicle_bits",
    "terminal_id": "terminal_id",
    "time_local": "alarm_time",
    "sequenceNo": "number",
    "fileTotal": "files",
    "reserved": "reserved",
}
ITEMS_BY_ID = {
    "1": {"": ("odometer_m", 100)},
    "2": {"": ("fuel_l", 0.1)},
    "3": {"": ("recorder_speed_kmh", 0.1)},
    "4": {"": ("alarm_to_confirm", 1)},
    "6": {"": ("box_temperature_c", 1)},
    "17": {"areaType": ("overspeed_area_type", 1), "areaId": ("overspeed_area", 1)},
    "18": {
        "areaType": ("crossing_area_type", 1),
        "areaId": ("crossing_area", 1),
        "course_deg": ("crossing_outward", 1),
    },
    "19": {"areaId": ("section", 1), "driveTime": ("section_s", 1), "result": ("section_too_long", 1)},
    "37": {"": ("signal_bits", 1)},
    "42": {"": ("io_bits", 1)},
    "43": {"": ("analogue_0", 1)},
    "48": {"": ("network_signal", 1)},
    "49": {"": ("satellites", 1)},
}


def value_of(vector: Told, told: Told, name: str) -> object:
    """Return our value of a claim; raise KeyError when we have none."""
    msg_id = str(told["msg_id"])
    if name in told:
        return told[name]
    for names in (NAMES.get(msg_id, {}), NAMES[""]):
        if name in names and names[name] in told:
            return told[names[name]]
    if name in COUNTS:
        return next(len(told.get(ours, [])) for ours in (*COUNTS[name], "") if ours in told or not ours)
    if name in AREAS:
        return told["positions"][-1][AREAS[name]]
    if name.startswith("field_control_type"):
        return told["controls"][-1]["id" if name.endswith("_id") else "param"]
    if name.startswith("list[") and msg_id in ROWS:
        rows, fields = ROWS[msg_id]
        return _of_row(told[rows][int(name[5])], fields, name[8:])
    if name.startswith("field_issue_content_length"):
        return len(told["question"])
    if name == "field_volage":
        return round(told["item_values"]["power_v"] * 100)
    return told["item_values"][ITEMS[name]]


def _of_row(row: Told, fields: Told, name: str) -> object:
    return len(row["content"]) if name.endswith("content_length") else row[fields[name]]


def attribute_of(vector: Told, told: Told, name: str) -> object:
    """Return our value of what Traccar makes of a vector; raise KeyError when we have none."""
    place = told["positions"][0] if told["msg_id"] == "0x0704" else told
    items = place.get("item_values", {})
    match name:
        case "alarm" if place["doors_open"]:
            return "door"
        case "alarm" if items.get("removed"):
            return "removing"
        case "driverUniqueId" if "driver_card" in items:
            return bytes.fromhex(items["driver_card"]).decode("latin-1")
        case "driverUniqueId":
            return told["text"].split("|")[4]
        case "fuelUsed":
            return float(told["text"].split(",")[12])
        case "rpm":
            return float(items["obd_text"].split(",")[2])
        case "sat":
            return place["item_0x31_satellites"]
        case "result":
            return told.get("result", told.get("text"))
        case "iccid" if "iccid" in told:
            return told["iccid"]
    return items[ATTRIBUTES[name]]
