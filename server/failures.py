"""The one catalogue of failures: code, HTTP status, Chinese and English words.

Whoever cannot go on raises ``Failure``; only the outermost layer turns it into an HTTP answer. The codes of
``PARKED`` are reasons why a commit was not applied: they never become an answer of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Words:
    """HTTP status (0: never an answer) and the message in both languages."""

    status: int
    chinese: str
    english: str


REQUESTS: dict[str, Words] = {
    "unreadable": Words(400, "请求内容无法读取。", "The request cannot be read."),
    "invalid": Words(422, "请求内容不符合要求。", "The request is not of the form that is asked for."),
    "signed_out": Words(401, "请先登录。", "Please sign in."),
    "wrong_credentials": Words(401, "用户名或密码不正确。", "User name or password is not correct."),
    "wrong_session": Words(
        401, "登录的用户或设备与内容不一致。", "The session is of another user or device."
    ),
    "forbidden": Words(403, "没有权限。", "You may not do this."),
    "client_header": Words(403, "缺少客户端标识。", "The header X-Rounds-Client is missing."),
    "wipe": Words(403, "此设备或账号已停用。", "This device or account has been revoked."),
    "wipe_now": Words(403, "此设备已报失。", "This device has been declared lost."),
    "pin_not_proven": Words(
        403,
        "初始码或原 PIN 不正确，未作更改。",
        "The code or the old PIN is not correct. Nothing was changed.",
    ),
    "not_found": Words(404, "未找到。", "Not found."),
    "method_not_allowed": Words(405, "不支持此操作。", "This method is not allowed here."),
    "conflict": Words(409, "状态已变化，请刷新后重试。", "The state has changed. Reload and try again."),
    "own_access": Words(
        409,
        "不能停用自己的账号或正在使用的设备，请由另一位管理员操作。",
        "You cannot shut out yourself or the device that you are using. Ask another administrator.",
    ),
    "device_key_fixed": Words(409, "设备密钥只能登记一次。", "The key of a device is set once."),
    "rebuild": Words(410, "本机数据需要重新下载。", "The copy on this device must be built anew."),
    "gone": Words(410, "已不存在。", "This is gone."),
    "too_large": Words(413, "内容过大。", "This is too large."),
    "wrong_media_type": Words(415, "不支持此内容类型。", "This type of content is not understood."),
    "pin_trivial": Words(
        422,
        "PIN 过于简单：不能是六个相同的数字，也不能是 123456 或 654321。请换一个。",
        "This PIN is too easy to guess: not one digit six times, not 123456 or 654321. Choose another one.",
    ),
    "pin_locked": Words(
        423,
        "连续五次不正确，PIN 已锁定。请向主管领取新的初始码，或请其解锁。",
        "Five times wrong: the PIN is locked. Ask your supervisor for a new code, or to lift the lock.",
    ),
    "upgrade_required": Words(426, "请更新应用。", "Please update the app."),
    "too_many_requests": Words(429, "尝试次数过多，请稍后再试。", "Too many attempts. Try again later."),
    "too_busy_device": Words(
        429,
        "本设备请求过于频繁，请稍后再试；本机内容仍在。",
        "This device asks too much at once. Nothing was lost; try again a little later.",
    ),
    "internal": Words(500, "服务器出错，内容未丢失。", "The server failed; nothing was lost."),
    "busy": Words(503, "服务器繁忙，请稍后再试。", "The server is busy. Try again later."),
    "storage_full": Words(
        503,
        "服务器存储空间已满，未能保存；本机内容仍在，稍后会自动重发。",
        "The server has no room left and kept nothing of this. It stays on the device and is sent again.",
    ),
    "blob_too_large": Words(413, "照片文件过大。", "The photo file is too large."),
    "upload_quota": Words(
        429, "今日上传量已满，请稍后再试。", "The upload quota is used up. Try again later."
    ),
    "upload_length": Words(400, "上传长度无效。", "The length of the upload is not valid."),
    "upload_metadata": Words(400, "上传信息无效。", "The metadata of the upload are not valid."),
    "upload_offset": Words(409, "续传位置不一致。", "The upload continues at another offset."),
    "upload_checksum": Words(460, "上传内容校验失败。", "The checksum of the part does not match."),
    "upload_expired": Words(410, "上传已过期。", "The upload has expired."),
    "upload_type": Words(415, "上传内容类型不正确。", "The upload has the wrong content type."),
    "tus_version": Words(
        412, "不支持此续传协议版本。", "This version of the upload protocol is not supported."
    ),
    "blob_mismatch": Words(422, "文件与所报指纹不一致。", "The bytes are not those of the announced hash."),
    "blob_refused": Words(422, "照片未被接受。", "The photo was refused."),
}

PARKED: dict[str, Words] = {
    "malformed": Words(0, "提交的格式不正确。", "The commit is not of the form that is asked for."),
    "too_deep": Words(0, "提交的嵌套过深。", "The commit is nested too deeply."),
    "bad_field": Words(0, "字段内容不正确。", "A field holds what it may not hold."),
    "unknown_field": Words(0, "含有未知字段。", "There is an unknown field."),
    "unknown_kind": Words(0, "含有未知类型的记录。", "There is a record of an unknown kind."),
    "unknown_unit": Words(0, "含有未知的合并单元。", "There is an unknown unit of merge."),
    "unknown_base": Words(0, "所依据的版本尚未到达。", "The version that it is based on has not arrived."),
    "base_missing": Words(0, "缺少所依据的版本。", "The version that it is based on is not named."),
    "create_with_base": Words(0, "新建记录不应有依据版本。", "A new record cannot have a base."),
    "record_exists": Words(0, "记录已存在。", "The record exists already."),
    "record_unreadable": Words(0, "未找到。", "Not found."),
    "waiting": Words(0, "等待之前的提交。", "It waits for an earlier commit."),
    "quarantine": Words(
        0, "设备或账号已停用，等待复核。", "The device or account was revoked; it awaits review."
    ),
    "wrong_kind": Words(0, "所引用的记录类型不符。", "It refers to a record of another kind."),
    "wrong_space": Words(0, "记录不属于此项目。", "The record belongs to another space."),
    "change_id_reused": Words(0, "变更编号已被使用。", "The id of the change is taken."),
    "commit_id_reused": Words(0, "提交编号已被使用。", "The id of the commit is taken."),
    "element_id_reused": Words(0, "元素编号已被使用。", "The id of the element is taken."),
    "element_policy": Words(0, "该字段不支持此操作。", "The field cannot be changed like this."),
    "append_only": Words(0, "该字段只能追加。", "The field can only be added to."),
    "not_deletable": Words(0, "此类记录不能删除。", "Records of this kind cannot be deleted."),
    "signed": Words(0, "已签字的记录不能删除。", "A signed record cannot be deleted."),
    "server_only": Words(0, "此类记录只能由系统写入。", "Only the server writes records of this kind."),
    "too_many_changes": Words(0, "一次提交的变更过多。", "The commit has too many changes."),
    "discarded": Words(0, "已被复核人员作废。", "It was discarded in review."),
    "transition_not_allowed": Words(0, "状态不能这样变更。", "The state cannot change like this."),
    "field_required": Words(0, "缺少必填内容。", "Something that is required is missing."),
    "person_missing": Words(0, "此责任归属须指定责任人。", "This attribution needs a responsible person."),
    "disposition_not_for_class": Words(
        0, "该不合格类别不能采用此处置。", "This disposition is not for a nonconformity of this class."
    ),
    "disposition_not_for_team": Words(
        0, "此处置只用于分包项目。", "This disposition is for subcontracted items only."
    ),
    "deadline_missing": Words(0, "缺少整改期限。", "The deadline is missing."),
    "excuse_missing": Words(0, "缺席须写明理由。", "An absence needs a reason."),
    "wrong_signature": Words(
        0, "所引用的签字不属于此问题或此责任人。", "The signature is not of this finding or person."
    ),
    "signature_needed": Words(
        0, "须先由责任人签字，或记录拒签、不在场。", "A signature, refusal or absence must come first."
    ),
    "no_device_key": Words(
        0,
        "签字所用的设备没有登记密钥，请在该设备上联网重新登录。",
        "The device that signed has no key on record. Sign in on it again, online.",
    ),
    "signature_invalid": Words(
        0, "签名校验不通过：内容不是该设备所签。", "The signature does not verify: not this device's hand."
    ),
    "snapshot_mismatch": Words(
        0, "签字快照与记录不符。", "The signed snapshot does not agree with the records."
    ),
    "signature_incomplete": Words(
        0,
        "签字不完整：缺少应签的内容。",
        "The signature is not complete: something that it must hold is missing.",
    ),
    "verification_missing": Words(
        0, "最近一次纠正尚未通过验证。", "The newest correction has not passed a verification."
    ),
    "not_own_entry": Words(0, "只能以本人名义登记。", "An entry is made in one's own name only."),
    "unknown_correction": Words(0, "所验证的纠正不存在。", "The correction that is verified does not exist."),
    "corrector_verifies": Words(0, "不能验证自己所做的纠正。", "Nobody verifies a correction of his own."),
    "audience_not_allowed": Words(
        0, "此类记录不能只给这些人看。", "Records of this kind cannot be shown to just these people."
    ),
    "wrong_value": Words(0, "所定的值形式不正确。", "The value decided is not of the form of this field."),
}

CATALOGUE: dict[str, Words] = {**PARKED, **REQUESTS}


class Failure(Exception):
    """A request that cannot be served.

    ``code`` is one of ``REQUESTS``; ``detail`` any JSON value for whoever looks closer; ``headers`` go onto
    the answer (``Retry-After``).
    """

    def __init__(self, code: str, detail: Any = None, *, headers: Mapping[str, str] | None = None) -> None:
        words = REQUESTS[code]
        super().__init__(f"{code}: {words.english}")
        self.code, self.status, self.words = code, words.status, words
        self.detail, self.headers = detail, dict(headers or {})

    def problem(self) -> dict[str, Any]:
        """The body of the answer, of the shape of ``schemas.messages.problem.Problem``."""
        body: dict[str, Any] = {
            "code": self.code,
            "status": self.status,
            "message": self.words.chinese,
            "message_en": self.words.english,
        }
        if self.detail is None:
            return body
        # What a device must do stands where it looks first (`protocol.md` section 2: 403 `{wipe}`).
        told = isinstance(self.detail, dict) and "wipe" in self.detail
        outright = {"wipe": self.detail["wipe"]} if told else {}
        return {**body, "detail": self.detail, **outright}


class RefusedDecision(Failure):
    """A decision at the desk that cannot stand: 422, with the reason for which a commit would park."""

    def __init__(self, code: str, detail: Any = None) -> None:
        super().__init__("invalid", detail or None)
        known = CATALOGUE[code]
        self.code, self.words = code, Words(self.status, known.chinese, known.english)
