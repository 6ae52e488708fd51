"""The buttons and labels that the tour presses, in both languages."""

from __future__ import annotations

WORDS = {
    "zh": {
        "evaluate": "评定",
        "save evaluation": "保存评定", "read": "本人已阅读以上内容", "digit": "数字", "known": "已核对",
        "finish": "完成签字", "why": "拒签的理由", "record refusal": "登记拒签",
        "correct": "登记纠正", "result": "纠正结果", "save correction": "保存纠正", "verify": "验证",
        "save verification": "保存验证", "locked": "已锁定",
        "new pin": "凭设定码重设密码", "code": "一次性设定码", "fresh": "新的签字密码", "again": "再输一次",
        "set": "设置", "closed": "已关闭", "taken": "服务器已接收", "got it": "知道了",
    },
    "en": {
        "evaluate": "Evaluate",
        "save evaluation": "Save the evaluation",
        "read": "I have read the above", "digit": "Digit", "known": "Identified", "finish": "Finish signing",
        "why": "Why it is refused", "record refusal": "Record the refusal",
        "correct": "Record a correction", "result": "What was done", "save correction": "Save the correction",
        "verify": "Verify", "save verification": "Save the verification",
        "locked": "is locked", "new pin": "Set a new PIN with a code", "code": "One-time code",
        "fresh": "New signing PIN", "again": "Once more", "set": "Set it",
        "closed": "closed", "taken": "taken it in", "got it": "Got it",
    },
}  # fmt: skip
