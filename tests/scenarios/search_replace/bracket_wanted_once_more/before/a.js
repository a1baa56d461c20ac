function f(x) {
  if (x) {
    return x;
  }

f(1);
