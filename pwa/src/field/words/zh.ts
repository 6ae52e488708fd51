import check from "./check.zh";
import device from "./device.zh";
import round from "./round.zh";

/** Words of the tablet, Chinese first. */
export default { field: { ...round, ...check, ...device } };
