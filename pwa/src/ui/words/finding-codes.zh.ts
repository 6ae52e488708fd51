/** Codes of an evaluation in words, the same on tablet and desk. */
export const attribution = {
  personal: "个人责任",
  team: "班组管理责任",
  department: "部门管理责任",
  system: "制度/标准缺陷",
  facility: "设施设备原因",
  supplier: "供方责任",
  owner_or_third: "业主或第三方",
  outside: "天气等外部原因",
};

export const disposition = {
  correct_now: "立即纠正",
  correct_by: "限期整改",
  redo: "返工/重新服务",
  isolate: "停用、隔离",
  inform_customer: "告知并致歉",
  return_replace: "退货、更换、索赔",
  concession: "让步接收",
};
