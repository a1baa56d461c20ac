impl A {
    fn a() {
        b()
    }
}

define! {
    /// New.
    struct C;
}

define! {
    struct D;
}
