"""A profile as JSON; docs/profile.schema.json describes it."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict

from evidence_mapper.records import Profile

SCHEMA_VERSION = 2
# Beyond the fourth decimal a probability says nothing, and differs between processors.
DECIMALS = 4


def profile_to_json(profile: Profile) -> str:
    """Return the profile as indented JSON with keys in a fixed order, ending in a line feed.

    The same documents, model and framework give the same text.
    """
    return dump_json({"schema_version": SCHEMA_VERSION, **asdict(profile)})


def dump_json(fields: Mapping[str, object]) -> str:
    """Return the fields as indented JSON, ending in a line feed; what is no number is null."""
    plain = _round_floats(dict(fields))
    return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _round_floats(value: object) -> object:
    match value:
        case float():
            return round(value, DECIMALS) if math.isfinite(value) else None
        case dict():
            return {key: _round_floats(item) for key, item in value.items()}
        case list() | tuple():
            return [_round_floats(item) for item in value]
    return value
