/** The states of a finding in words, the same on tablet and desk; apart, since the first screen needs them. */
export const state = {
  open: "未评定",
  evaluated: "已评定",
  acknowledged: "已签认",
  correcting: "整改中",
  corrected: "已纠正",
  verified: "已验证",
  closed: "已关闭",
  verification_failed: "验证未通过",
  conceded: "让步接收",
};
