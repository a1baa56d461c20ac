function x() {
    foo(1);
    bar(3);
    baz();
}
