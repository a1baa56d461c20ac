class A {
    final int X = 1;
}
