"""The contract of `schemas/` as the engine and the rules take it."""

from __future__ import annotations

from typing import Any, cast

from schemas.access import ACCESS
from schemas.catalogue import KINDS
from schemas.lifecycles import LIFECYCLES
from schemas.record import KindSpec
from server.rules.authority import Authority
from sync.kinds import Kind, Policy, Unit


def engine_kind(spec: KindSpec) -> Kind:
    """A kind as the engine knows it: units of merge with their policies, references, audience."""
    units = {
        name: Unit(name, unit.fields, cast(Policy, unit.merge), unit.severity)
        for name, unit in spec.units.items()
    }
    kind = spec.kind
    return Kind(
        spec.name,
        units,
        deletable=kind.deletable,
        refs=spec.refs,
        signs=kind.signs,
        audience=kind.audience,
        server_only=kind.server_only,
    )


def engine_catalogue() -> dict[str, Kind]:
    """Every kind of the contract."""
    return {name: engine_kind(spec) for name, spec in KINDS.items()}


def contract_authority() -> Authority:
    """The judge over the contract's rights and life cycles."""
    homes: dict[str, Any] = {name: spec.kind.spaces for name, spec in KINDS.items()}
    return Authority(ACCESS, LIFECYCLES, homes)
