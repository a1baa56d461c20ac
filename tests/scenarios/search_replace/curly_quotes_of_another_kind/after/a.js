const a = "it is";
const b = 'one';
run(b);
