const s = 1;
const t = s + 1;
