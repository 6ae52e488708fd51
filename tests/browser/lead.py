"""What a person does on the tablet, in the words of the screen; every step waits for what it leads to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

SOON = 20_000
# Items without a photo: nothing of a person is to be on a picture (photo rule N of the standard).
NO_PHOTO = ("GM-02", "GM-03", "GM-04", "GM-05")
WORDS = {
    "zh": {
        "username": "账号", "password": "密码", "sign in": "登录", "start": "开始检查|继续检查",
        "all conform": "全部符合", "fails": "不符合", "complete": "完成检查", "round": "回到巡岗",
        "all sent": "已全部上传|全部已上传", "take photo": "拍照", "close": "关闭", "other": "English",
    },
    "en": {
        "username": "User name", "password": "Password", "sign in": "Sign in",
        "start": "Start the check|Continue the check|Go on", "all conform": "All conform|The rest conform",
        "fails": "Fails", "complete": "Complete the check", "round": "Back to the round",
        "all sent": "All uploaded", "take photo": "Take photo", "close": "Close", "other": "中文",
    },
}  # fmt: skip


class Lead:
    """何桂兰, or any other daily inspector, at one page."""

    def __init__(self, page: Page, address: str, language: str = "zh") -> None:
        self.page, self.address, self.words = page, address, WORDS[language]

    def sign_in(self, username: str = "t07", password: str = "demo") -> None:
        self.page.goto(self.address)
        self.gives_name_and_password(username, password)

    def gives_name_and_password(self, username: str = "t07", password: str = "demo") -> None:
        self.page.get_by_label(self.words["username"]).fill(username)
        self.page.get_by_label(self.words["password"], exact=True).fill(password)
        self.page.get_by_role("button", name=self.words["sign in"], exact=True).click()

    def begins(self, username: str = "t07") -> None:
        """Signs in and waits for the round and for the service worker, so that it opens offline too."""
        self.sign_in(username)
        self.sees_the_round()
        self.page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=SOON)

    def sees_the_round(self) -> Locator:
        rows = self.page.locator('a.row[href*="/field/unit/"]')
        expect(rows.first).to_be_visible(timeout=60_000)
        return rows

    def open_unit(self, unit: str) -> None:
        """From the round, wherever in the list it stands."""
        self.page.locator(f'a.row[href$="/field/unit/{unit}"]').click()
        expect(self._begin()).to_be_visible(timeout=SOON)

    def start(self) -> None:
        self._begin().click()
        expect(self.page.locator("[data-item]").first).to_be_visible(timeout=SOON)

    def _begin(self) -> Locator:
        return self.page.get_by_role("link", name=re.compile(self.words["start"]))

    def all_conform(self) -> None:
        self.page.get_by_role("button", name=re.compile(self.words["all conform"])).click()

    def item(self, code: str) -> Locator:
        return self.page.locator(f'[data-item="{code}"]')

    def answer(self, code: str, result: str | None = None) -> Locator:
        wanted = re.compile(f"^\\s*{result or self.words['fails']}\\s*$")
        self.item(code).locator("label", has_text=wanted).click()
        return self.item(code)

    def fails(self, code: str, note: str, photos: Sequence[Path]) -> None:
        """Marks an item nonconform, with its note and photos, and waits until each photo is kept."""
        field = self.answer(code)
        field.get_by_role("textbox").first.fill(note)
        if photos:
            field.locator('input[type="file"]:not([capture])').set_input_files(list(photos))
            expect(field.locator("img")).to_have_count(len(photos), timeout=SOON)

    def complete(self) -> None:
        self.page.get_by_role("button", name=self.words["complete"]).click()
        self.page.wait_for_url("**/field/saved/**", timeout=SOON)
        expect(self.page.locator(".saved-word")).to_be_visible(timeout=SOON)

    def back_to_round(self) -> None:
        self.page.get_by_role("link", name=self.words["round"]).click()
        self.sees_the_round()

    def items(self) -> list[str]:
        return [str(one.get_attribute("data-item")) for one in self.page.locator("[data-item]").all()]

    def photo_item(self) -> str:
        """The first item of this check that takes photos; those of a post and of an area differ."""
        return next(code for code in self.items() if code not in NO_PHOTO)

    def checks(self, unit: str, note: str = "", photos: Sequence[Path] = ()) -> None:
        """A whole check from the round: all conform, or one item that fails with its note and photos."""
        self.open_unit(unit)
        self.start()
        if note:
            self.fails(self.photo_item(), note, photos)
        self.all_conform()
        self.complete()

    def everything_is_sent(self, *, within: float = 60_000) -> None:
        expect(self.page.get_by_text(re.compile(self.words["all sent"])).first).to_be_visible(timeout=within)
