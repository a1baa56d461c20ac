class A {
    static final int X = 1;
}
