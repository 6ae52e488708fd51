"""What ``python -m server.cli backup`` and ``restore`` say and do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from server.storage.blob_place import Blobs
from server.storage.database import Database
from server.upkeep.backup import make_backup
from server.upkeep.restore import declare_restored, restore_backup

Print = Callable[..., None]


def where(database: Database) -> str:
    """Which database it is, in words for whoever looks after it, without its password."""
    return database.dialect.where


def backup(
    database: Database, blobs: Blobs, data: Path, folder: Path, now: datetime, version: str, say: Print
) -> int:
    """0 once a backup is made; 1 if a photo of it is not what its name says.

    Raises:
        ValueError: as ``make_backup``.
    """
    made = make_backup(database, blobs, data, folder, now, version, say)
    for sha256 in made.spoilt:
        say(f"✗ 照片内容与指纹不符，未备份：{sha256}", f"✗ The photo is not what its name says: {sha256}")
    heads = ", ".join(f"{one.id} {one.head}" for one in made.spaces)
    say(
        f"备份完成：{made.place}（{heads}；照片 {made.photos} 张，新增 {made.copied} 张）",
        f"Backed up: {made.place} ({heads}; {made.photos} photos, {made.copied} of them new)",
    )
    return 1 if made.spoilt else 0


def restore(
    database: Database, blobs: Blobs, data: Path, place: Path, now: datetime, new_id: Callable[[], str],
    say: Print,
) -> int:  # fmt: skip
    """0 once the house is what it was at the time of the backup.

    Raises:
        ValueError: as ``restore_backup``.
    """
    done = restore_backup(database, blobs, data, place, now, new_id, say)
    if done.set_aside is not None:
        say(f"原数据库保留在 {done.set_aside}", f"The database of before lies at {done.set_aside}")
    say(
        f"已把 {done.made_at} 的备份恢复到 {where(database)}。"
        f"备份之后到达的照片已重新登记：{done.known_again} 张",
        f"Restored the backup of {done.made_at} into {where(database)}. "
        f"Later photos that are known again: {done.known_again}",
        "各平板下次同步时将重建本机数据，并补交备份之后的提交。",
        "At their next contact the tablets rebuild their copies and send again what came after the backup.",
    )
    return 0


def restored(
    database: Database, blobs: Blobs, data: Path, new_id: Callable[[], str], say: Print
) -> int:  # fmt: skip
    """0 once devices will rebuild and send again, after a restore by other means.

    Raises:
        ValueError: as ``declare_restored``.
    """
    known_again = declare_restored(database, blobs, data, new_id, say)
    say(
        f"{where(database)} 已登记为恢复后的数据库；重新登记照片 {known_again} 张。"
        "各平板将重建本机数据并补交。",
        f"Every space of {where(database)} has a new epoch; photos known again: {known_again}. "
        "Tablets rebuild and send again.",
    )
    return 0
