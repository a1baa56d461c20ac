function x() {
    a();
    b();
    const q = w
        .map(z)
        .filter(k);
    d();
}
