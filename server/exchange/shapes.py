"""The shape of what devices send, judged by the exported JSON Schemas before any lock is taken."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import orjson

from schemas.catalogue import KINDS
from schemas.fields import UUID_PATTERN, object_schema
from schemas.messages.push import MOST_CHANGES, MOST_DEPTH, Commit, Push
from schemas.record import KindSpec
from schemas.version import PROTOCOL_VERSION
from server.exchange.depth import depth_of, measure
from server.exchange.first_error import first_error
from server.exchange.plain_shapes import PlainShapes
from server.failures import Failure
from sync.change import BrokenCommit, break_commit, read_commit
from sync.change import Commit as EngineCommit

_UUID = re.compile(UUID_PATTERN)
_LONGEST_DETAIL = 300
_MOST_N = 2**53 - 1
# Half of a character that UTF-16 writes in two: JSON may hold it as an escape, but no text is made of it.
_LONE_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def encode(value: Any) -> bytes:
    """JSON with sorted keys and no spaces, UTF-8: what the engine hashes and logs."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def encode_anything(value: Any) -> bytes:
    """The same for what may hold what ``encode`` refuses: halves of characters, integers beyond 64 bits."""
    try:
        return encode(value)
    except TypeError:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def _validator(schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(dict(schema), validate_formats=True)


class _KindShapes:
    """The validators of one kind."""

    def __init__(self, spec: KindSpec) -> None:
        self.create = _validator(spec.create_schema())
        self.patch = _validator(spec.patch_schema())
        self.add = _validator(spec.elements_schema())


class Shapes:
    """Reads envelopes and commits. One for the whole process: the validators are compiled once."""

    def __init__(self) -> None:
        commit = object_schema(Commit())
        self._envelope = _validator(object_schema(Push()))
        self._commit, self._plain = _validator(commit), PlainShapes(commit)
        self._own_commit = _validator(_without_limits(commit))
        self._kinds = {name: _KindShapes(spec) for name, spec in KINDS.items()}

    def envelope(self, body: bytes) -> dict[str, Any]:
        """Parse the body of a push; duplicate keys: the last one counts.

        Raises:
            Failure: ``unreadable`` if it is no push at all.
        """
        try:
            envelope = _read_json(body)
        except (ValueError, RecursionError) as error:
            raise Failure("unreadable", {"why": str(error)[:_LONGEST_DETAIL]}) from error
        return self.check_envelope(envelope)

    def check_envelope(self, envelope: Any) -> dict[str, Any]:
        """Check an envelope that was parsed; what its commits hold is not looked at."""
        if not isinstance(envelope, dict):
            raise Failure("unreadable", {"why": "not an object"})
        commits = envelope.get("commits")
        outside = {**envelope, "commits": [None] * len(commits) if isinstance(commits, list) else commits}
        if depth_of(outside) > MOST_DEPTH:
            raise Failure("unreadable", {"why": "nested too deeply"})
        try:
            if not self._envelope.is_valid(outside):
                words = _words(first_error(self._envelope, outside))
                raise Failure("unreadable", {"why": words[:_LONGEST_DETAIL]})
        except UnicodeEncodeError as half:
            raise Failure("unreadable", {"why": "half a character"}) from half
        return envelope

    def commit(self, raw: Any, format: int, *, by_server: bool = False) -> EngineCommit | BrokenCommit:
        """Read one commit; one of a bad shape comes back broken, with its reason.

        ``by_server``: the built-in device numbers nothing and has no limit of size.

        Raises:
            Failure: ``unreadable`` if it is nested so deeply that it cannot even be kept.
        """
        form = raw.get("format", format) if isinstance(raw, dict) else format
        if type(form) is not int or not 1 <= form <= PROTOCOL_VERSION:
            form = format
        try:
            problem = self._problem(raw, by_server)
            if problem is None:
                return read_commit(_whole_numbers(raw), format=form, encode=encode)
        except (UnicodeEncodeError, orjson.JSONEncodeError):
            measure(raw)
            problem = "malformed", "it holds half a character, of which no text is made", None
        code, detail, change = problem
        detail = detail[:_LONGEST_DETAIL].encode(errors="replace").decode()
        broken = break_commit(raw, code, detail, change=change, format=form, encode=encode_anything)
        if broken.id is not None and not _UUID.fullmatch(broken.id):
            broken.id = None
        if broken.n is not None and broken.n > _MOST_N:
            broken.n = None
        return broken

    def value_problem(self, kind: str, unit: str, deleted: bool, value: Any) -> tuple[str, str] | None:
        """What is wrong with the value that a reviewer decides for a unit: code and detail.

        ``unit`` ``*``: the whole record, `{"deleted": …}`. A unit of a ``deleted`` record may be left so with
        ``null``; a field of a group that is left out is emptied.
        """
        if depth_of(value) > MOST_DEPTH:
            return "too_deep", f"nested deeper than {MOST_DEPTH}"
        of_kind = KINDS[kind].units.get(unit)
        if of_kind is None:
            right = isinstance(value, dict) and value.keys() == {"deleted"} and type(value["deleted"]) is bool
            return None if right else ("wrong_value", unit)
        if value is None and deleted:
            return None
        if of_kind.merge in ("union", "append"):
            given, validator = {unit: value or []}, self._kinds[kind].add
        elif of_kind.fields == (unit,):
            given, validator = {unit: value}, self._kinds[kind].patch
        elif isinstance(value, dict):
            given, validator = {**dict.fromkeys(of_kind.fields), **value}, self._kinds[kind].patch
            stranger = next((name for name in given if name not in of_kind.fields), None)
            if stranger is not None:
                return "unknown_field", f"{kind}.{unit}.{stranger}"
        else:
            return "wrong_value", unit
        error = next(validator.iter_errors(given), None)
        return None if error is None else _field_problem(kind, "value", error)

    def _problem(self, raw: Any, by_server: bool) -> tuple[str, str, str | None] | None:
        """Code, detail and change of what is wrong with a commit's shape.

        What is valid is as shallow as its schemas; only of the rest the depth must be measured.
        """
        validator = self._own_commit if by_server else self._commit
        try:
            if not by_server and self._plain.hold(raw):
                return None
            valid = validator.is_valid(_frame(raw))
            problem = self._content_problem(raw) if valid else ("malformed", "", None)
        except UnicodeEncodeError:
            raise
        except ValueError:  # nested deeper than the validator goes
            problem = "too_deep", "", None
        if problem is None:
            return None
        if measure(raw) > MOST_DEPTH:
            return "too_deep", f"nested deeper than {MOST_DEPTH}", None
        return problem if problem[1] else self._frame_problem(raw, validator, by_server)

    def _content_problem(self, raw: Mapping[str, Any]) -> tuple[str, str, str | None] | None:
        """What is wrong with the content of some change of a commit whose frame is right."""
        for change in raw["changes"]:
            problem = self._change_problem(change)
            if problem is not None:
                return *problem, change["id"]
        return None

    def _frame_problem(
        self, raw: Any, validator: jsonschema_rs.Validator, by_server: bool
    ) -> tuple[str, str, str | None]:
        """What is wrong with the frame of a commit."""
        changes = raw.get("changes") if isinstance(raw, dict) else None
        if isinstance(changes, list) and len(changes) > MOST_CHANGES and not by_server:
            return "too_many_changes", f"{len(changes)} changes, at most {MOST_CHANGES}", None
        error = first_error(validator, raw)
        return "malformed", _words(error), _change_at(raw, error.instance_path)

    def _change_problem(self, change: Mapping[str, Any]) -> tuple[str, str] | None:
        name, op = change["kind"], change["op"]
        shapes = self._kinds.get(name)
        if shapes is None:
            return "unknown_kind", f"{name} is no kind of record"
        given, added = change.get("set") or {}, change.get("add") or {}
        if op == "delete":
            return ("malformed", "a delete sets nothing") if given or added or change.get("remove") else None
        validator = shapes.create if op == "create" else shapes.patch
        if not validator.is_valid(given):
            return _field_problem(name, "set", first_error(validator, given))
        if added and not shapes.add.is_valid(added):
            return _field_problem(name, "add", first_error(shapes.add, added))
        return None


def _read_json(body: bytes) -> Any:
    """JSON as it came. Half characters are let through, for the commit that holds one parks alone.

    Raises:
        ValueError, RecursionError: if it is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        if not _LONE_HALF.search(body):
            raise
        return json.loads(body, parse_constant=_no_number)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _without_limits(schema: dict[str, Any]) -> dict[str, Any]:
    changes = {key: value for key, value in schema["properties"]["changes"].items() if key != "maxItems"}
    required = [name for name in schema["required"] if name != "n"]
    return {**schema, "properties": {**schema["properties"], "changes": changes}, "required": required}


def _field_problem(kind: str, part: str, error: jsonschema_rs.ValidationError) -> tuple[str, str]:
    code = {"additionalProperties": "unknown_field", "required": "field_required"}.get(
        str(error.schema_path[-1]) if error.schema_path else "", "bad_field"
    )
    # A field that is wanted or unknown inside a value is that field's fault.
    if error.instance_path:
        code = "bad_field"
    return code, f"{kind}.{part}.{_words(error)}"


def _words(error: jsonschema_rs.ValidationError) -> str:
    path = ".".join(str(part) for part in error.instance_path)
    return f"{path}: {error.message}" if path else error.message


def _change_at(raw: Any, path: list[Any]) -> str | None:
    """The id of the change that a path of the commit leads into."""
    if len(path) < 2 or path[0] != "changes":
        return None
    change = raw["changes"][path[1]]
    ident = change.get("id") if isinstance(change, dict) else None
    return ident if isinstance(ident, str) and _UUID.fullmatch(ident) else None


def _whole_numbers(raw: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema takes 41.0 for a whole number; the rest of the house wants 41."""
    n = raw.get("n")
    return {**raw, "n": int(n)} if isinstance(n, float) else raw


def _frame(raw: Any) -> Any:
    """A commit without the content of its changes, which the schemas of their kinds judge.

    The validator turns all that it is given into values of its own first, so it is given nothing twice.
    """
    changes = raw.get("changes") if isinstance(raw, dict) else None
    if not isinstance(changes, list):
        return raw
    return {**raw, "changes": [_without_content(change) for change in changes]}


def _without_content(change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    return {
        name: {} if name in ("set", "add") and isinstance(value, dict) else value
        for name, value in change.items()
    }
