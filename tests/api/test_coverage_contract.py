"""What the office reads is of the shape that its messages declare, and what OpenAPI and TypeScript say."""

from __future__ import annotations

import jsonschema_rs
from marshmallow import Schema

from schemas.fields import object_schema
from schemas.messages.blobs import HaveAnswer
from schemas.messages.coverage import CoverageAnswer
from schemas.messages.office import CheckAnswer, CoverageHistory, CoverageOverview, UnitHistory
from tests.api.estate import P019_A1, P029, P029_A1, SHEN_GUODONG, Estate, finding_of, photo_of
from tests.factories import new_id
from tests.people import HE_GUILAN, HEADQUARTERS, QINGYANLI, ZENG_KE


def test_every_answer_is_of_the_declared_shape(estate: Estate) -> None:
    estate.still.set("2026-11-23T10:00:00+08:00")
    check, photo = new_id(), new_id()
    lead, night, reader = estate.tablet(HE_GUILAN), estate.tablet(SHEN_GUODONG), estate.tablet(ZENG_KE)
    lead.check(P029, "2026-11-04T09:00:00+08:00")
    parts = (
        photo_of(HE_GUILAN, check, P029_A1, "0" * 64, record=photo),
        finding_of(check, P029_A1, (photo,)),
    )
    lead.check(P029_A1, "2026-11-23T09:00:00+08:00", *parts, id=check, remark="已处理")
    night.check(P019_A1, "2026-11-20T03:00:00+08:00", offset=-4000)
    asked: list[tuple[type[Schema], str]] = [
        (CoverageAnswer, f"/coverage/{QINGYANLI}"),
        (CoverageAnswer, f"/coverage/{HEADQUARTERS}"),
        (CoverageOverview, "/coverage"),
        (CoverageHistory, f"/coverage/{QINGYANLI}/history"),
        *((UnitHistory, f"/coverage/{QINGYANLI}/units/{unit}") for unit in (P029, P029_A1, P019_A1)),
        (CheckAnswer, f"/checks/{QINGYANLI}/{check}"),
    ]
    for message, path in asked:
        answer = reader.get(path)
        assert answer.status_code == 200, path
        conforms(message, answer.get_json(), path)
    breaches = reader.behind(P029)["breaches"]
    assert breaches, "a breach was among what was compared"
    conforms(HaveAnswer, reader.post("/blobs/have", json={"sha256": ["0" * 64]}).get_json(), "have")


def conforms(message: type[Schema], answer: object, what: str) -> None:
    """Judge an answer by the JSON Schema of its message."""
    validator = jsonschema_rs.validator_for(object_schema(message()), validate_formats=True)
    found = [
        f"{what}: {error.instance_path} {error.message}"[:300] for error in validator.iter_errors(answer)
    ]
    assert found == []
