import check from "./check.en";
import device from "./device.en";
import round from "./round.en";

/** Words of the tablet in English; the same keys as in Chinese. */
export default { field: { ...round, ...check, ...device } };
