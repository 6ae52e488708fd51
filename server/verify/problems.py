"""What a verification finds: a `Problem` for each thing that is wrong, and figures."""

from __future__ import annotations

from dataclasses import dataclass

ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; what does not apply stays empty. ``code``: a key of `words.SAYS`.

    ``people``: ids of person records. ``file``: below the data folder. ``detail``: what was found instead,
    in signs that need no translation.
    """

    code: str
    space: str = ""
    seq: int | None = None
    change: str = ""
    record: str = ""
    kind: str = ""
    field: str = ""
    people: tuple[str, ...] = ()
    file: str = ""
    detail: str = ""

    @property
    def wrong(self) -> bool:
        """What retention erased is said, and is not wrong."""
        return self.code != ERASED


@dataclass(slots=True)
class Figures:
    """What was looked at."""

    spaces: int = 0
    changes: int = 0
    erased: int = 0
    commits: int = 0
    records: int = 0
    signatures: int = 0
    photos: int = 0
    bytes: int = 0
    wrong: int = 0
