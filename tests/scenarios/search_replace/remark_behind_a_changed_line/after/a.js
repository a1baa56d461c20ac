function a(x) {
  if (x) {
    return 10; // changed
  }
  return 2;
}
