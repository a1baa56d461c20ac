function x() {
    a();
    b();
    d();
}
