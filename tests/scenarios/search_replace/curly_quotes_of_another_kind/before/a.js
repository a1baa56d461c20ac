const a = "it is";
const b = 1;
run(b);
