impl A {
    fn a() {
        b()
    }
}

/// Old.
struct C;

impl C {
    fn d() {
        e()
    }
}
