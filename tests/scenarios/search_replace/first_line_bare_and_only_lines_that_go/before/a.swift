class A {
    func a() {
        b()
        return d
    }
}

class B {
    func e() {
        if f {
            if g {
                h()
            }
        }
    }
}
