class A:
    def f(self):
        a = 1
        return a + 1
x = 1
