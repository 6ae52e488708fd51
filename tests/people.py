"""The cast of the tests, from the demo project: who leads what, and who may see what."""

from __future__ import annotations

from dataclasses import dataclass

from argon2 import PasswordHasher

PASSWORD = "demo"
# Of the kind that the server makes, but quick to check: what it costs there is proven by test_session.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
HEADQUARTERS, QINGYANLI, XIQIAO = "hq", "qyl", "xqgy"
EAST, WEST = "EAST", "WEST"


@dataclass(frozen=True)
class Role:
    """A role held in a space since 2020."""

    space: str
    role: str
    branch: str | None = None
    ends_on: str | None = None


@dataclass(frozen=True)
class Person:
    """Somebody with an account. ``id``: of the person record, which lives in ``home``."""

    number: int
    username: str
    name: str
    home: str
    roles: tuple[Role, ...] = ()

    @property
    def id(self) -> str:
        return f"01890000-0000-7000-8000-0000000{self.number:05}"

    @property
    def tablet(self) -> str:
        return f"01890000-0000-7000-9000-0000000{self.number:05}"


HE_GUILAN = Person(1, "t07", "何桂兰", QINGYANLI, (Role(QINGYANLI, "team_lead"),))
TANG_ZHIQIANG = Person(2, "t09", "唐志强", QINGYANLI, (Role(QINGYANLI, "team_lead"),))
YAO_CHUNYAN = Person(
    3,
    "environment",
    "姚春燕",
    QINGYANLI,
    (Role(QINGYANLI, "supervisor"), Role(QINGYANLI, "subcontract_owner")),
)
HAN_JINGYI = Person(4, "director", "韩静仪", QINGYANLI, (Role(QINGYANLI, "centre_director"),))
ZENG_KE = Person(
    5,
    "reviewer",
    "曾可",
    HEADQUARTERS,
    (Role(HEADQUARTERS, "quality_staff"), Role(HEADQUARTERS, "sync_reviewer")),
)
ADMIN = Person(6, "admin", "管理员", HEADQUARTERS, (Role(HEADQUARTERS, "administrator"),))
EAST_BRANCH = Person(7, "branch", "东部分中心", HEADQUARTERS, (Role(HEADQUARTERS, "branch_user", EAST),))
LEAD_AT_XIQIAO = Person(8, "x01", "溪桥班长", XIQIAO, (Role(XIQIAO, "team_lead"),))
FORMER_LEAD = Person(9, "former", "前班长", QINGYANLI, (Role(QINGYANLI, "team_lead", ends_on="2021-01-01"),))
HR = Person(10, "hr", "人力资源", HEADQUARTERS, (Role(HEADQUARTERS, "hr"),))
DESK = Person(11, "desk", "叶小舟", QINGYANLI, (Role(QINGYANLI, "service_desk"),))

CAST = (
    HE_GUILAN, TANG_ZHIQIANG, YAO_CHUNYAN, HAN_JINGYI, ZENG_KE, ADMIN, EAST_BRANCH, LEAD_AT_XIQIAO,
    FORMER_LEAD, HR, DESK,
)  # fmt: skip
SPACES = ((HEADQUARTERS, "headquarters", None), (QINGYANLI, "project", EAST), (XIQIAO, "project", WEST))
