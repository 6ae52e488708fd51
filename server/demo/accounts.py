"""The demo accounts: one table for the loader, for what ``serve`` prints, and for the README and its test."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "demo"
PIN = "000000"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Who signs in under ``username``. ``space``: where his person record lives; ``field``: does he walk
    rounds?"""

    username: str
    person: str
    space: str
    role: str
    role_en: str
    field: bool = False

    @property
    def device(self) -> str:
        """Name of the account's own device."""
        return f"{self.username} 平板" if self.field else f"{self.username} 电脑"


ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("t01", "林晓禾", "qyl", "客服前台班 班组长", "Lead of T01, front desk", True),
    DemoAccount("t02", "周予安", "qyl", "楼宇管家班 班组长", "Lead of T02, building stewards", True),
    DemoAccount("t03", "高立诚", "qyl", "秩序早班 班组长", "Lead of T03, security early", True),
    DemoAccount("t04", "马启航", "qyl", "秩序中班 班组长", "Lead of T04, security middle", True),
    DemoAccount("t05", "沈国栋", "qyl", "秩序夜班 班组长", "Lead of T05, security night", True),
    DemoAccount("t06", "赵明睿", "qyl", "监控消防班 班组长", "Lead of T06, control room and fire", True),
    DemoAccount("t07", "何桂兰", "qyl", "保洁一班 班组长", "Lead of T07, cleaning of buildings 1–6", True),
    DemoAccount("t08", "罗秀芬", "qyl", "保洁二班 班组长", "Lead of T08, cleaning of buildings 7–12", True),
    DemoAccount("t09", "唐志强", "qyl", "外围保洁班 班组长", "Lead of T09, outdoor cleaning", True),
    DemoAccount("t10", "吴青山", "qyl", "绿化班 班组长", "Lead of T10, greening", True),
    DemoAccount("t11", "孙建明", "qyl", "工程运行班 班组长", "Lead of T11, plant operation", True),
    DemoAccount("t12", "谢长林", "qyl", "工程维修班 班组长", "Lead of T12, repairs and fit-out patrol", True),
    DemoAccount("director", "韩静仪", "qyl", "项目物业管理中心主任", "Centre director"),
    DemoAccount("reviewer", "曾可", "hq", "品质专员、同步复核员", "Quality officer and sync reviewer"),
    DemoAccount("quality", "方若川", "hq", "品质管理部经理", "Quality manager"),
    DemoAccount("gm", "陆怀远", "qyl", "项目总经理", "Project general manager"),
    DemoAccount("leader", "秦越", "qyl", "项目分管物业领导", "Project property leader"),
    DemoAccount("cs", "许知微", "qyl", "客服部主管", "Customer service supervisor"),
    DemoAccount("security", "郑大勇", "qyl", "秩序维护部主管", "Security supervisor"),
    DemoAccount(
        "environment",
        "姚春燕",
        "qyl",
        "环境部主管、S03 分管责任人",
        "Environment supervisor, owner of S03",
        True,
    ),
    DemoAccount(
        "engineering",
        "邓启明",
        "qyl",
        "工程部经理、S01 分管责任人",
        "Engineering manager, owner of S01",
        True,
    ),
    DemoAccount("fire", "雷鸣岳", "qyl", "消防主管、S02 分管责任人", "Fire supervisor, owner of S02", True),
    DemoAccount(
        "statistician",
        "江一帆",
        "qyl",
        "周检统计专人、O01 指定责任人",
        "Weekly statistician, inspector of O01",
        True,
    ),
    DemoAccount("dispatcher", "冯佳音", "qyl", "控制中心调度", "Dispatcher"),
    DemoAccount("desk", "叶小舟", "qyl", "客户服务中心", "Service desk"),
    DemoAccount("officer", "顾南枝", "qyl", "业务主办", "Business officer"),
    DemoAccount("finance", "梁小满", "qyl", "财务组", "Finance clerk"),
    DemoAccount("branch", "沈亦涵", "hq", "东部分中心人员", "East branch"),
    DemoAccount("admin", "程嘉树", "hq", "系统管理员", "Administrator"),
    DemoAccount("x01", "江临川", "xqgy", "溪桥公寓 客服秩序班 班组长", "Lead of X01, second project", True),
    DemoAccount("x02", "苏晚晴", "xqgy", "溪桥公寓 保洁维修班 班组长", "Lead of X02, second project", True),
)

BY_PERSON = {(account.space, account.person): account for account in ACCOUNTS}
