"""Problems in plain words, Chinese and English, for whoever runs `make verify`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.catalogue import KINDS
from server.verify.problems import Figures, Problem
from server.verify.records import about

SAYS: dict[str, tuple[str, str]] = {
    "erased": ("按规定删除的内容", "erased by rule"),
    "log_payload": ("日志行的内容或盐被改动", "the content or salt of a log row was changed"),
    "log_row": ("日志行被改动，哈希链在此断开", "a log row was changed: the hash chain breaks here"),
    "log_gap": ("日志行被删除", "log rows were removed"),
    "log_end": ("最新的日志行被删除", "the newest log rows were removed"),
    "log_head": ("空间的末端与日志不符", "the head of the space is not that of its log"),
    "act_changed": (
        "管理日志被改动或删除，哈希链在此断开",
        "the journal of administrative acts was changed: its hash chain breaks here",
    ),
    "receipt_missing": ("日志里的提交没有回执", "a commit in the log has lost its receipt"),
    "acknowledged_lost": ("已确认的更改不在日志里", "an acknowledged change is not in the log"),
    "row_previous": ("日志行的前一更改不符", "a log row names another change before it than the log has"),
    "row_unreadable": ("日志行的内容不可读", "the content of a log row cannot be read"),
    "row_replaced": ("日志行所替换的版本不符", "a log row replaces another version than was current"),
    "row_values": ("日志行旁注的值与内容不符", "the values noted beside a log row do not fit its content"),
    "row_lost": ("更改被悄悄丢弃", "a change counts nowhere: neither current nor in a conflict"),
    "row_elsewhere": ("日志行属于别的空间或种类", "a log row of this record is of another space or kind"),
    "record_unlogged": ("记录没有日志", "a record that no log row made"),
    "record_missing": ("记录被删除，日志里还有", "a record was removed; the log still has it"),
    "record_kind": ("未知的记录种类", "a kind of record that this version does not know"),
    "record_unreadable": ("记录不可读", "a record cannot be read"),
    "record_head": ("记录的抬头与日志不符", "what stands beside a record's values is not what the log says"),
    "record_version": ("记录的版本与日志不符", "a record names an earlier version as current"),
    "version_unknown": ("记录的版本没有对应的更改", "a record's version names no change in the log"),
    "record_value": ("记录的值被改动", "a value of a record was changed"),
    "record_removed": ("列表里已移除的元素不符", "the removed elements of a list are not those of the log"),
    "record_unproven": ("值还在，日志内容已删除", "a record still holds a value whose log content is erased"),
    "photo_missing": ("照片文件缺失", "the file of a photo is missing"),
    "photo_swapped": ("照片被替换", "a photo was swapped: its bytes are not those of its name"),
    "photo_register": ("照片登记的大小不符", "a photo has another size than noted"),
    "photo_described": ("照片记录与文件不符", "a photo record describes its file wrongly"),
    "device_key_missing": ("签名设备没有公钥", "the device of a signature has no key"),
    "signature_forged": (
        "签名无效：不是该设备对此内容所签",
        "a signature is forged: not this device's over this",
    ),
    "snapshot_form": ("签字快照的格式不对", "a signed snapshot has the wrong form"),
    "snapshot_mismatch": ("签字记录与快照不符", "a signature's record and its snapshot disagree"),
    "signature_incomplete": ("签字缺少应有的内容", "a signature lacks what its act asks for"),
    "snapshot_inside": ("快照里所读与所签不符", "what was read in a snapshot is not what its lines bind"),
    "finding_foreign": ("签字指向不属于它的问题", "a signature names a finding that is not of its check"),
    "line_missing": ("签字缺少应约束的内容", "a signature leaves out a line that it must bind"),
    "line_foreign": ("签字含有不属于它的内容", "a signature has a line that does not belong to it"),
    "line_fields": ("签字行的字段与值不符", "the fields of a signed line are not those of its value"),
    "signed_version_unknown": ("签字的版本不在日志里", "a signed version is not in the log"),
    "signed_value": ("签字的值与日志不符", "a signed value is not what the log says of that version"),
    "signed_now": ("已签字的字段被改动", "a signed field was changed"),
    "signed_photo": ("已签字的照片被换成别的", "a signed photo is another one now"),
    "mark_missing": ("已签字的内容失去保护标记", "a signed unit lost its mark"),
    "seal_orphan": ("封签没有对应的签字", "a seal without its signature"),
    "seal_forged": ("服务器封签无效", "a server seal is forged"),
    "seal_key_unknown": ("封签所用的密钥不在 seal.pem 里", "a seal is by another key than that of seal.pem"),
    "seal_mismatch": ("封签与签字不符", "a seal and its signature disagree"),
    "seal_missing": ("签字没有封签", "a signature without its seal"),
}

Look = Callable[[str], Mapping[str, Any]]
"""The data of a record by its id; empty if there is none."""


def line(problem: Problem, look: Look) -> str:
    """One line: what, in both languages, then where and whose."""
    chinese, english = SAYS[problem.code]
    parts = [problem.space and f"space {problem.space}"]
    parts.append("" if problem.seq is None else f"seq {problem.seq}")
    parts.append(_thing(problem, look))
    parts.append(problem.field and f"field {problem.field}")
    parts += [f"{look(ident).get('name', '')} {ident}".strip() for ident in problem.people]
    parts.append(problem.file)
    parts.append(problem.detail)
    parts.append(problem.change and f"change {problem.change}")
    parts.append(problem.record and f"record {problem.record}")
    mark = "✗" if problem.wrong else "·"
    return f"{mark} {chinese} {english}: " + ", ".join(part for part in parts if part)


def summary(figures: Figures) -> tuple[str, str]:
    """What was looked at and how much of it is wrong."""
    size = f"{figures.bytes / 1_000_000:.1f} MB"
    one = figures
    chinese = (
        f"{one.spaces} 个空间、{one.changes} 条日志（{one.erased} 条按规定删除）、{one.commits} 份回执、"
        f"{one.records} 条记录、{one.signatures} 个签字、{one.photos} 张照片（{size}）："
    )
    english = (
        f"{one.spaces} spaces, {one.changes} log rows ({one.erased} erased by rule), {one.commits} receipts, "
        f"{one.records} records, {one.signatures} signatures, {one.photos} photos ({size}): "
    )
    if not one.wrong:
        return chinese + "全部相符。", english + "all of it holds."
    return chinese + f"{one.wrong} 处不符。", english + f"{one.wrong} things are wrong."


def _thing(problem: Problem, look: Look) -> str:
    """The kind, and what tells this record from others of its kind."""
    if not problem.kind:
        return ""
    spec = KINDS.get(problem.kind)
    named = f"{problem.kind} {spec.kind.chinese}" if spec is not None else problem.kind
    data = look(problem.record)
    if problem.kind == "signature":
        findings = [about(look(ident)) for ident in data.get("findings") or () if isinstance(ident, str)]
        return f"{named} {'; '.join(findings)} {_place(data, look)}".rstrip()
    return " ".join(part for part in (named, about(data), _place(data, look)) if part)


def _place(data: Mapping[str, Any], look: Look) -> str:
    """The post or area that a record is about."""
    place = about(look(data["unit"])) if isinstance(data.get("unit"), str) else ""
    return f"@ {place}" if place else ""
