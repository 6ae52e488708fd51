"""marshmallow and the exported JSON Schema must judge every probe alike, and as the table says."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from marshmallow import ValidationError

from schemas.fields import object_schema
from schemas.probe import Probe

PROBES = json.loads((Path(__file__).parents[2] / "schemas/examples/probes.json").read_text(encoding="utf-8"))


RUST = jsonschema_rs.validator_for(object_schema(Probe()), validate_formats=True)
SOUND_ID = "01930001-0000-7000-8000-000000000001"


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe['field']}: {probe['why']}")
def test_both_judges_agree(probe: dict) -> None:
    body = {"id": SOUND_ID, probe["field"]: probe["value"]}
    try:
        loaded = Probe().load(body)
    except ValidationError:
        by_marshmallow = False
    else:
        by_marshmallow = loaded == body
    assert (by_marshmallow, RUST.is_valid(body)) == (probe["valid"], probe["valid"])


def test_each_sort_of_field_is_probed_both_ways() -> None:
    judged = {(probe["field"], probe["valid"]) for probe in PROBES}
    assert judged == {(name, verdict) for name in Probe().fields for verdict in (True, False)}
