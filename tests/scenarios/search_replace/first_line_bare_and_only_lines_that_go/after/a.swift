class A {
    func a() {
        b()
        return d
    }
}
