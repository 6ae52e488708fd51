"""Roles of `domain.md` section 2, as data."""

GRADES = ("staff", "mid_level", "senior")

# code: (中文, English)
ROLE_NAMES: dict[str, tuple[str, str]] = {
    "team_lead": ("班组长", "Team lead"),
    "subcontract_owner": ("分管责任人", "Subcontract owner"),
    "appointed_inspector": ("指定责任人", "Appointed inspector"),
    "deputy": ("代理人", "Deputy"),
    "supervisor": ("主管", "Supervisor"),
    "department_manager": ("部门经理", "Department manager"),
    "weekly_statistician": ("周检统计专人", "Weekly statistician"),
    "centre_director": ("项目物业管理中心主任", "Centre director"),
    "project_property_leader": ("项目分管物业领导", "Project property leader"),
    "project_general_manager": ("项目总经理", "Project general manager"),
    "branch_user": ("分中心人员", "Branch user"),
    "quality_staff": ("品质专员", "Quality staff"),
    "quality_manager": ("品质部经理", "Quality manager"),
    "sync_reviewer": ("同步复核员", "Sync reviewer"),
    "service_desk": ("客服中心", "Service desk"),
    "dispatcher": ("控制中心调度", "Dispatcher"),
    "business_officer": ("业务主办", "Business officer"),
    "finance_clerk": ("财务组", "Finance clerk"),
    "hr": ("人力资源", "Human resources"),
    "administrator": ("系统管理员", "Administrator"),
    "server": ("系统", "System"),
}
ROLES = tuple(ROLE_NAMES)

DAILY_INSPECTORS = ("team_lead", "subcontract_owner", "appointed_inspector", "deputy")
SUPERVISION = ("supervisor", "department_manager", "centre_director", "project_property_leader",
               "project_general_manager")  # fmt: skip
QUALITY = ("quality_staff", "quality_manager", "sync_reviewer")
# Roles that may open the back office.
OFFICE = (*SUPERVISION, *QUALITY, "branch_user", "administrator", "weekly_statistician")
