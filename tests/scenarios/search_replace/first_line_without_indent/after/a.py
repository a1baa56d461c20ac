class A:
    def f(self):
        a = 2
        return a
