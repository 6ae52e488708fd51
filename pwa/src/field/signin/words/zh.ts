/** Why somebody was signed out by the server. */
export default {
  farewell: {
    device: "这台平板已被停用",
    account: "账号 {username}（{name}）已被停用",
    stopped: "这台平板或账号 {username} 已被停用",
    lost: "这台平板已报失",
    no_role: "{name} 现在没有任何检查或后台职责",
    wiped: "{at} 已退出登录，{name} 的资料已从本机清除。",
    left: "{at} 已退出登录，检查资料已从本机清除。",
    handed: "清除之前已交给后台：{list}",
    handedNone: "清除之前没有待交的内容，此前的记录都已上传。",
    forfeited: "没来得及上传、已随之清除：{list}",
    commits: "{n} 条记录",
    photos: "{n} 张照片",
    drafts: "{n} 份没有做完的检查",
    draftsGone: "没有做完的检查 {n} 份，已随之清除。",
    draftsKept: "没有做完的检查 {n} 份，仍留在本机；恢复职责后登录，可以接着做。",
    todoTitle: "怎么办",
    todo: {
      device: "请换一台平板继续工作。要恢复这台平板，请找{admin}。",
      account: "其他同事仍可用自己的账号在这台平板登录。要恢复账号，请找{admin}。",
      stopped: "请找{admin}问明原因并恢复使用。",
      lost: "如果平板已经找到，请交给{admin}；由其恢复后才能登录。",
      no_role: "请找{admin}重新分配职责，然后再登录。",
    },
    waiting: "已交的内容没有丢，由{reviewer}决定接收还是作废，请告诉对方。",
  },
};
