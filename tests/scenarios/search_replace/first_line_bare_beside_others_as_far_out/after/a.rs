impl A {
    fn a() {
        b()
    }
}

define! {
    /// New.
    struct C;
}

impl D {
    fn d() {}
}
