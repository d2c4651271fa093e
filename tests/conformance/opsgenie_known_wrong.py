"""Where Opsgenie's own API description is wrong, each with the evidence; the checks use the corrected one."""

from typing import Any

from tests.conformance.known_wrong import Wrong

SCHEMAS = "/definitions"


def _nullable(name: str) -> dict[str, Any]:
    """A reference that may be null: what stands beside `$ref` counts for nothing in draft 4."""
    return {"allOf": [{"$ref": f"#{SCHEMAS}/{name}"}], "nullable": True}


KNOWN_WRONG: tuple[Wrong, ...] = (
    Wrong(
        "rotation-ends-null",
        "null for a rotation without end (recordings of 2022 and 2024)",
        (f"{SCHEMAS}/ScheduleRotation/properties/endDate",),
        {"nullable": True},
    ),
    Wrong(
        "rotation-unrestricted-null",
        "null for a rotation that is never silent (recordings of 2022 and 2024)",
        (f"{SCHEMAS}/ScheduleRotation/properties",),
        {"timeRestriction": _nullable("TimeRestrictionInterval")},
    ),
    Wrong(
        "teams-not-expandable",
        "a list of teams expands nothing and does not say so (recordings)",
        (f"{SCHEMAS}/ListTeamsResponse/allOf/0",),
        {"$ref": f"#{SCHEMAS}/BaseResponse"},
    ),
)
