function x() {
    a();
    b()
        .then(z);
    d();
}
